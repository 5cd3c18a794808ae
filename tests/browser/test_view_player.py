"""Watching in a real browser: it plays by EME, by the page's own decryption, and never as a clear file."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver import ActionChains

from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.watch_site import SiteThread, make_master, packets

pytestmark = pytest.mark.long

SECONDS = 6.0
FIRST_FRAME_MS = 250
MOST_TRIES = 20
BARE = "const v = document.querySelector('video');"


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", SECONDS, 1280, 720)


@pytest.fixture
def secure(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """The page on localhost, where browsers have EME."""
    return WatchingPage(browser, thread.site.url)


@pytest.fixture
def insecure(thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """The page on plain http under another name, where browsers have neither EME nor crypto.subtle."""
    return WatchingPage(browser, f"http://{OTHER_HOST}:{thread.site.port}")


@pytest.fixture(params=["secure", "insecure"])
def page(request: pytest.FixtureRequest) -> WatchingPage:
    found: WatchingPage = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def task_id(thread: SiteThread, master: Path) -> str:
    return thread.run(thread.site.add_video(master))


def test_the_two_origins_are_what_these_tests_take_them_for(secure: WatchingPage, insecure: WatchingPage) -> None:
    has = "return [isSecureContext, Boolean(navigator.requestMediaKeySystemAccess), Boolean(crypto.subtle)]"
    assert secure.open().script(has) == [True, True, True]
    assert insecure.open().script(has) == [False, False, False]


def test_a_video_plays_seeks_and_begins_again(page: WatchingPage, task_id: str) -> None:
    page.play(task_id)
    assert page.video("videoWidth") == 1280 and page.video("videoHeight") == 720
    assert SECONDS <= page.video("duration") < SECONDS + 0.05, "0:06, not 0:05"
    page.until(lambda: page.video("readyState") == 4, "all of the data")
    before = page.video("currentTime")
    page.until(lambda: page.video("currentTime") > before + 0.3, "time to advance")
    page.script(f"{BARE} v.currentTime = 4.5")
    page.until(lambda: page.video("currentTime") > 4.6 and page.video("readyState") >= 3, "playing from 4.5 s on")
    page.until(lambda: page.video("currentTime") < 3, "its beginning again")
    assert not page.video("paused") and not page.video("error")


IN_ORDER = """
  window.did = [];
  const { fetch: real } = window;
  window.fetch = async (url, ...rest) => {
    const answer = await real(url, ...rest);
    if (String(url).endsWith("/view")) did.push("view");
    return answer;
  };
  const access = navigator.requestMediaKeySystemAccess.bind(navigator);
  navigator.requestMediaKeySystemAccess = (system, asked) => {
    did.push(asked[0].videoCapabilities[0].contentType);
    return access(system, asked);
  };
"""

UNREACHED_ONCE = """
  window.tries = 0;
  const real = window.fetch;
  window.fetch = (url, ...rest) => {
    const isView = String(url).endsWith("/view");
    if (isView) tries += 1;
    return isView && tries === 1 ? Promise.reject(new TypeError("Failed to fetch")) : real(url, ...rest);
  };
"""


@pytest.mark.parametrize("last", ["the same", 'video/mp4; codecs="vp09.00.31.08"', "no type at all"])
def test_decrypting_begins_before_the_view_is_there_and_again_where_that_is_another(
    secure: WatchingPage, task_id: str, last: str
) -> None:
    secure.play(task_id)
    same = secure.script("return localStorage.getItem('leyline.codec')")
    assert same.startswith('video/mp4; codecs="avc1.')
    begun = same if last == "the same" else last
    secure.script("localStorage.setItem('leyline.codec', arguments[0])", begun)
    secure.open("/#")
    secure.open(f"/#{task_id}").script(IN_ORDER)
    secure.click(".card-play")
    secure.playing()
    assert secure.script("return did") == [begun, "view", *([] if begun == same else [same])]
    assert secure.video("mediaKeys !== null"), "what was begun serves it, and not the page"
    assert secure.script("return localStorage.getItem('leyline.codec')") == same


@pytest.mark.alone
def test_the_first_frame_is_there_soon_after_the_click(
    page: WatchingPage, thread: SiteThread, master: Path
) -> None:
    """The quickest of several tries: what it takes where the machine is not busy with other people's work."""
    times: list[float] = []
    while len(times) < 3 or (min(times) > FIRST_FRAME_MS and len(times) < MOST_TRIES):
        times.append(first_frame_ms(page, thread.run(thread.site.add_video(master))))
    assert min(times) <= FIRST_FRAME_MS, times


