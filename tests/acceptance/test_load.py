"""Many clients at once, in short: memory stays bounded, the loop stays free, and a full house turns people away.

The same at full size is `make load`.
"""

import sys
import time
from pathlib import Path

import pytest

from tests import crowd
from tests.acceptance.load import DEAF_KB, SOCKET_KB, UPLOADS_MB
from tests.crowd import Process, sockets, unlimited, until_only, upload_together
from tests.live_server import LiveServer
from tests.pictures import photo
from tests.raw import Connection, until

pytestmark = pytest.mark.long

IDLE_MB = 64  # of the web process, before the first view
FEW_DESCRIPTORS = 160


def test_an_idle_server_is_small_and_holds_no_decoder_nor_encoder(tmp_path: Path) -> None:
    with unlimited(tmp_path / "data") as server:
        with Connection(server.url) as connection:
            assert connection.request("GET", "/").answer().status == 200
        assert Process(server).peak_kb < IDLE_MB * 1024
        assert not {"PIL", "cv2", "av"} & Process(server).packages


@pytest.mark.gen_test(timeout=120)
async def test_two_hundred_uploads_at_once_are_all_accepted_and_cost_little_memory(tmp_path: Path) -> None:
    with unlimited(tmp_path / "data") as server:
        await upload_together(server, 1, photo())
        process = Process(server)
        before_kb = process.resident_kb
        assert await upload_together(server, 200, crowd.padded(1_000_000)) == {202: 200}
        assert await upload_together(server, 200, crowd.padded(200_000), seconds=3) == {202: 200}
        assert process.peak_kb - before_kb < UPLOADS_MB * 1024


@pytest.mark.gen_test(timeout=120)
async def test_idle_sockets_cost_little_and_leave_nothing_behind(tmp_path: Path) -> None:
    with unlimited(tmp_path / "data") as server:
        process = Process(server)
        async with sockets(server, 100):
            before_kb = process.resident_kb
            async with sockets(server, 1000) as opened:
                assert (process.resident_kb - before_kb) / 1000 < SOCKET_KB
                assert not any(listener.lost.done() for listener in opened)
                full_kb = process.resident_kb
            await until_only(server, 100, 30)
            async with sockets(server, 1000):
                assert process.resident_kb - full_kb < 3000, "the second thousand takes the place of the first"


@pytest.mark.gen_test(timeout=120)
async def test_sockets_that_read_nothing_are_dropped_and_cost_little_until_then(tmp_path: Path) -> None:
    server = unlimited(tmp_path / "data", model_seconds=60)
    server.command = (sys.executable, "-m", "tests.impatient", "serve")
    with server:
        process, task_id = Process(server), await crowd.upload(server)
        async with sockets(server, 20, task_id=task_id) as listening:
            before_kb = process.resident_kb
            async with sockets(server, 200, task_id=task_id, deaf=True):
                await until_only(server, 20, 60)
            assert not any(listener.lost.done() for listener in listening)
            assert all(listener.messages > 3 for listener in listening)
        assert (process.peak_kb - before_kb) / 200 < DEAF_KB


def test_a_full_house_turns_people_away_without_spinning(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data")
    limited = f'ulimit -n {FEW_DESCRIPTORS}; exec "$@"'
    server.command = ("sh", "-c", limited, "sh", *server.command)
    with server:
        inside = [Connection(server.url) for _ in range(FEW_DESCRIPTORS)]
        answers = [connection.request("GET", "/healthz").answer() for connection in inside]
        statuses = [answer.status for answer in answers]
        assert statuses[:20] == [200] * 20
        assert None in statuses, "who finds no place is sent away at once"
        held = statuses.count(200)
        assert held >= FEW_DESCRIPTORS // 4
        assert not all(spins(server) for _ in range(3)), "what it has to do besides is done soon"
        assert inside[0].request("GET", "/api/queue").answer().status == 200, "who is inside is served"
        for connection in inside:
            connection.close()
        until(lambda: is_served(server), "a place for the next one")


def is_served(server: LiveServer) -> bool:
    with Connection(server.url) as connection:
        return connection.request("GET", "/healthz").answer().status == 200


def spins(server: LiveServer) -> bool:
    """Whether the web process is busy although nobody asks for anything."""
    before = Process(server).cpu_seconds
    time.sleep(1)  # the time is what is measured here
    return Process(server).cpu_seconds - before > 0.3
