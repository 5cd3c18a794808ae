"""Watching in a real browser, and every way to take the video along that a person would try."""

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from leyline.watching.master import Master
from leyline.watching.views import LIFE_SECONDS, View, base64url
from tests.browser.watching import OTHER_HOST, WatchingPage, watching_browser
from tests.live_server import Api
from tests.watch_site import KeyPair, SiteThread, frames, make_master, packets

pytestmark = pytest.mark.long

PIECE_BYTES = 24
PIECES = 200
FETCH = """
    const [address, headers] = arguments_;
    const answer = await fetch(address, { headers });
    return [answer.status, (await answer.json()).code];
"""


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", 6, 1280, 720)


@pytest.fixture
def page(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    return WatchingPage(browser, thread.site.url)


@pytest.fixture
def task_id(thread: SiteThread, master: Path) -> str:
    """A finished task with a thumbnail of its own."""
    task_id = thread.run(thread.site.add_video(master))
    thread.site.server.media.thumbnail(task_id).write_bytes(os.urandom(40_000))
    return task_id


def test_going_to_the_videos_address_shows_a_refusal(page: WatchingPage, task_id: str) -> None:
    page.play(task_id)
    page.driver.get(f"{page.url}/api/video/{task_id}/video")
    assert json.loads(page.text())["code"] == "watch_only"


def test_a_download_link_to_the_video_saves_nothing(page: WatchingPage, task_id: str, tmp_path: Path) -> None:
    page.play(task_id)
    page.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path), eventsEnabled=True)
    press = """
        const link = document.createElement("a");
        link.href = arguments[0];
        link.download = arguments[1];
        document.body.append(link);
        link.click();
    """
    page.script(press, f"/api/video/{task_id}/video", "video.mp4")
    page.script(press, page.video("src"), "blob.mp4")
    page.script(press, f"/api/video/{task_id}/thumbnail", "control.jpg")
    page.until(lambda: (tmp_path / "control.jpg").exists(), "the control to be saved")
    assert [path.name for path in tmp_path.iterdir()] == ["control.jpg"]


def test_the_copied_address_opens_nothing_with_cookies_or_without(
    page: WatchingPage, thread: SiteThread, task_id: str
) -> None:
    page.play(task_id)
    with_cookies, without = Api(page.url), Api(page.url)
    with_cookies.cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.driver.get_cookies())
    said = [
        thread.run(api.call("GET", f"/api/video/{task_id}/video"))[1]["code"] for api in (with_cookies, without)
    ]
    assert said == ["watch_only", "no_session"]


def copied_request(page: WatchingPage, task_id: str) -> dict[str, str]:
    """The headers of the stream's first request, as "Copy as cURL" has them."""
    asked: dict[str, Any] = {}  # the page's headers of each request for the stream
    sent: dict[str, Any] = {}  # those that went over the network, told before or after, of all requests

    def both() -> dict[str, str] | None:
        for event in page.network():
            parameters = event["params"]
            if (
                event["method"] == "Network.requestWillBeSent"
                and f"{task_id}/video" in parameters["request"]["url"]
            ):
                asked.setdefault(parameters["requestId"], parameters["request"]["headers"])
            if event["method"] == "Network.requestWillBeSentExtraInfo":
                sent.setdefault(parameters["requestId"], parameters["headers"])
        first = next(iter(asked), None)
        return asked[first] | sent[first] if first in sent else None

    headers = page.until(both, "the request for the stream, and what was sent for it")
    return {name: value for name, value in headers.items() if not name.startswith(":")}


def test_a_copied_request_works_as_long_as_its_view_and_gives_only_ciphertext(
    page: WatchingPage, thread: SiteThread, task_id: str
) -> None:
    page.network()
    page.play(task_id)
    headers = {name: value for name, value in copied_request(page, task_id).items() if name != "Range"}
    assert "X-Leyline-Ticket" in headers and "Cookie" in headers
    nobody = Api(page.url)
    address = f"/api/video/{task_id}/video"
    taken = thread.run(nobody.request("GET", address, headers=headers))
    assert taken.code == 200 and frames(io.BytesIO(taken.body)) == 0
    thread.site.clock.seconds += LIFE_SECONDS
    assert thread.run(nobody.call("GET", address, headers=headers))[1]["code"] == "ticket_refused"


def test_another_session_has_no_use_for_a_stolen_ticket(page: WatchingPage, task_id: str) -> None:
    page.network()
    page.play(task_id)
    ticket = copied_request(page, task_id)["X-Leyline-Ticket"]
    page.driver.delete_all_cookies()
    page.open()
    stolen = page.wait_for(FETCH, f"/api/video/{task_id}/video", {"X-Leyline-Ticket": ticket})
    assert stolen == [403, "ticket_refused"]
    assert ask_key(page, ticket)["code"] == "ticket_refused"


def test_a_second_asking_for_the_key_is_refused(page: WatchingPage, task_id: str) -> None:
    page.network()
    page.play(task_id)
    ticket = copied_request(page, task_id)["X-Leyline-Ticket"]
    assert ask_key(page, ticket)["code"] == "key_used"
    tampered = ticket[:-1] + ("0" if ticket[-1] != "0" else "1")
    assert page.wait_for(FETCH, f"/api/video/{task_id}/video", {"X-Leyline-Ticket": tampered})[0] == 403
    assert ask_key(page, tampered)["code"] == "ticket_refused"