def first_frame_ms(page: WatchingPage, task_id: str) -> float:
    """From the click on the play button, which the pointer has just found, to the first frame on the screen."""
    button = page.open(f"/#{task_id}").one(".card-play")
    ActionChains(page.driver).move_to_element(button).perform()
    page.script("""
        window.firstFrame = new Promise((resolve) => addEventListener("click", ({ timeStamp }) => {
          const look = () => {
            const video = document.querySelector("video");
            if (!video) return requestAnimationFrame(look);
            video.requestVideoFrameCallback(() => resolve(performance.now() - timeStamp));
          };
          look();
        }, { capture: true, once: true }));
    """)
    page.click(".card-play")
    return float(page.wait_for("return await window.firstFrame"))


def test_the_source_is_a_blob_that_nobody_can_fetch(page: WatchingPage, task_id: str) -> None:
    page.play(task_id)
    assert page.video("src").startswith("blob:")
    assert "Failed to fetch" in page.wait_for(f"{BARE} return (await fetch(v.src)).status")
    assert page.video("querySelectorAll('source').length") == 0


def test_in_eme_no_script_sees_the_picture(secure: WatchingPage, task_id: str) -> None:
    secure.play(task_id)
    assert secure.video("mediaKeys !== null")
    said = secure.script(
        f"{BARE} try {{ v.captureStream(); return 'captured' }} catch (error) {{ return error.name }}"
    )
    assert said == "NotSupportedError"
    assert brightness(secure) == 0


def test_the_canvas_test_can_tell_a_picture_from_black(insecure: WatchingPage, task_id: str) -> None:
    insecure.play(task_id)
    assert brightness(insecure) > 0


def brightness(page: WatchingPage) -> int:
    """The sum of all colours of the playing video, drawn on a canvas."""
    return int(
        page.script(f"""
            {BARE}
            const canvas = document.createElement("canvas");
            [canvas.width, canvas.height] = [64, 36];
            const drawing = canvas.getContext("2d");
            drawing.drawImage(v, 0, 0, 64, 36);
            const {{ data }} = drawing.getImageData(0, 0, 64, 36);
            return data.reduce((sum, value, index) => (index % 4 === 3 ? sum : sum + value), 0);
        """)
    )


@pytest.mark.parametrize("cipher", ["subtleCtr", "vendoredCtr"])
def test_the_pages_own_decryption_is_the_master_packet_by_packet(
    secure: WatchingPage, insecure: WatchingPage, task_id: str, master: Path, cipher: str
) -> None:
    page = (secure if cipher == "subtleCtr" else insecure).open()
    clear = page.wait_for(
        """
        const [taskId, cipher] = arguments_;
        const { View } = await import("/static/watching/view.js");
        const { clearInit, clearSegment } = await import("/static/watching/cenc.js");
        const { newExchange } = await import("/static/watching/exchange.js");
        const { subtleCtr, vendoredCtr } = await import("/static/watching/by_page.js");
        const noble = await import("/static/vendor/noble.js");
        const { LiveSocket } = await import("/static/connection/socket.js");
        const socket = new LiveSocket(`ws://${location.host}/api/video/events`);
        socket.start();
        const view = await View.open(`/api/video/${taskId}/view`, new AbortController().signal);
        const key = await view.key(socket, await newExchange());
        const decrypts = cipher === "subtleCtr" ? await subtleCtr(key) : vendoredCtr(noble, key);
        const [init, first] = await view.head();
        const pieces = [clearInit(init), await clearSegment(first, decrypts)];
        for (let index = 1; index < view.starts.length; index++) {
          pieces.push(await clearSegment(await view.segment(index), decrypts));
        }
        const url = await new Promise((resolve) => {
          const reader = new FileReader();
          reader.onload = () => resolve(reader.result);
          reader.readAsDataURL(new Blob(pieces));
        });
        return url.slice(url.indexOf(",") + 1);
        """,
        task_id,
        cipher,
    )
    assert packets(io.BytesIO(base64.b64decode(clear))) == packets(master)


