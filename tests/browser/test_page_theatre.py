"""The theatre: a video that fills the window in its own shape, the next by a key, and the picture slid over it."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from selenium import webdriver

from model_proc.clip.clip import Clip
from tests.browser.chromium import Page
from tests.browser.test_page_access import assert_accessible
from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.live_server import Api
from tests.photographs import photograph
from tests.watch_site import SiteThread, make_master

pytestmark = pytest.mark.long

SIZES = {"wide": (640, 360), "tall": (272, 480), "square": (360, 360)}
PROMPT = "Evening light, a slow move into the bay"
BOX = """
  const { x, y, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
  return [x, y, width, height];
"""
OPEN = """
  const button = document.querySelector(arguments[0]);
  const card = button.closest(".card");
  if (!button.offsetWidth) card.querySelector(".card-more").click();
  button.scrollIntoView({ block: "center" });
"""
FOCUS = "return document.activeElement.getAttribute('data-action') ?? document.activeElement.localName"
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, " ": 32, "Escape": 27, "Tab": 9, "Home": 36, "End": 35}


class Cinema:
    """Somebody with a few finished videos, and the page open. The newest card is the first."""

    def __init__(self, thread: SiteThread, page: WatchingPage) -> None:
        self.thread, self.page = thread, page
        page.open()
        page.driver.delete_all_cookies()
        page.script("localStorage.clear()")
        page.open()
        name, value = next((each["name"], each["value"]) for each in page.driver.get_cookies() if each["httpOnly"])
        self.api = Api(thread.site.url)
        self.api.cookie = f"{name}={value}"
        self.ids: dict[str, str] = {}

    def add(self, name: str, master: Path, size: tuple[int, int], picture: np.ndarray, **known: object) -> None:
        """A finished video of this size of this picture (RGB)."""
        site = self.thread.site
        height, width = picture.shape[:2]
        owner = site.owner(self.api)
        task_id = self.thread.run(
            site.add_video(
                master, owner, size=size, image_name=f"{name}.jpg", image_width=width, image_height=height, **known
            )
        )
        jpeg = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
        self.thread.run(site.add_picture(task_id, jpeg))
        self.ids[name] = task_id

    def enter(self, name: str) -> None:
        """Open the theatre by the button of this card, and wait until it plays."""
        page = self.page.open()
        page.until(lambda: len(page.cards("succeeded")) == len(self.ids), "all cards")
        self.press_button(name)
        self.shows(name)

    def press_button(self, name: str) -> None:
        """Press it; where cards are rows, its row is opened first."""
        self.page.script(OPEN, self.button(name))
        self.page.click(self.button(name))

    def button(self, name: str) -> str:
        return f'[data-action="theatre"][aria-label="Theatre: {name}.jpg"]'

    def shows(self, name: str) -> None:
        """Wait until this video plays, and nothing else does."""
        page = self.page
        page.says(".theatre h2", f"{name}.jpg")
        page.playing()
        assert len(page.all("video")) == 1

    def press(self, key: str) -> None:
        press(self.page, key)

    def box(self, selector: str) -> list[float]:
        return [float(each) for each in self.page.script(BOX, selector)]

    def views(self) -> dict[str, int]:
        return {name: self.thread.run(self.api.status(task_id))["views"] for name, task_id in self.ids.items()}

    def closed(self) -> None:
        self.page.until(
            lambda: not self.page.all("dialog[open]") and not self.page.all("video"), "an empty theatre"
        )


def press(page: Page, key: str) -> None:
    text = {"text": key} if key == " " else {}
    for kind in ("keyDown", "keyUp"):
        page.cdp(
            "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=KEYS[key],
            **(text if kind == "keyDown" else {}),
        )  # fmt: skip


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("masters")
    return {name: make_master(folder / f"{name}.mp4", 2, *size) for name, size in SIZES.items()}


@pytest.fixture(params=["localhost", OTHER_HOST])
def page(request: pytest.FixtureRequest, thread: SiteThread, browser: webdriver.Chrome) -> Iterator[WatchingPage]:
    """Where browsers have EME, and on plain http where they have not."""
    found = WatchingPage(browser, f"http://{request.param}:{thread.site.port}")
    yield found
    complaints = [each for each in found.errors() if "Opener-Policy" not in each]  # which plain http cannot have
    found.restore()
    assert not complaints, complaints


@pytest.fixture
def cinema(thread: SiteThread, page: WatchingPage, masters: dict[str, Path]) -> Cinema:
    here = Cinema(thread, page)
    for number, (name, (width, height)) in enumerate(SIZES.items()):
        here.add(
            name,
            masters[name],
            (width, height),
            photograph(number, width, height),
            parameters=f'{{"prompt": "{PROMPT}"}}',
        )
    return here


only_with_eme = pytest.mark.parametrize("page", ["localhost"], indirect=True)


def test_it_opens_where_one_is_goes_on_by_arrows_and_closes_where_it_was_opened(cinema: Cinema) -> None:
    page = cinema.page
    page.resize(500, 700)
    cinema.enter("tall")
    scrolled = page.script("return scrollY")
    assert page.says(".theatre-count", "2 of 3") and page.says(".theatre-prompt", PROMPT)
    assert cinema.box("dialog.theatre")[:2] == [0, 0] and cinema.box("dialog.theatre")[3] == 700
    assert page.script(FOCUS) == "video"
    cinema.press("ArrowRight")
    cinema.shows("wide")
    cinema.press("ArrowRight")
    cinema.shows("square")  # behind the last comes the first
    cinema.press("ArrowLeft")
    cinema.shows("wide")
    page.click(".theatre-before")
    cinema.shows("tall")
    assert cinema.views() == {"wide": 1, "tall": 1, "square": 1}, "one view each, however often one comes by"
    page.cdp("Input.dispatchMouseEvent", type="mouseWheel", x=250, y=300, deltaX=0, deltaY=400)
    cinema.press("Escape")
    cinema.closed()
    assert page.script("return scrollY") == scrolled, "nothing behind it has moved"
    assert page.script(FOCUS) == "theatre"
    assert page.script("return document.activeElement.getAttribute('aria-label')") == "Theatre: tall.jpg"


@only_with_eme
def test_the_video_is_as_large_as_fits_in_its_own_shape(cinema: Cinema) -> None:
    page = cinema.page
    for width, height in ((1280, 800), (390, 844), (844, 390), (320, 640), (2560, 1300)):
        page.resize(width, height)
        for name, (wide, high) in SIZES.items():
            cinema.enter(name)
            page.until(lambda: page.video("videoWidth"), "a size")
            (_, _, w, h), (_, _, room_w, room_h) = cinema.box(".theatre video"), cinema.box(".theatre-stage")
            assert abs(w / h - wide / high) < 0.02 * wide / high, (name, width, w, h)
            assert abs(w - room_w) < 1 or abs(h - room_h) < 1, (name, width, w, h, room_w, room_h)
            assert room_h > 0.55 * height, "most of the window is the video's"
            assert page.script("return document.querySelector('.theatre').scrollWidth") <= width


@only_with_eme
def test_loop_and_speed_hold_for_the_next_video_and_space_pauses(cinema: Cinema) -> None:
    page = cinema.page
    cinema.enter("square")
    assert page.video("loop") is True
    loop = page.one('.theatre-tool[aria-pressed="true"]')
    assert loop.text == "Loop"
    loop.click()
    page.script(
        "const s = document.querySelector('.theatre select'); s.value = 2; s.dispatchEvent(new Event('change'))"
    )
    assert page.video("playbackRate") == 2
    speeds = page.script("return [...document.querySelectorAll('.theatre option')].map(({ text }) => text)")
    assert speeds == [f"{speed}×" for speed in ("0.25", "0.5", "0.75", "1", "1.25", "1.5", "2")]
    page.until(lambda: page.video("ended"), "its end, which stays")
    cinema.press("ArrowRight")
    cinema.shows("tall")
    assert page.video("playbackRate") == 2 and page.video("loop") is False
    page.script("const v = document.querySelector('video'); v.focus(); v.loop = true; v.play()")
    page.until(
        lambda: not page.video("paused") and not page.video("ended"), "a video that may have been at its end"
    )
    cinema.press(" ")
    page.until(lambda: page.video("paused"), "a pause")
    cinema.press(" ")
    page.until(lambda: not page.video("paused"), "no pause")
    page.driver.switch_to.active_element.send_keys("")
    page.script("document.querySelector('.theatre select').focus()")
    cinema.press("ArrowLeft")  # is the choice's own
    assert page.says(".theatre h2", "tall.jpg")
    page.click(".theatre-close")
    cinema.closed()
    cinema.enter("wide")
    assert page.video("loop") is False, "as it was left in this browser"
    page.one('.theatre-tool[aria-pressed="false"]').click()


@only_with_eme
def test_all_of_the_screen_is_the_theatres(cinema: Cinema) -> None:
    page = cinema.page
    cinema.enter("wide")
    page.one(".theatre-tools > button:last-child").click()
    page.until(
        lambda: page.script("return document.fullscreenElement?.className") == "theatre-room", "a full screen"
    )
    page.one('.theatre-tools > button:last-child[aria-pressed="true"]')
    cinema.press("ArrowRight")
    cinema.shows("square")
    page.one(".theatre-tools > button:last-child").click()
    page.until(lambda: not page.script("return document.fullscreenElement"), "the window again")
    assert page.all("dialog.theatre[open]")
    page.one(".theatre-tools > button:last-child").click()
    page.until(lambda: page.script("return document.fullscreenElement"), "a full screen again")
    page.script("document.querySelector('.theatre-close').click()")
    cinema.closed()
    page.until(lambda: not page.script("return document.fullscreenElement"), "the window, with the page in it")


@only_with_eme
def test_the_way_back_of_a_phone_closes_it_and_a_swipe_goes_on(cinema: Cinema) -> None:
    page = cinema.page
    page.resize(390, 844, touch=True)
    page.open()
    page.until(lambda: len(page.cards("succeeded")) == 3, "cards")
    cinema.press_button("square")
    cinema.shows("square")
    swipe(page, cinema.box(".theatre-stage"), -160)
    cinema.shows("tall")
    swipe(page, cinema.box(".theatre-stage"), 160)
    cinema.shows("square")
    swipe(page, cinema.box(".theatre-stage"), 12)
    assert page.says(".theatre h2", "square.jpg")
    page.script("history.back()")
    cinema.closed()
    assert page.all(".card") and page.script("return location.pathname") == "/"
    cinema.press_button("square")
    cinema.shows("square")
    page.click(".theatre-close")
    cinema.closed()
    page.until(lambda: not page.script("return history.state?.theatre"), "no step left over")


def swipe(page: WatchingPage, stage: list[float], across: float) -> None:
    x, y = stage[0] + stage[2] / 2, stage[1] + 30
    at = [{"x": x + share * across, "y": y} for share in (0, 0.5, 1)]
    page.cdp("Input.dispatchTouchEvent", type="touchStart", touchPoints=at[:1])
    for point in at[1:]:
        page.cdp("Input.dispatchTouchEvent", type="touchMove", touchPoints=[point])
    page.cdp("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])


@only_with_eme
def test_what_is_deleted_meanwhile_gives_way_to_the_next_and_the_last_to_the_page(cinema: Cinema) -> None:
    cinema.enter("square")
    for name, then in (("square", "tall"), ("tall", "wide")):
        cinema.thread.run(cinema.api.call("POST", f"/api/video/{cinema.ids[name]}/trash", body=""))
        cinema.shows(then)
    assert cinema.page.script("return document.querySelector('.theatre-count').textContent") == ""
    cinema.thread.run(cinema.api.call("POST", f"/api/video/{cinema.ids['wide']}/trash", body=""))
    cinema.closed()


@only_with_eme
def test_axe_finds_nothing_in_it(cinema: Cinema) -> None:
    page = cinema.page
    for width in (1280, 320):
        page.resize(width, 700)
        cinema.enter("wide")
        assert_accessible(page, f"theatre at {width} px")
        page.click(".theatre-tool")
        page.one(".compare-slider")
        assert_accessible(page, f"before and after at {width} px")


# Before and after


def test_the_picture_slides_over_the_first_frame_by_keys_and_pointer(cinema: Cinema) -> None:
    page = cinema.page
    cinema.enter("wide")
    views = cinema.views()
    page.click(".theatre-tool")
    page.until(lambda: page.video("paused && v.currentTime === 0 && v.readyState >= 2"), "the first frame")
    assert page.script("return document.activeElement.matches('.compare-slider')")
    assert split(cinema) == pytest.approx(0.5, abs=0.01)
    cinema.press("ArrowRight")
    assert split(cinema) == pytest.approx(0.51, abs=0.005)
    assert page.says(".theatre h2", "wide.jpg")
    cinema.press("End")
    assert split(cinema) == 1
    cinema.press("Home")
    assert split(cinema) == 0
    x, y, width, height = cinema.box(".compare")
    for kind, share in (("mousePressed", 0.01), ("mouseMoved", 0.3), ("mouseMoved", 0.7), ("mouseReleased", 0.7)):
        page.cdp("Input.dispatchMouseEvent", type=kind, x=x + share * width, y=y + height / 3, button="left",
                 buttons=1, clickCount=1)  # fmt: skip
    assert split(cinema) == pytest.approx(0.7, abs=0.02)
    assert cinema.box(".compare-picture") == pytest.approx(cinema.box(".theatre video"), abs=0.6)
    labels = [each.text for each in page.all(".compare-label")]
    assert labels == ["Picture", "Video"]
    page.click('.theatre-tool[aria-pressed="true"]')
    page.gone(".compare")
    page.until(lambda: not page.video("paused") and page.video("controls"), "the video goes on")
    assert cinema.views() == views, "and nothing of it was a view"


def split(cinema: Cinema) -> float:
    """How much of the picture is seen, 0 to 1."""
    told = cinema.page.script("return document.querySelector('.compare-slider').getAttribute('aria-valuetext')")
    part = float(cinema.page.script("return document.querySelector('.compare').style.getPropertyValue('--part')"))
    assert told == f"{round(100 * part)} %"
    return part


@only_with_eme
@pytest.mark.parametrize(("size", "made"), [((641, 361), None), ((1201, 803), (718, 480)), ((97, 131), None)])
def test_picture_and_video_lie_exactly_over_each_other(
    thread: SiteThread, page: WatchingPage, tmp_path: Path, size: tuple[int, int], made: tuple[int, int] | None
) -> None:
    """Whatever the sides are rounded to, and where an odd edge is cut off: no shift is better than none."""
    cinema = Cinema(thread, page)
    picture = photograph(5, *size)
    frame = picture if made is None else cv2.resize(picture, made, interpolation=cv2.INTER_AREA)
    video = (frame.shape[1] // 2 * 2, frame.shape[0] // 2 * 2)
    cinema.add("odd", still_video(tmp_path / "odd.mp4", frame), video, picture)
    page.resize(900, 760)
    cinema.enter("odd")
    page.click(".theatre-tool")
    page.until(lambda: page.video("paused && v.currentTime === 0 && v.readyState >= 2"), "the first frame")
    picture, video = both(page)
    assert shift(picture, video) == 0


def both(page: Page) -> list[np.ndarray]:
    """Picture and video as they are seen over each other, in grey and without what lies at the edge."""
    page.until(lambda: page.script("return document.querySelector('.compare-picture').complete"), "the picture")
    page.cdp("Emulation.setScrollbarsHidden", hidden=True)
    shots = []
    for key in ("End", "Home"):
        press(page, key)
        x, y, width, height = (round(each) for each in page.script(BOX, ".compare"))
        data = base64.b64decode(page.cdp("Page.captureScreenshot", format="png")["data"])
        whole = np.asarray(Image.open(io.BytesIO(data)).convert("L"), float)
        shots.append(whole[y + 60 : y + height - 20, x + 60 : x + width - 60])
    return shots


def shift(one: np.ndarray, other: np.ndarray) -> int:
    """By how many pixels, across and down, the one lies beside the other."""
    around = [(right, down) for right in range(-4, 5) for down in range(-4, 5)]
    return min((off(one, other, right, down), abs(right) + abs(down)) for right, down in around)[1]


def off(one: np.ndarray, other: np.ndarray, right: int, down: int) -> float:
    """How much they differ where the other is shifted by so many pixels."""
    inner = one[8:-8, 8:-8]
    height, width = other.shape
    return float(np.abs(inner - other[8 + down : height - 8 + down, 8 + right : width - 8 + right]).mean())


def still_video(path: Path, frame: np.ndarray) -> Path:
    """A video of this frame, as the model process makes it: an odd edge is cut off."""
    clip = Clip(path, path.with_suffix(".jpg"))
    for _ in range(30):
        clip.write(frame)
    clip.close()
    return path
