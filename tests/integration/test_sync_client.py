"""The blocking client: the same calls, from scripts, threads and notebooks, with nothing left behind."""

import asyncio
import inspect
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from leyline.client import client, sync
from leyline.client.remote import Refused, Unreachable
from leyline.client.sync import LeylineClient
from tests.live_server import LiveServer
from tests.pictures import photo

HAS_NO_TWIN = {"following"}  # grows on an event loop
CALLS = [
    name
    for name, member in inspect.getmembers(client.LeylineClient)
    if not name.startswith("_") and name not in HAS_NO_TWIN
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("sync") / "data") as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo())
    return path


@pytest.mark.parametrize("name", CALLS)
def test_each_call_has_its_blocking_twin_with_the_same_arguments_and_words(name: str) -> None:
    awaited, blocking = getattr(client.LeylineClient, name), getattr(sync.LeylineClient, name)
    if isinstance(awaited, property):
        awaited, blocking = awaited.fget, blocking.fget
    told, same = inspect.signature(awaited), inspect.signature(blocking)
    assert [(p.name, p.kind, p.annotation) for p in told.parameters.values()] == [
        (p.name, p.kind, p.annotation) for p in same.parameters.values()
    ]
    assert [repr(p.default) for p in told.parameters.values() if not callable(p.default)] == [
        repr(p.default) for p in same.parameters.values() if not callable(p.default)
    ]
    assert same.return_annotation == told.return_annotation or name == "follow"
    assert blocking.__doc__ and (name == "follow" or blocking.__doc__ == awaited.__doc__)


def test_a_picture_is_sent_and_followed_to_its_video(server: LiveServer, picture: Path) -> None:
    sent: list[int] = []
    with LeylineClient(server.url) as leyline:
        task = leyline.submit(picture, client_id="mine", patience_seconds=30, on_sent=lambda n, _: sent.append(n))
        *_, last = leyline.follow([task["task_id"]])
        assert (last["status"], last["client_id"], sent[-1]) == ("succeeded", "mine", picture.stat().st_size)
        assert leyline.status(task["task_id"])["video"]
        assert leyline.page_url(task["task_id"]) == f"{server.url}/#{task['task_id']}"
        again = leyline.retry(task["task_id"])
        *_, last = leyline.follow([again["task_id"]])
        assert leyline.trash(again["task_id"])["trashed_at"] and not leyline.restore(again["task_id"])["trashed_at"]
        leyline.delete(again["task_id"])
        with pytest.raises(Refused, match="no such task"):
            leyline.status(again["task_id"])
        assert leyline.queue()["paused"] is False and leyline.model()["name"] == "simulated"
        with pytest.raises(Refused):
            leyline.pause()


def test_it_works_where_a_loop_runs_already_as_in_a_notebook(server: LiveServer, picture: Path) -> None:
    async def cell() -> str:
        leyline = LeylineClient(server.url).open()
        task = leyline.submit(picture)
        status = [task["status"] for task in leyline.follow([task["task_id"]])][-1]
        leyline.close()
        return str(status)

    assert asyncio.run(cell()) == "succeeded"


def test_several_threads_may_use_one(server: LiveServer, picture: Path) -> None:
    with LeylineClient(server.url) as leyline, ThreadPoolExecutor(4) as threads:
        tasks = list(threads.map(lambda _: leyline.submit(picture), range(8)))
        ends = threads.map(lambda task: list(leyline.follow([task["task_id"]]))[-1]["status"], tasks)
        assert list(ends) == ["succeeded"] * 8


def test_a_loop_that_is_left_early_lets_go_and_the_client_goes_on(server: LiveServer, picture: Path) -> None:
    with LeylineClient(server.url) as leyline:
        task = leyline.submit(picture)
        for changed in leyline.follow([task["task_id"]]):
            assert changed["task_id"] == task["task_id"]
            break
        assert leyline.status(task["task_id"])
        left = leyline.follow([task["task_id"]])
        next(left)
    left.close()  # after its client: nothing to be done


def test_nothing_is_left_of_a_client_that_was_closed(server: LiveServer) -> None:
    before = threading.active_count()
    leyline = LeylineClient(server.url)
    with pytest.raises(RuntimeError, match="not open"):
        leyline.queue()
    for _ in range(2):
        assert leyline.open().open() is leyline
        leyline.queue()
        leyline.close()
        leyline.close()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not open"):
        leyline.queue()


def test_a_call_from_its_own_callback_is_refused_and_not_waited_for_for_ever(
    server: LiveServer, picture: Path
) -> None:
    said: list[str] = []
    with LeylineClient(server.url) as leyline:

        def ask(sent_bytes: int, total_bytes: int) -> None:
            try:
                leyline.queue()
            except RuntimeError as reason:
                said.append(str(reason))

        leyline.submit(picture, on_sent=ask)
    assert said and "afterwards" in said[0]


def test_what_another_thread_waits_for_is_given_up_when_it_is_closed(server: LiveServer, picture: Path) -> None:
    leyline = LeylineClient(server.url).open()
    followed = leyline.follow([32 * "0"])
    begun = threading.Event()

    def wait() -> BaseException | None:
        begun.set()
        try:
            return next(followed) and None
        except BaseException as reason:
            return reason

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait)
        begun.wait()
        leyline.close()
        assert isinstance(waiting.result(30), CancelledError | RuntimeError | Refused | StopIteration | None)


def test_an_error_is_the_same_as_of_the_client_that_is_awaited(tmp_path: Path) -> None:
    with LeylineClient("http://127.0.0.1:9") as leyline, pytest.raises(Unreachable):
        leyline.queue()


def test_a_script_that_forgets_to_close_it_ends_all_the_same(server: LiveServer) -> None:
    script = (
        f"from leyline.client.sync import LeylineClient as L; print(L({server.url!r}).open().queue()['paused'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
