"""One run of `leyline submit`: its pictures, each from its file to the end of its task.

What a person sees of it is left to `display`, the server's words to `client`. Pictures are sent one
after the other, so that they stand in line in the order that they were given. Danger: leaving (Ctrl-C)
takes nothing back; what was sent stays in line.
"""

import asyncio
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from leyline.client.client import LeylineClient
from leyline.client.following import ENDED
from leyline.client.remote import ClientError, Refused, Task
from leyline.formats import SUFFIXES

NOBODYS_FOLDERS = frozenset({"@eaDir", "__MACOSX"})  # of a NAS's and a Mac's own small copies
PATIENCE_SECONDS = 600  # for one picture that the server has no room for, or while it does not answer
TICK_SECONDS = 1.0


@dataclass(eq=False, slots=True)
class Picture:
    """A picture of this run. `phase` says where it is; `problem` is why something was not done for it.

    `own` is in a few words what is chosen for it and not for the others.
    """

    path: Path
    parameters: Mapping[str, Any] | None = None  # as they are sent
    own: str = ""
    sent: float | None = None  # 0 to 1 while it is on its way
    pause: str = ""  # why it is not on its way at the moment
    task: Task | None = None
    page_url: str | None = None
    link_url: str | None = None
    problem: str = ""
    problem_code: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)  # what is wrong with its parameters, by JSON pointer

    @property
    def phase(self) -> str:
        """unsent, sending, refused, or its task's status."""
        if self.task:
            return str(self.task.get("status", "queued"))
        if self.problem:
            return "refused"
        return "unsent" if self.sent is None else "sending"

    @property
    def addresses(self) -> list[str]:
        """Where its video is watched: by whoever has its link, and on its page."""
        return [url for url in (self.link_url, self.page_url) if url]

    @property
    def ended(self) -> bool:
        return self.phase in ENDED or self.phase == "refused"


class Display(Protocol):
    """Shows a submission to somebody."""

    def changed(self, picture: Picture) -> None: ...
    def tick(self) -> None: ...


