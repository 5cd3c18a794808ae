"""A second server stands by for the first one's data folder: real processes, one folder, one at a time."""

import asyncio
import os
import select
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.audit import Audit
from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

TAKES_OVER_WITHIN_SECONDS = 2.0
MACHINE = os.uname().nodename


class Standby(LiveServer):
    """`leyline serve --standby`, whose log is its own."""

    def __init__(self, data_dir: Path, name: str = "standby", **settings: object) -> None:
        super().__init__(data_dir, **settings)
        self.command = (*LiveServer.command, "--standby")
        self.log_path = data_dir.parent / f"{name}.log"

    async def stands_by(self) -> str:
        """What it says when it begins to wait."""
        return await asyncio.to_thread(self._next_line)

    async def serves(self) -> None:
        """Wait until it does."""
        self.said = await asyncio.to_thread(self._next_line)
        assert "http://" in self.said, self.log()
        self.url = self.said.split()[-1]

    def _next_line(self) -> str:
        assert self.process and self.process.stdout
        assert select.select([self.process.stdout], [], [], DEADLINE_SECONDS)[0], self.log()
        return self.process.stdout.readline()


@contextmanager
def standing_by(*servers: Standby) -> Iterator[None]:
    """Launched, and gone with the block."""
    with ExitStack() as stack:
        for server in servers:
            server.launch()
            stack.push(server.__exit__)
        yield


@pytest.mark.alone  # it measures how long that takes
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.gen_test(timeout=90)
async def test_a_standby_serves_with_everything_as_soon_as_the_first_one_has_ended(
    tmp_path: Path, end: signal.Signals
) -> None:
    with (
        LiveServer(tmp_path / "data", model_seconds=60) as first,
        standing_by(standby := Standby(tmp_path / "data", model_seconds=0.2)),
    ):
        api = await Api(first.url).open_page()
        accepted = [(await api.upload(photo(number)))[1]["task_id"] for number in range(3)]
        assert first.process
        said = await standby.stands_by()
        holder = f"process {first.process.pid}, serving localhost:{first.url.rpartition(':')[2]} on {MACHINE}"
        assert said == f"Leyline stands by: {tmp_path / 'data'} is in use by {holder}.\n"
        await eventually(
            (tmp_path / "data" / "tmp" / f"{accepted[0]}-1.preview.jpg").exists, "the first one's model is at work"
        )
        first.signal(end)
        await asyncio.to_thread(first.wait)
        ended_at = monotonic()
        await standby.serves()
        assert monotonic() - ended_at < TAKES_OVER_WITHIN_SECONDS
        api.url = standby.url  # with the cookie that the first one gave
        for task_id in accepted:
            done = await api.finished(task_id)
            assert (done["status"], done["attempt"]) == ("succeeded", 1)
        listed = (await api.call("GET", "/api/video/"))[1]
        assert {task["task_id"] for task in listed["tasks"]} == set(accepted), "whose they are is known"
        assert standby.log().count("event=standing_by") == standby.log().count("event=taking_over") == 1
        standby.stop()
    Audit(tmp_path / "data").rest()


@pytest.mark.gen_test(timeout=90)
async def test_of_two_that_stand_by_one_serves_and_the_other_stands_by_for_it(tmp_path: Path) -> None:
    one, other = (Standby(tmp_path / "data", name) for name in ("one", "other"))
    with LiveServer(tmp_path / "data") as first, standing_by(one, other):
        await asyncio.gather(one.stands_by(), other.stands_by())
        first.kill()
        serving = await eventually(
            lambda: [each for each in (one, other) if "event=taking_over" in each.log()], "one"
        )
        assert len(serving) == 1
        waiting = other if serving == [one] else one
        await serving[0].serves()
        assert (await Api(serving[0].url).upload(photo()))[0] == 202
        assert "event=taking_over" not in waiting.log()
        assert waiting.stop() == 0, "a standby ends when it is told to"
        assert (await Api(serving[0].url).upload(photo(2)))[0] == 202, "the one that serves goes on"


@pytest.mark.gen_test(timeout=60)
async def test_a_standby_serves_at_once_where_nobody_does(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as first:
        first.stop()
    with standing_by(standby := Standby(tmp_path / "data")):
        await standby.serves()
        assert "event=standing_by" not in standby.log()


def test_a_standby_never_begins_an_empty_installation(tmp_path: Path) -> None:
    standby = Standby(tmp_path / "data")
    standby.launch()
    assert standby.wait() == 1
    (sentence,) = standby.log().splitlines()
    assert sentence.startswith(f"There is no installation in {tmp_path / 'data'} to stand by for.")
    assert not (tmp_path / "data").exists()


@pytest.mark.gen_test(timeout=60)
async def test_a_standby_whose_disk_goes_away_ends_and_says_so(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data"), standing_by(standby := Standby(tmp_path / "data")):
        await standby.stands_by()
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        assert await asyncio.to_thread(standby.wait) == 1
        assert standby.log().splitlines()[-1].startswith("There is no installation in ")
        assert not (tmp_path / "data").exists()
        (tmp_path / "elsewhere").rename(tmp_path / "data")
