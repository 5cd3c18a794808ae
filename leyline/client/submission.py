"""One run of `leyline submit`: its pictures, each from its file to the end of its task.

What a person sees of it is left to `display`, the server's words to `client`, what earlier commands sent to
`batch`. Pictures are sent one after the other, so that they stand in line in the order that they were given.
Danger: leaving (Ctrl-C) takes nothing back; what was sent stays in line.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

from leyline.client.batch import REFUSED, Batch
from leyline.client.client import LeylineClient
from leyline.client.picture import Picture
from leyline.client.remote import ClientError, Refused, Task, Unreachable
from leyline.client.sharing import LinkTerms

PATIENCE_SECONDS = 600  # for one picture that cannot be sent, while the server names no time to come back
TICK_SECONDS = 1.0


class Display(Protocol):
    """Shows a submission to somebody."""

    def changed(self, picture: Picture) -> None: ...
    def all_sent(self) -> None: ...
    def warn(self, sentence: str) -> None: ...
    def linked(self, url: str, videos: int) -> None: ...
    def tick(self) -> None: ...


class Submission:
    """Sends the pictures and, when it waits, follows them until all have ended.

    With the `terms` of links, each video gets a viewing link as soon as it is ready, where it waits for it; and all
    together get one as soon as they were sent.
    """

    def __init__(
        self,
        pictures: list[Picture],
        client: LeylineClient,
        *,
        waits: bool,
        terms: LinkTerms | None = None,
        batch: Batch | None = None,
    ) -> None:
        self.pictures = pictures
        self.waits = waits
        self.batch = batch  # what earlier commands sent of it; without one all is sent
        self.is_stuck = False  # the server could not be reached, or took nothing, for too long
        self._terms = terms
        self.link_url = self.link_problem = ""  # the viewing link to all, and why there is none
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
        return (
            not self.problem
            and not self.link_problem
            and all(picture.phase in wanted and not picture.problem for picture in self.pictures)
        )

    def is_over(self, picture: Picture) -> bool:
        """Nothing more will be told of this picture."""
        return picture.ended or (picture.task is not None and not self.waits)

    @property
    def counts(self) -> Counter[str]:
        """How many were `done` earlier, were `in line` earlier, `ended` otherwise earlier, and are `sent` now."""
        return Counter(filter(None, map(_origin, self.pictures)))

    async def run(self, display: Display) -> None:
        """Raises `ClientError` or `ManifestError` before anything is sent when nothing can be sent at all."""
        async with self._client:
            self._following.line = line = await self._client.queue()
            with contextlib.closing(_Ticking(display)):
                if self.batch:
                    pause = self._on_pause_of(self.pictures[0], display)
                    known_as = line.get("installation")
                    server = known_as if isinstance(known_as, str) else ""
                    await self.batch.begin(self.pictures, self._client, server, PATIENCE_SECONDS, pause)
                    self.pictures[0].pause = ""
                    for sentence in self.batch.told:
                        display.warn(sentence)
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._send_all(display))
                    if self.waits:
                        group.create_task(self._follow(display))

    async def _send_all(self, display: Display) -> None:
        reason: ClientError | None = None
        for picture in self.pictures:
            if picture.task:
                await self._go_on(picture)
            elif reason is None and not picture.problem:
                reason = await self._send(picture, display)
            elif not picture.problem:
                picture.problem = f"Not sent, because one before it could not be sent: {reason}"
            display.changed(picture)
        self._following.no_more()
        display.all_sent()
        if self._terms is not None:
            await self._link_all(display, self._terms)

    async def _go_on(self, picture: Picture) -> None:
        """With a picture whose task an earlier command made."""
        assert picture.task
        task_id = picture.task["task_id"]
        self._know(picture, picture.task)
        if not picture.ended:
            self._following.add(task_id)
        elif self._terms is not None and picture.phase == "succeeded" and not picture.link_url:
            await self._link(picture, task_id)

    async def _send(self, picture: Picture, display: Display) -> ClientError | None:
        """Send one picture; the reason why none of the others would be accepted either, else None."""

        def on_sent(sent_bytes: int, total_bytes: int) -> None:
            picture.sent, picture.pause = sent_bytes / total_bytes, ""
            display.changed(picture)

        picture.sent = 0.0
        try:
            task = await self._taken(picture, on_sent, self._on_pause_of(picture, display))
        except ClientError as reason:
            return await self._refused(picture, reason)
        finally:
            picture.pause = ""
        self._know(picture, task)
        if self.batch:
            await self.batch.note(picture)
        self._following.add(task["task_id"])
        return None

    async def _taken(
        self, picture: Picture, on_sent: Callable[[int, int], None], on_pause: Callable[[ClientError, float], None]
    ) -> Task:
        """Its task. One that an earlier command sent, and whose answer was lost, has the receiver of then."""
        entry, seen = picture.entry, picture.fingerprint
        left = list(entry.webhook_urls) if entry else [None]
        while left:
            try:
                return await self._client.submit(
                    picture.path,
                    parameters=picture.parameters,
                    batch_id=self.batch.manifest.content.id if self.batch else None,
                    webhook_url=left.pop(),
                    idempotency_key=entry.key if entry else None,
                    patience_seconds=PATIENCE_SECONDS,
                    waits_as_asked=True,
                    seen=(seen.size, seen.mtime_ns) if seen else None,
                    on_sent=on_sent,
                    on_pause=on_pause,
                )
            except Refused as refused:
                if refused.code != "key_reused" or not left:
                    raise
        raise AssertionError("an entry has always been sent with something, if with no receiver")

    async def _refused(self, picture: Picture, reason: ClientError) -> ClientError | None:
        """It was not accepted; the reason where that is every picture's."""
        picture.problem, picture.problem_code = str(reason), "not_sent"
        if isinstance(reason, Refused):
            picture.problem_code, picture.errors = reason.code, reason.errors
            picture.problem = " ".join(reason.errors.values()) or picture.problem
        if reason.may_pass or isinstance(reason, Unreachable):
            self.is_stuck = True
            return reason
        if picture.problem_code in ("token_needed", "login_over", "bad_webhook"):
            return reason
        if self.batch and isinstance(reason, Refused):
            await self.batch.note(picture, state=REFUSED)
        return None

    def _know(self, picture: Picture, task: Task) -> None:
        picture.task, picture.page_url = task, self._client.page_url(task["task_id"])
        self._by_task_id[task["task_id"]] = picture

    def _on_pause_of(self, picture: Picture, display: Display) -> Callable[[ClientError, float], None]:
        def on_pause(reason: ClientError, seconds: float) -> None:
            picture.pause = f"{reason} Trying again in {seconds:.0f} s."
            display.changed(picture)

        return on_pause

    async def _follow(self, display: Display) -> None:
        try:
            async for task in self._following.tasks():
                picture = self._by_task_id[task["task_id"]]
                picture.task = {**(picture.task or {}), **task}
                if self._terms is not None and picture.phase == "succeeded":
                    await self._link(picture, task["task_id"])
                if self.batch and picture.ended:
                    await self.batch.note(picture)
                display.changed(picture)
        except ClientError as reason:
            self.problem = f"The pictures could not be followed to their ends. {reason}"

    async def _link_all(self, display: Display, terms: LinkTerms) -> None:
        """One link to all: the one that an earlier command made for the same, where there is one."""
        ids = [picture.task["task_id"] for picture in self.pictures if picture.task]
        if len(ids) < (2 if self.waits else 1):
            return
        self.link_url = (self.batch and self.batch.link_to(ids)) or ""
        if not self.link_url:
            try:
                self.link_url = str((await self._client.share(ids, **terms))["url"])
            except ClientError as reason:
                self.link_problem = f"There is no viewing link to all of them: {reason}"
                display.warn(self.link_problem)
                return
            if self.batch:
                await self.batch.note_link(ids, self.link_url)
        display.linked(self.link_url, len(ids))

    async def _link(self, picture: Picture, task_id: str) -> None:
        try:
            picture.link_url = (await self._client.link(task_id, **(self._terms or {})))["url"]
        except ClientError as reason:
            picture.problem, picture.problem_code = f"but without a viewing link: {reason}", "no_link"
        else:
            if self.batch and picture.is_earlier:
                await self.batch.note(picture)


class _Ticking:
    """Lets a display move each second, until it is closed."""

    def __init__(self, display: Display) -> None:
        self._task = asyncio.create_task(_tick(display))

    def close(self) -> None:
        self._task.cancel()


async def _tick(display: Display) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        display.tick()


def _origin(picture: Picture) -> str:
    if picture.task is None:
        return ""
    if not picture.is_earlier:
        return "sent"
    if picture.was_in_line:
        return "in line"
    return "done" if picture.phase == "succeeded" else "ended"