class Submission:
    """Sends the pictures and, when it waits, follows them until all have ended.

    When it makes links, each video gets a viewing link as soon as it is ready.
    """

    def __init__(
        self, pictures: list[Picture], client: LeylineClient, *, waits: bool, makes_links: bool = False
    ) -> None:
        self.pictures = pictures
        self.waits = waits
        self._makes_links = makes_links
        self.problem = ""  # why the pictures could not be followed to their ends
        self._client = client
        self._following = client.following()
        self._by_task_id: dict[str, Picture] = {}

    @property
    def line(self) -> dict[str, Any]:
        """The line's public numbers, as far as they were heard."""
        return self._following.line

    @property
    def model(self) -> dict[str, Any]:
        """The state of the server's model, as far as it was heard."""
        return self._following.model

    @property
    def is_lost(self) -> bool:
        """The server does not answer at the moment."""
        return self._following.is_lost

    @property
    def succeeded(self) -> bool:
        """Every picture has become what was asked for: a video, or a task when nobody waits."""
        wanted = {"succeeded"} if self.waits else {"queued", "processing", "succeeded"}
        return not self.problem and all(
            picture.phase in wanted and not picture.problem for picture in self.pictures
        )

    def is_over(self, picture: Picture) -> bool:
        """Nothing more will be told of this picture."""
        return picture.ended or (picture.task is not None and not self.waits)

    async def run(self, display: Display) -> None:
        """Raises `ClientError` before anything is sent when this server cannot be used at all."""
        async with self._client:
            self._following.line = await self._client.queue()
            ticking = asyncio.create_task(_tick(display))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send_all(display))
                if self.waits:
                    group.create_task(self._follow(display))
            ticking.cancel()

    async def _send_all(self, display: Display) -> None:
        reason: ClientError | None = None
        for picture in self.pictures:
            if reason is None and not picture.problem:
                reason = await self._send(picture, display)
            elif not picture.problem:
                picture.problem = f"Not sent, because one before it could not be sent: {reason}"
            display.changed(picture)
        self._following.no_more()

    async def _send(self, picture: Picture, display: Display) -> ClientError | None:
        """Send one picture; the reason why none of the others would be accepted either, else None."""

        def on_sent(sent_bytes: int, total_bytes: int) -> None:
            picture.sent, picture.pause = sent_bytes / total_bytes, ""
            display.changed(picture)

        def on_pause(reason: ClientError, seconds: float) -> None:
            picture.pause = f"{reason} Trying again in {seconds:.0f} s."
            display.changed(picture)

        picture.sent = 0.0
        try:
            task = await self._client.submit(
                picture.path,
                parameters=picture.parameters,
                patience_seconds=PATIENCE_SECONDS,
                on_sent=on_sent,
                on_pause=on_pause,
            )
        except ClientError as reason:
            picture.problem, picture.problem_code = str(reason), "not_sent"
            if isinstance(reason, Refused):
                picture.problem_code, picture.errors = reason.code, reason.errors
                picture.problem = " ".join(reason.errors.values()) or picture.problem
            return reason if reason.may_pass or picture.problem_code == "token_needed" else None
        finally:
            picture.pause = ""
        picture.task, picture.page_url = task, self._client.page_url(task["task_id"])
        self._by_task_id[task["task_id"]] = picture
        self._following.add(task["task_id"])
        return None

    async def _follow(self, display: Display) -> None:
        try:
            async for task in self._following.tasks():
                picture = self._by_task_id[task["task_id"]]
                picture.task = {**(picture.task or {}), **task}
                if self._makes_links and picture.phase == "succeeded":
                    await self._link(picture, task["task_id"])
                display.changed(picture)
        except ClientError as reason:
            self.problem = f"The pictures could not be followed to their ends. {reason}"

    async def _link(self, picture: Picture, task_id: str) -> None:
        try:
            picture.link_url = (await self._client.link(task_id))["url"]
        except ClientError as reason:
            picture.problem, picture.problem_code = f"but without a viewing link: {reason}", "no_link"


async def _tick(display: Display) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        display.tick()


def pictures_in(paths: Iterable[Path]) -> list[Picture]:
    """A picture for each file, and for each file in a folder that looks like one by its name.

    A folder's pictures come in the order that people count in (2 before 10); folders in it are left out. A folder
    that cannot be read stands among them with its problem, and holds nothing up.
    """
    return [picture for given in paths for picture in _pictures(given)]


def left_out(paths: Iterable[Path], used: Container[Path] = ()) -> int:
    """How many files and folders in these folders are not sent nor used, apart from what nobody means to send."""
    return sum(
        not child.name.startswith(".")
        and child.name not in NOBODYS_FOLDERS
        and child not in used
        and not _is_picture(child)
        for given in paths
        if given.is_dir()
        for child in _entries(given)
    )


def _pictures(path: Path) -> Iterable[Picture]:
    if not path.is_dir():
        return [Picture(path)]
    if path.name in NOBODYS_FOLDERS:
        return []
    try:
        return [Picture(child) for child in sorted(path.iterdir(), key=_as_people_count) if _is_picture(child)]
    except OSError as error:
        return [Picture(path, problem=f"The folder cannot be read: {error.strerror}.", problem_code="not_sent")]


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # which is told in its picture's place
        return []


def _is_picture(child: Path) -> bool:
    """By its name; one that cannot be looked at is told of when it is sent."""
    if child.suffix.lower() not in SUFFIXES or child.name.startswith("."):
        return False
    try:
        return not child.is_dir()
    except OSError:
        return True


def _as_people_count(path: Path) -> list[tuple[int, str]]:
    return [(int(digits or 0), text) for digits, text in re.findall(r"([0-9]*)([^0-9]*)", path.name.lower())]
