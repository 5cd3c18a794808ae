"""What the kernel is asked for, in which order, and what it costs when a call inside a commit fails or kills."""

import contextlib
import itertools
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.audit import Audit
from tests.live_server import GONE, Api, LiveServer, eventually
from tests.pictures import photo
from tests.tracing import Trace

pytestmark = pytest.mark.long

ON_DISK = "fsync,fdatasync,rename,renameat,renameat2,write,pwrite64"
TOLD = "sendto,sendmsg"

KEPT_BEFORE_202 = (
    r"write\(.*/tmp/\w+\.part",
    r"fsync\(.*/tmp/\w+\.part.* = 0",
    r"rename.*/pictures/{task_id}\.jpg.* = 0",
    r"fsync\(.*/tmp/\w+\.part.* = 0",
    r"rename.*/pictures/{task_id}\.thumbnail\.jpg.* = 0",
    r"fsync\(.*/pictures>.* = 0",
    r"pwrite64\(.*leyline\.db-wal",
    r"fdatasync\(.*leyline\.db-wal.* = 0",
    r"send.*HTTP/1.1 202",
)
KEPT_BEFORE_SUCCEEDED = (
    r"fsync\(.*/tmp/{task_id}-1\.part.* = 0",
    r"rename.*/videos/{task_id}-1\.mp4.* = 0",
    r"fsync\(.*/videos>.* = 0",
    r"pwrite64\(.*leyline\.db-wal",
    r"fdatasync\(.*leyline\.db-wal.* = 0",
    r'send.*\\"status\\":\\"succeeded\\"',
)


class TraceableServer(LiveServer):
    command = (sys.executable, "-m", "tests.traceable", "serve")


def in_order(calls: Iterable[str], expected: Iterable[str], task_id: str) -> str:
    """The first of the expected calls that does not come after those before it; "" when all do."""
    rest = iter(calls)
    for pattern in expected:
        if not any(re.match(pattern.replace("{task_id}", task_id), call) for call in rest):
            return pattern
    return ""


@pytest.mark.gen_test(timeout=90)
async def test_files_are_durable_before_their_row_and_the_row_before_the_answer(tmp_path: Path) -> None:
    with TraceableServer(tmp_path / "data") as server:
        api = await Api(server.url).open_page()
        socket = await api.socket()
        await socket.until("snapshot")
        assert server.process
        with Trace(server.process.pid, tmp_path / "strace", "-e", f"trace={ON_DISK},{TOLD}") as trace:
            _, task = await api.upload(photo())
            await socket.until("task_status", lambda data: data.get("status") == "succeeded")
        calls = trace.calls()
    assert in_order(calls, KEPT_BEFORE_202, task["task_id"]) == ""
    assert in_order(calls, KEPT_BEFORE_SUCCEEDED, task["task_id"]) == ""
    for told in (KEPT_BEFORE_202[-1], KEPT_BEFORE_SUCCEEDED[-1]):
        assert sum(bool(re.match(told, call)) for call in calls) == 1, "it was told once, and not before"


async def paused(server: LiveServer) -> None:
    """Nothing is claimed, so that the only commit is the upload's."""
    answer = await Api(server.url).request("POST", "/api/queue/pause", headers={"Authorization": "Bearer operator"})
    assert answer.code == 200


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
@pytest.mark.gen_test(timeout=120)
async def test_a_server_killed_inside_a_commit_has_lost_nothing_that_it_promised(tmp_path: Path, call: str) -> None:
    audit = Audit(tmp_path / "data")
    accepted: list[str] = []
    with TraceableServer(tmp_path / "data", operator_token="operator") as server:
        await paused(server)
        for number in itertools.count(1):
            assert server.process
            kill = ("-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={number}")
            with Trace(server.process.pid, tmp_path / "strace", *kill), contextlib.suppress(*GONE):
                accepted.append((await Api(server.url).upload(photo(number)))[1]["task_id"])
                break
            server.wait()
            assert set(accepted) <= {row["task_id"] for row in audit.promises()}
            server.start()
        server.stop()
    assert number > 2
    assert set(accepted) <= {row["task_id"] for row in audit.promises()}


FAILING = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO")]


@pytest.mark.parametrize(("call", "error"), FAILING)
@pytest.mark.gen_test(timeout=120)
async def test_a_commit_that_fails_anywhere_is_a_refusal_and_the_next_one_works(
    tmp_path: Path, call: str, error: str
) -> None:
    with TraceableServer(tmp_path / "data", operator_token="operator") as server:
        await paused(server)
        api = Api(server.url)
        assert server.process
        codes = []
        for number in itertools.count(1):
            fail = ("-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}")
            with Trace(server.process.pid, tmp_path / "strace", *fail):
                answer = await api.send(photo(number))
            if answer.code == 202:
                break
            assert answer.code == 507
            assert int(answer.headers["Retry-After"]) >= 1
            assert (await api.upload(photo(number + 1000)))[0] == 202
            codes.append(answer.code)
        assert len(codes) >= 1
        await eventually(lambda: not list((tmp_path / "data" / "tmp").iterdir()), "nothing of the refused is left")
        server.stop()
    rows = Audit(tmp_path / "data").promises()
    assert len(rows) == len(codes) + 1
