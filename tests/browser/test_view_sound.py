"""Watching a video with sound: both tracks play, by EME and by the page's own decryption, and can be silenced."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from tests.browser.watching import OTHER_HOST, WatchingPage
from tests.watch_site import SiteThread, make_master

pytestmark = pytest.mark.long

SECONDS = 6.0
VIDEO = "const v = document.querySelector('video');"
SOUNDS = {"aac": ("libx264", "aac"), "opus": ("libx264", "libopus"), "vp9 and aac": ("libvpx-vp9", "aac")}


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("masters")
    return {
        name: make_master(folder / f"{name}.mp4", SECONDS, codec=codec, sound=sound)
        for name, (codec, sound) in SOUNDS.items()
    }


@pytest.fixture(params=["secure", "insecure"])
def page(request: pytest.FixtureRequest, thread: SiteThread, browser: webdriver.Chrome) -> WatchingPage:
    """The page where the browser decrypts, and where the page does."""
    return WatchingPage(
        browser, thread.site.url if request.param == "secure" else f"http://{OTHER_HOST}:{thread.site.port}"
    )


def heard(page: WatchingPage) -> int:
    """How many bytes of sound the browser has decoded."""
    return int(page.video("webkitAudioDecodedByteCount"))


@pytest.mark.parametrize("kind", SOUNDS)
def test_picture_and_sound_play_seek_and_begin_again(
    page: WatchingPage, thread: SiteThread, masters: dict[str, Path], kind: str
) -> None:
    page.play(thread.run(thread.site.add_video(masters[kind])))
    assert page.video("mediaKeys != null") == page.script("return isSecureContext")
    assert not page.video("muted")
    assert SECONDS <= page.video("duration") < SECONDS + 0.1
    page.until(lambda: heard(page) > 0, "sound that is decoded")
    before = heard(page)
    page.script(f"{VIDEO} v.currentTime = 4.5")
    page.until(lambda: page.video("currentTime") > 4.6 and page.video("readyState") >= 3, "playing from 4.5 s on")
    page.until(lambda: heard(page) > before, "sound from there on")
    page.until(lambda: page.video("currentTime") < 3, "its beginning again")
    assert page.video("webkitVideoDecodedByteCount") > 0
    assert not page.video("paused") and not page.video("error")


def test_every_second_can_be_sought(page: WatchingPage, thread: SiteThread, masters: dict[str, Path]) -> None:
    """Nothing hangs where a segment's sound and its picture do not begin at the very same instant."""
    page.play(thread.run(thread.site.add_video(masters["aac"])))
    for second in (5, 1, 3, 4, 2, 0):
        page.script(f"{VIDEO} v.currentTime = {second}")
        page.until(
            lambda second=second: (
                not page.video("seeking") and second + 0.05 < page.video("currentTime") < second + 0.95
            ),
            f"playing from {second} s on",
        )


def test_what_is_heard_is_the_tone(thread: SiteThread, masters: dict[str, Path], browser: webdriver.Chrome) -> None:
    """Where the page decrypts, a script can listen, and so can a test: 440 Hz, not noise."""
    page = WatchingPage(browser, f"http://{OTHER_HOST}:{thread.site.port}")
    page.play(thread.run(thread.site.add_video(masters["aac"])))
    page.gesture(f"""{{
        {VIDEO}
        const context = new AudioContext();
        window.analyser = context.createAnalyser();
        analyser.fftSize = 8192;
        context.createMediaElementSource(v).connect(analyser);
        window.loudest = () => {{
          const levels = new Uint8Array(analyser.frequencyBinCount);
          analyser.getByteFrequencyData(levels);
          return levels.indexOf(Math.max(...levels)) * context.sampleRate / analyser.fftSize;
        }};
    }}""")
    page.until(lambda: 420 < page.script("return loudest()") < 460, "a tone of 440 Hz")


def test_silence_is_one_key_away_and_is_remembered(
    page: WatchingPage, thread: SiteThread, masters: dict[str, Path]
) -> None:
    task_id = thread.run(thread.site.add_video(masters["aac"]))
    page.play(task_id)
    page.one("video").send_keys("m")
    page.until(lambda: page.video("muted"), "silence")
    page.script(f"{VIDEO} v.volume = 0.5")
    page.play(task_id)
    assert (page.video("muted"), page.video("volume")) == (True, 0.5)
    page.one("video").send_keys(Keys.CONTROL + "m")
    page.one("video").send_keys("m")
    page.until(lambda: not page.video("muted"), "sound again")