def test_several_videos_play_at_once(page: WatchingPage, thread: SiteThread, master: Path) -> None:
    page.open()
    page.wait_for(PLAYERS, [thread.run(thread.site.add_video(master)) for _ in range(3)])
    for number in range(3):
        page.playing(number)


PLAYERS = """
    const [taskIds] = arguments_;
    const { Player } = await import("/static/watching/player.js");
    const { LiveSocket } = await import("/static/connection/socket.js");
    const words = await (await import("/static/words/words.js")).wordsFor(["en"]);
    const socket = new LiveSocket(`ws://${location.host}/api/video/events`);
    socket.start();
    window.players = taskIds.map((taskId) => new Player({ taskId, socket, label: "Video", words }));
    for (const player of window.players) {
      player.element.querySelector("video").muted = true; // nobody has clicked: only silent videos may begin
      document.querySelector("main").append(player.element);
      player.element.querySelector("video").play();
    }
"""


def test_a_closed_player_lets_go_of_everything(secure: WatchingPage, task_id: str) -> None:
    secure.open()
    secure.errors()  # those of earlier pages
    secure.wait_for(PLAYERS, [task_id])
    secure.playing()
    left = secure.script("""
        const [player] = window.players;
        const video = player.element.querySelector("video");
        player.close();
        player.close();
        return [document.querySelectorAll("video").length, video.hasAttribute("src"), video.currentTime];
    """)
    assert left == [0, False, 0]
    assert not secure.errors()


def test_after_a_long_pause_the_player_goes_on_with_a_new_view(
    page: WatchingPage, thread: SiteThread, tmp_path: Path
) -> None:
    long = make_master(tmp_path / "long.mp4", 60)
    task_id = thread.run(thread.site.add_video(long))
    page.play(task_id)
    page.video("pause()")
    assert page.video("duration") == pytest.approx(60, abs=0.05)
    assert page.video("buffered.end(0)") < 50, "the rest is fetched when it is needed"
    thread.site.clock.seconds += 16 * 60
    page.script(f"{BARE} v.currentTime = 55; v.play()")
    page.until(lambda: page.video("currentTime") > 55.1, "playing from 55 s on")
    assert thread.run(thread.site.server.store.get(task_id)).views == 1, "within the hour it is still the same view"


def test_the_native_controls_are_there_for_hand_and_keyboard(secure: WatchingPage, task_id: str) -> None:
    secure.play(task_id)
    assert secure.video("controls") and secure.video("loop") and secure.video("playsInline")
    assert "nodownload" in secure.video("getAttribute('controlslist')")
    assert secure.video("getAttribute('aria-label')") == "photo.jpg"
    assert secure.script("return document.activeElement.tagName") == "VIDEO"
    secure.gesture(f"{BARE} v.requestFullscreen()")
    secure.until(lambda: secure.script("return document.fullscreenElement?.tagName") == "VIDEO", "full screen")
    secure.gesture("document.exitFullscreen()")


def before_the_page(page: WatchingPage, source: str) -> Any:
    """Run a script before the page's own; the answer is for `forget`."""
    return page.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)["identifier"]


def forget(page: WatchingPage, script: Any) -> None:
    page.cdp("Page.removeScriptToEvaluateOnNewDocument", identifier=script)


def test_managed_media_source_is_used_where_there_is_no_other(secure: WatchingPage, task_id: str) -> None:
    script = before_the_page(secure, "window.ManagedMediaSource = window.MediaSource; delete window.MediaSource;")
    try:
        secure.play(task_id)
        assert secure.script("return typeof MediaSource") == "undefined"
    finally:
        forget(secure, script)


def test_a_browser_that_cannot_is_told_so_and_gets_no_clear_file(secure: WatchingPage, task_id: str) -> None:
    script = before_the_page(secure, "delete window.MediaSource; delete window.ManagedMediaSource;")
    try:
        secure.open(f"/#{task_id}").click(".card-play")
        secure.says(".player-message", "cannot play protected videos")
        assert not secure.video("hasAttribute('src')")
    finally:
        forget(secure, script)


def test_a_browser_whose_eme_fails_decrypts_in_the_page(secure: WatchingPage, task_id: str) -> None:
    script = before_the_page(
        secure, "navigator.requestMediaKeySystemAccess = async () => { throw new Error('no'); };"
    )
    try:
        secure.play(task_id)
        assert secure.video("mediaKeys === null")
    finally:
        forget(secure, script)


