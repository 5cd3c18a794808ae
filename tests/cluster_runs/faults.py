"""What goes wrong in a cluster, one function each: it strikes once, and returns when what it struck is back.

Who is struck at which moment comes from the run's seed. Danger: two faults at one worker at once would hide each
other, so each holds the lock of whom it strikes; the front door may die under all of them.
"""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from tests.cluster_runs.machines import OPERATOR, Front, Worker
from tests.live_server import GONE, eventually
from tests.processes import lives, send_signal

BUSY_SECONDS = 2.0
MOST_STRUCK = 2  # workers at a moment: somebody has to work, and a run that is lost ten times is one too many
MOST = {"front_killed": 3}  # times in one phase: workers need a while to come back, and nothing is done meanwhile


@dataclass
class Stage:
    """Whom the faults can strike, and what they have done so far."""

    front: Front
    workers: list[Worker]
    guest: Worker  # who joins and leaves all the time
    random: random.Random
    cut_seconds: float
    done: dict[str, int] = field(default_factory=dict)  # strikes, by name
    reloaded: int = 0  # models that were killed
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_STRUCK))

    async def pause(self, most_seconds: float) -> None:
        await asyncio.sleep(self.random.uniform(0, most_seconds))

    async def is_busy(self, worker: Worker) -> None:
        """Wait for it to be at work, for a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BUSY_SECONDS):
                while (await self.front.members()).get(worker.name, {}).get("state") != "busy":  # noqa: ASYNC110
                    await asyncio.sleep(0.01)

    @contextlib.asynccontextmanager
    async def victim(self) -> AsyncIterator[Worker]:
        """A worker to which nothing else happens meanwhile."""
        async with self.room:
            worker = self.random.choice([worker for worker in self.workers if not worker.lock.locked()])
            async with worker.lock:
                worker.strikes += 1
                yield worker


async def worker_killed(stage: Stage) -> None:
    async with stage.victim() as worker:
        await worker.kill()
        await stage.pause(1)
        worker.start()
        await worker.joined()


async def model_killed(stage: Stage) -> None:
    """While it is at work, where it can be caught at that."""
    async with stage.victim() as worker:
        await stage.is_busy(worker)
        await stage.pause(0.2)  # or its picture would never have reached it
        models = worker.model_pids()
        for pid in models:
            stage.reloaded += 1
            send_signal(pid, signal.SIGKILL)
        await eventually(lambda: not any(map(lives, models)), "the killed model is gone")
        await eventually(worker.model_pids, "there is another one in its place")
        await worker.joined()


async def front_killed(stage: Stage) -> None:
    """The models of the workers stay loaded: they are the same processes afterwards."""
    watched = [worker for worker in stage.workers if not worker.lock.locked() and worker.is_running]
    before = {worker: (worker.strikes, worker.model_pids()) for worker in watched}
    await stage.front.kill()
    await stage.pause(1)
    await stage.front.start()
    for worker, (strikes, models) in before.items():
        if await worker.joined_if_left_alone(strikes):
            assert worker.model_pids() == models, f"{worker.name} has loaded its model again"


async def frozen(stage: Stage) -> None:
    """Longer than its silence is borne with; with its model, or without."""
    async with stage.victim() as worker:
        struck = [worker.pid, *(worker.model_pids() if stage.random.random() < 0.5 else [])]
        for pid in struck:
            send_signal(pid, signal.SIGSTOP)
        try:
            await worker.given_up()
            await stage.pause(1)
        finally:
            for pid in struck:
                send_signal(pid, signal.SIGCONT)
        await worker.joined()


async def cut(stage: Stage) -> None:
    """The network between them, for longer than silence is borne with."""
    async with stage.victim() as worker:
        worker.machine.cut()
        try:
            await asyncio.sleep(stage.cut_seconds)
        finally:
            worker.machine.mend()
        await worker.joined()


async def come_and_gone(stage: Stage) -> None:
    """One more worker joins, and is told to end in the middle of its work."""
    async with (guest := stage.guest).lock:
        guest.start()
        await guest.joined()
        await stage.pause(1)
        await guest.stop()


async def drained(stage: Stage) -> None:
    """The operator has one finish what it has: it ends then, and somebody starts it again."""
    async with stage.victim() as worker:
        while worker.is_running:
            try:
                path = f"/api/workers/{worker.name}/drain"
                await stage.front.api().call("POST", path, headers=OPERATOR)  # 404 when it has gone
            except GONE:
                await stage.front.is_up.wait()
            await asyncio.sleep(0.2)
        assert await worker.ended() == 0, f"{worker.name} was not let go: {worker.log()[-2000:]}"
        worker.start()
        await worker.joined()


Fault = Callable[[Stage], Awaitable[None]]
FAULTS: dict[str, Fault] = {
    each.__name__: each for each in (worker_killed, model_killed, front_killed, frozen, cut, come_and_gone, drained)
}