def ask_key(page: WatchingPage, ticket: str) -> dict[str, Any]:
    """What a script of the same page hears when it asks for the key on a socket of its own."""
    answer: dict[str, Any] = page.wait_for(
        """
        const socket = new WebSocket(`ws://${location.host}/api/video/events`);
        return await new Promise((resolve) => {
          const [ticket, public_] = arguments_;
          const data = { ticket, public: public_ };
          socket.onopen = () => socket.send(JSON.stringify({ event: "view_key", data }));
          socket.onmessage = ({ data }) => {
            const message = JSON.parse(data);
            if (["view_key", "error"].includes(message.event)) resolve(message.data);
          };
        });
        """,
        ticket,
        base64url(KeyPair().public),
    )
    return answer


@pytest.mark.parametrize("host", ["localhost", OTHER_HOST])
def test_nothing_that_the_browser_received_is_a_video(
    browser: webdriver.Chrome, thread: SiteThread, task_id: str, master: Path, host: str
) -> None:
    page = WatchingPage(browser, f"http://{host}:{thread.site.port}")
    page.network()
    page.play(task_id)
    page.until(lambda: page.video("readyState") == 4 and page.video("buffered.end(0)") > 5.9, "all of the data")
    received: list[str] = []
    finished: set[str] = set()

    def all_received() -> bool:
        for event in page.network():
            method, told = event["method"], event["params"]
            if method == "Network.responseReceived" and f"{task_id}/video" in told["response"]["url"]:
                received.append(told["requestId"])
            if method == "Network.loadingFinished":
                finished.add(told["requestId"])
        return bool(received) and finished.issuperset(received)

    page.until(all_received, "the end of each answer")
    bodies = [page.body(request_id) for request_id in received]
    together = b"".join(bodies)
    assert len(bodies) > 1 and len(together) > 0.9 * master.stat().st_size
    assert frames(master) == 180
    for body in (*bodies, together):
        assert frames(io.BytesIO(body)) == 0
    clear = {data for _, _, data in packets(master)}
    assert not clear & {data for _, _, data in packets(io.BytesIO(together))}


@pytest.fixture
def keys(thread: SiteThread, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[View, bytes]]:
    """The views that are watched from now on, and their keys, by the tasks' ids."""
    found: dict[str, tuple[View, bytes]] = {}
    make = thread.site.views.key

    def key(view: View) -> bytes:
        found[view.task_id] = view, make(view)
        return found[view.task_id][1]

    monkeypatch.setattr(thread.site.views, "key", key)
    return found


@pytest.mark.parametrize("host", ["localhost", OTHER_HOST])
def test_no_message_that_the_developer_tools_show_holds_the_key(
    browser: webdriver.Chrome,
    thread: SiteThread,
    task_id: str,
    keys: dict[str, tuple[View, bytes]],
    host: str,
) -> None:
    page = WatchingPage(browser, f"http://{host}:{thread.site.port}")
    page.network()
    page.play(task_id)
    shown = json.dumps(page.network())
    view, key = keys[task_id]
    assert "webSocketFrameReceived" in shown and "webSocketFrameSent" in shown
    assert base64url(view.kid) in shown and "wrapped" in shown, "the answer is among what is shown"
    for written in (key.hex(), base64url(key), base64.b64encode(key).decode(), str(list(key))):
        assert written not in shown


def test_the_profile_folder_holds_no_piece_of_what_was_served(
    thread: SiteThread, task_id: str, master: Path, tmp_path: Path, keys: dict[str, tuple[View, bytes]]
) -> None:
    control = thread.site.server.media.thumbnail(task_id).read_bytes()
    with watching_browser(tmp_path / "profile") as driver:
        page = WatchingPage(driver, thread.site.url)
        page.play(task_id)
        page.until(lambda: page.video("buffered.end(0)") > 5.9, "all of the data")
        page.wait_for("return (await fetch(arguments_[0])).status", f"/api/video/{task_id}/thumbnail")
    view, key = keys[task_id]
    with Master(master) as opened:
        served, head = opened.read(0, opened.layout.size, key, view.kid), opened.layout.segments[0][1]
    found = finder(tmp_path / "profile")
    assert found(pieces(control, 0)), "the search finds what may be cached"
    assert not found(pieces(served, head))
    assert not found(pieces(master.read_bytes(), head))
    assert not found([key, key.hex().encode(), base64url(key).encode()])


def pieces(data: bytes, start: int) -> list[bytes]:
    """Short pieces from all over the data."""
    step = max(PIECE_BYTES, (len(data) - start) // PIECES)
    return [data[at : at + PIECE_BYTES] for at in range(start, len(data) - PIECE_BYTES, step)]


def finder(folder: Path) -> Callable[[list[bytes]], int]:
    """A function that counts how many of some pieces stand anywhere in the folder's files."""
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(map(len, contents)) > 100_000
    return lambda wanted: sum(any(piece in content for content in contents) for piece in wanted)
