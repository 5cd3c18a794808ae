"""how long it takes from a click on play to the first frame, in Chromium: of a finished video, of one being made"""

import asyncio
from pathlib import Path
from statistics import median

from selenium.webdriver import ActionChains

from tests.browser.watching import OTHER_HOST, WatchingPage, watching_browser
from tests.watch_site import SiteThread, make_master

SECONDS, TIMES = 6, 9
SEE_FIRST_FRAME = """
    window.firstFrame = null;
    document.querySelector(".card-play").addEventListener("click", () => {
      const began = performance.now();
      const look = () => {
        const video = document.querySelector("video");
        if (video) video.requestVideoFrameCallback(() => { firstFrame = performance.now() - began; });
        else requestAnimationFrame(look);
      };
      look();
    }, { capture: true, once: true });
"""


async def measure(folder: Path) -> dict[str, float]:
    """Press play on a page that has just been opened, again and again."""
    return await asyncio.to_thread(_measure, folder)


def _measure(folder: Path) -> dict[str, float]:
    master = make_master(folder / "master.mp4", SECONDS, 1280, 720)
    figures = {}
    with SiteThread(folder / "data", hosts=OTHER_HOST) as thread, watching_browser() as driver:
        growing = thread.run(thread.site.begin_video(master))
        thread.run(growing.grow(2))
        finished = thread.run(thread.site.begin_video(master))
        thread.run(finished.grow(2))
        thread.run(finished.finish())
        page = WatchingPage(driver, thread.site.url)
        elsewhere = WatchingPage(driver, f"http://{OTHER_HOST}:{thread.site.port}")
        for words, where, task_id in (
            ("finished", page, finished.task_id),
            ("being made", page, growing.task_id),
            ("finished, decrypted by the page", elsewhere, finished.task_id),
        ):
            taken = [_first_frame(where, task_id) for _ in range(TIMES)]
            print(f"  {words:32} {median(taken):5.0f} ms median   {max(taken):5.0f} ms at worst (goal: 100)")
            figures |= {f"first frame, {words}, ms": median(taken)}
    return figures


def _first_frame(page: WatchingPage, task_id: str) -> float:
    """Milliseconds until the picture is there, on a page of its own, whose button a person has just found."""
    button = page.open(f"/#{task_id}").one(".card-play")
    ActionChains(page.driver).move_to_element(button).perform()
    page.script(SEE_FIRST_FRAME)
    page.click(".card-play")
    return float(page.until(lambda: page.script("return firstFrame"), "the first frame"))
