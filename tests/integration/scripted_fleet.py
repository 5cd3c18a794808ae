"""A fleet on a real database and a real disk, whose model processes say what a test tells them to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from leyline.line.canceling import Canceling
from leyline.line.events import Events
from leyline.line.fleet import Fleet
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.store import TaskStore
from leyline.line.tasks import Task, TaskStatus
from leyline.media import Media
from leyline.processes import protocol
from leyline.processes.states import ChildState
from tests.integration.store_contract import new_task
from tests.live_server import eventually


class ScriptedProcess:
    """Says of each task what the test tells it to."""

    def __init__(self, name: str = "scripted") -> None:
        self.name, self.machine = name, "here"
        self.state, self.detail = ChildState.READY, ""
        self.spawned, self.pid = 1, None
        self.is_stopped = False
        self.starts: asyncio.Queue[protocol.Start] = asyncio.Queue()
        self.current: protocol.Start | None = None
        self.printed: dict[tuple[str, int], list[str]] = {}
        self.canceled: list[tuple[str, int]] = []
        self._outcome: asyncio.Future[Any]

    on_state: Callable[[], None] = staticmethod(lambda: None)

    @property
    def idle(self) -> bool:
        return self.state is ChildState.READY

    async def ready(self) -> None:
        while not self.idle:  # noqa: ASYNC110 - a scripted one says nothing of it
            await asyncio.sleep(0.001)

    async def run(self, start: protocol.Start, heard: Callable[[Any], None]) -> Any:
        assert self.idle, "it was given a run while it was not idle"
        self.heard, self.current = heard, start
        self._outcome = asyncio.get_running_loop().create_future()
        self.becomes(ChildState.BUSY)
        self.starts.put_nowait(start)
        try:
            return await self._outcome
        finally:
            self.current = None
            if self.state is ChildState.BUSY:
                self.becomes(ChildState.READY)

    def cancel(self, task_id: str, run: int) -> None:
        if self.current and (self.current.task_id, self.current.run) == (task_id, run):
            self.canceled.append((task_id, run))

    def last_lines(self, task_id: str, run: int) -> list[str]:
        return self.printed.get((task_id, run), [])

    async def stop(self) -> None:
        self.is_stopped = True

    # What a test says

    def becomes(self, state: ChildState) -> None:
        self.state = state
        self.on_state()

    async def started(self) -> protocol.Start:
        return await asyncio.wait_for(self.starts.get(), 30)

    def progress(self, progress: float | None, stage: str = "generating") -> None:
        self.heard(protocol.Progress(self.current.task_id, self.current.run, progress, stage))

    def ends(self, outcome: Any) -> None:
        self._outcome.set_result(outcome)

    def breaks(self, error: Exception) -> None:
        self._outcome.set_exception(error)

    async def finishes(self) -> None:
        """The video is written, and it says so."""
        assert self.current
        await asyncio.to_thread(Path(self.current.video_path).write_bytes, b"video")
        self.ends(protocol.Done(self.current.task_id, self.current.run, 16, 16, 1.0))

    def fails(self, code: str, detail: str = "because") -> None:
        assert self.current
        self.ends(protocol.Failed(self.current.task_id, self.current.run, code, detail))


class Works:
    """A fleet with everything that it works with; `process` is the first of its `processes`."""

    def __init__(self, folder: Path, number: int = 1) -> None:
        self.store = TaskStore(folder / "leyline.db")
        self.media = Media(folder)
        self.events = Events()
        self.moves = Moves(self.store.database, self.events, keep_seconds=60)
        self.retention = Retention(self.store, self.moves, self.media, keep_days=7, keep_gb=0, reserve_mb=0)
        self.known = KnownSchema(self.store.database, "scripted", {})
        self.fleet = Fleet(
            self.store,
            self.moves,
            self.events,
            self.media,
            self.retention,
            self.known,
            max_attempts=3,
        )
        self.processes = [self.joined(f"scripted {n}") for n in range(1, number + 1)]
        self.process = self.processes[0] if self.processes else None
        self.canceling = Canceling(self.store, self.moves, self.fleet)
        self.news = self.events.subscribe("owner")

    def joined(self, name: str) -> ScriptedProcess:
        """One more of them."""
        process = ScriptedProcess(name)
        process.on_state = lambda: self.fleet.changed(name)
        self.fleet.join(process)
        return process

    async def queued(self, *numbers: int, parameters: Mapping[int, str] | None = None) -> list[Task]:
        new = [new_task(number, parameters=(parameters or {}).get(number)) for number in numbers]
        for task in new:
            for path in (self.media.picture(task.task_id), self.media.thumbnail(task.task_id)):
                await asyncio.to_thread(path.write_bytes, b"picture")
        return [await self.moves.enter(task) for task in new]

    async def told(self, task: Task, status: TaskStatus) -> Task:
        """The task once it was told that it has this status."""
        async with asyncio.timeout(30):
            while True:
                changes = await self.news.changes()
                now = await self.store.get(task.task_id)
                if task.task_id in changes.tasks and now.status is status:
                    return now

    def videos(self) -> list[str]:
        return sorted(path.stem for path in (self.media.root / "videos").iterdir())

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in (self.media.root / "tmp").iterdir())

    async def tidied(self, videos: int) -> None:
        """Files go after the news: wait until nothing but so many videos is left."""
        await eventually(lambda: (len(self.videos()), self.leftovers()) == (videos, []), "the run's files are gone")


@asynccontextmanager
async def works(folder: Path, number: int = 1) -> AsyncIterator[Works]:
    built = Works(folder, number)
    await built.fleet.recover()
    built.fleet.start()
    try:
        yield built
    finally:
        await built.fleet.stop()
        built.store.close()