def test_a_browser_without_x25519_plays_by_the_vendored_module(secure: WatchingPage, task_id: str) -> None:
    script = before_the_page(
        secure,
        """
        const { generateKey } = SubtleCrypto.prototype;
        SubtleCrypto.prototype.generateKey = async function (algorithm, ...rest) {
          if (algorithm === "X25519") throw new DOMException("Unrecognized name", "NotSupportedError");
          return generateKey.call(this, algorithm, ...rest);
        };
        """,
    )
    try:
        secure.play(task_id)
        assert secure.video("mediaKeys !== null")
        assert has_loaded(secure, "/vendor/noble.js")
    finally:
        forget(secure, script)


def test_the_vendored_module_is_loaded_only_where_it_is_needed(
    secure: WatchingPage, insecure: WatchingPage, task_id: str
) -> None:
    for page, needed in ((secure, False), (insecure, True)):
        page.play(task_id)
        assert has_loaded(page, "/vendor/noble.js") is needed


def has_loaded(page: WatchingPage, end: str) -> bool:
    """Whether the page has loaded something whose address ends like this."""
    names = page.script("return performance.getEntriesByType('resource').map(({ name }) => name)")
    return any(name.endswith(end) for name in names)


def test_where_keys_are_taken_off_the_video_ends_and_can_be_started_again(
    secure: WatchingPage, task_id: str
) -> None:
    """Chromium refuses it itself; what Firefox allows is played here on the page's own terms."""
    secure.play(task_id)
    secure.script(f"{BARE} Object.defineProperty(v, 'mediaKeys', {{ value: null, configurable: true }})")
    secure.says(".player-message", "The video stopped")
    assert secure.video("readyState") == 0 and secure.video("paused")
    secure.script(f"{BARE} delete v.mediaKeys; v.play()")
    secure.playing()


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteThread]:
    """A server that lets no page decrypt."""
    data = tmp_path_factory.mktemp("strict") / "data"
    with SiteThread(data, hosts=OTHER_HOST, watch_without_eme="no") as running:
        yield running


def test_where_the_operator_wants_eme_the_page_decrypts_nothing_and_says_so(
    strict: SiteThread, browser: webdriver.Chrome, master: Path
) -> None:
    task_id = strict.run(strict.site.add_video(master))
    page = WatchingPage(browser, f"http://{OTHER_HOST}:{strict.site.port}")
    page.open(f"/#{task_id}").click(".card-play")
    page.says(".player-message", "only where the browser itself decrypts them")
    assert page.video("readyState") == 0
    assert strict.run(strict.site.server.store.get(task_id)).views == 0, "nothing was spent"
    WatchingPage(browser, strict.site.url).play(task_id)


def test_where_no_view_could_be_had_at_first_the_browser_decrypts_all_the_same(
    strict: SiteThread, browser: webdriver.Chrome, master: Path
) -> None:
    task_id = strict.run(strict.site.add_video(master))
    page = WatchingPage(browser, strict.site.url)
    page.play(task_id)
    page.open("/#")
    page.open(f"/#{task_id}").script(UNREACHED_ONCE)
    page.click(".card-play")
    page.playing()
    assert page.script("return window.tries") == 2 and page.video("mediaKeys !== null")


def test_a_video_that_is_gone_is_said_to_be_gone(secure: WatchingPage, thread: SiteThread, task_id: str) -> None:
    secure.open(f"/#{task_id}").one(".card-play")
    task = thread.run(thread.site.server.store.get(task_id))
    thread.site.server.media.remove_run(task.video_key)
    secure.click(".card-play")
    secure.says(".player-message", "missing on the server")


def test_a_lost_key_costs_a_moment_and_no_video(secure: WatchingPage, thread: SiteThread, task_id: str) -> None:
    """The key was told and did not arrive. Asked again it is refused, so the player opens a new view."""
    script = before_the_page(
        secure,
        """
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
          send.call(this, text);
          if (!text.includes("view_key") || window.lost) return;
          const hear = this.onmessage;
          this.onmessage = (event) => {
            if (window.lost || !event.data.includes('"event":"view_key"')) return hear(event);
            window.lost = true;
            send.call(this, text);
          };
        };
        """,
    )
    try:
        secure.play(task_id)
        assert secure.script("return window.lost")
        assert thread.run(thread.site.server.store.get(task_id)).views == 1
    finally:
        forget(secure, script)
