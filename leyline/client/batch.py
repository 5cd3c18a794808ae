"""What of a batch is missing at a server: which picture is which by its content, and what became of it earlier.

How that is kept is left to `manifest`, sending to `submission`. The same command again finds the same pictures,
whatever their names and wherever it is started: the n-th of the same content is the n-th that was sent. Danger:
everything that will be sent is durable in the manifest before the first of it is.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from leyline.client.client import LeylineClient
from leyline.client.following import ENDED
from leyline.client.manifest import Entry, Manifest, Sent, now
from leyline.client.patience import patiently
from leyline.client.picture import Picture
from leyline.client.remote import ClientError, Refused, Task
from leyline.text import fit_to_show

ASKED_AT_ONCE = 8
MOST_DETAIL = 300  # characters of why a task failed
REFUSED = "refused"
GOES_ON = "An earlier command was interrupted: going on with it. --again once more makes others."


class NotConnected(ClientError):
    """What was sent for a person's page cannot be seen without it; sent again, it would become twins."""

    def __init__(self) -> None:
        super().__init__(
            "Some of these pictures were sent while this command was connected to a page, and it is not connected "
            "to that one now. leyline login connects it; --again sends all once more as it is."
        )


class Batch:
    """The pictures of one command, and its manifest. `begin` it before anything is sent."""

    def __init__(self, manifest: Manifest, *, repeats: bool = False, webhook_url: str | None = None) -> None:
        self.manifest = manifest
        self._webhook_url = webhook_url
        self.told: list[str] = []  # sentences for people about what was found
        self.lost = 0  # pictures whose tasks the server does not know any more
        self._repeats = repeats
        self._server = self._url = self._session = ""

    def recognise(self, pictures: list[Picture]) -> None:
        """Know each picture by its content, and plan those that are missing. Blocks on the disk.

        A file that cannot be read has that for its problem. Raises `ManifestError`.
        """
        known = [picture for picture in pictures if not picture.problem and self._read(picture)]
        earlier = {picture: entry for picture, nth in self._counted(known) if (entry := self._latest(picture, nth))}
        is_interrupted = any(not entry.sent for entry in earlier.values())
        if self._repeats and is_interrupted:
            self.told.append(GOES_ON)
        new: list[Entry] = []
        for picture, nth in self._counted(known):
            entry = earlier.get(picture)
            if entry is None or (self._repeats and not is_interrupted):
                entry = self._entry(picture, nth, entry.again + 1 if entry else 0)
                new.append(entry)
            elif not self._has_task(entry) and entry.webhook_urls[-1] != self._webhook_url:
                # No other picture by that. Where an answer was lost, its key may stand for an earlier one.
                others = [url for url in entry.webhook_urls if url != self._webhook_url]
                entry.webhook_urls = [*others, self._webhook_url]
                new.append(entry)
            picture.entry = entry
        self.manifest.plan(new)

    async def begin(
        self,
        pictures: list[Picture],
        client: LeylineClient,
        server: str,
        patience_seconds: float,
        on_pause: Callable[[ClientError, float], None],
    ) -> None:
        """Give each picture the task that an earlier command made of it at this server.

        Those that were under way are asked for; one that the server does not know any more is sent again. Raises
        `ClientError`, `ManifestError`.
        """
        self._server, self._url, self._session = server or client.url, client.url, client.session
        await asyncio.to_thread(self.recognise, pictures)
        asked = iter([picture for picture in pictures if self._is_remembered(picture)])

        async def ask() -> None:
            for picture in asked:
                await patiently(
                    lambda picture=picture: self._ask(picture, client),  # type: ignore[misc]
                    seconds=patience_seconds,
                    waits_as_asked=True,
                    on_pause=on_pause,
                )

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(ASKED_AT_ONCE):
                    group.create_task(ask())
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        if self.lost:
            what = "1 task: its picture is" if self.lost == 1 else f"{self.lost} tasks: their pictures are"
            self.told.append(f"The server knows nothing any more of {what} sent again.")

    async def note(self, picture: Picture, *, state: str | None = None) -> None:
        """Remember what became of the picture so far."""
        if picture.entry is None:
            return
        task = picture.task or {}
        error = task.get("error") or {}
        sent = Sent(
            self._server,
            self._url,
            state or str(task.get("status")),
            task.get("task_id"),
            fit_to_show(error.get("detail") or "", MOST_DETAIL),
            picture.link_url,
            now(),
            self._session,
        )
        await asyncio.to_thread(self.manifest.note, picture.entry, sent)

    def link_to(self, task_ids: list[str]) -> str | None:
        """The viewing link to all of these that an earlier command made at this server."""
        url = self.manifest.content.links.get((self._server, _digest(task_ids)))
        return url if url and url.startswith(f"{self._url}/") else None

    async def note_link(self, task_ids: list[str], url: str) -> None:
        """Remember the viewing link to all of these."""
        await asyncio.to_thread(self.manifest.note_link, self._server, _digest(task_ids), url)

    # Which is which

    def _read(self, picture: Picture) -> bool:
        try:
            picture.fingerprint = self.manifest.fingerprint(_place(picture.path))
        except OSError as error:
            picture.problem, picture.problem_code = f"The file cannot be read: {error.strerror}.", "not_sent"
            return False
        return True

    def _counted(self, pictures: list[Picture]) -> Iterator[tuple[Picture, int]]:
        """Each picture, and the how manyth of its content it is, from 1."""
        counts: Counter[str] = Counter()
        for picture in pictures:
            assert picture.fingerprint
            content = self.manifest.key(picture.fingerprint.sha256, picture.parameters, 0, 0)
            counts[content] += 1
            yield picture, counts[content]

    def _latest(self, picture: Picture, nth: int) -> Entry | None:
        assert picture.fingerprint
        return self.manifest.content.latest(picture.fingerprint.sha256, picture.parameters, nth)

    def _entry(self, picture: Picture, nth: int, again: int) -> Entry:
        seen = picture.fingerprint
        assert seen
        key = self.manifest.key(seen.sha256, picture.parameters, nth, again)
        path = str(_place(picture.path))
        content = seen.size, seen.mtime_ns, seen.sha256
        return Entry(key, path, *content, picture.parameters, nth, again, now(), [self._webhook_url])

    # What became of it earlier

    def _has_task(self, entry: Entry) -> bool:
        sent = entry.sent.get(self._server)
        return sent is not None and sent.task_id is not None

    def _is_remembered(self, picture: Picture) -> bool:
        """Whether the server is to be asked; one whose end is known is not, since it may have gone by its age."""
        entry = picture.entry
        sent = entry.sent.get(self._server) if entry else None
        if sent is None:
            stood_here = [other for other in entry.sent.values() if other.url == self._url] if entry else []
            self.lost += any(other.task_id for other in stood_here)  # another installation has taken its place
            return False
        if sent.task_id is None:
            return False
        if sent.state not in ENDED:
            return True
        error = {"code": None, "detail": sent.detail} if sent.detail else None
        self._give(picture, {"task_id": sent.task_id, "status": sent.state, "progress": None, "error": error}, sent)
        return False

    async def _ask(self, picture: Picture, client: LeylineClient) -> None:
        assert picture.entry
        sent = picture.entry.sent[self._server]
        assert sent.task_id
        try:
            task = await client.status(sent.task_id)
        except Refused as refused:
            if refused.status != 404 or refused.code != "not_found":
                raise
            if sent.session and sent.session != self._session:
                raise NotConnected from None
            self.lost += 1
            return
        self._give(picture, task, sent)
        if picture.ended:
            await self.note(picture)

    def _give(self, picture: Picture, task: Task, sent: Sent) -> None:
        picture.task, picture.is_earlier = task, True
        picture.was_in_line = not picture.ended
        if sent.link_url and sent.link_url.startswith(f"{self._url}/"):
            picture.link_url = sent.link_url


def _digest(task_ids: list[str]) -> str:
    return hashlib.sha256(" ".join(task_ids).encode()).hexdigest()


def _place(path: Path) -> Path:
    """Where it is, from wherever this is said."""
    return path.resolve()
