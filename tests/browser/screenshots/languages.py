"""Pictures of the page in each of its languages, in three states, wide and narrow: `make screenshots`.

Writes build/languages/*.webp, a sheet for each language. Leaves judging them to people who read it.
"""

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser import staged
from tests.browser.chromium import Page, chromium
from tests.browser.test_page_words_fit import LAID_OUT
from tests.live_server import LiveServer

OUT = Path("build/languages")
LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "tr", "uk", "ar", "hi", "ko", "ja", "zh-Hans")
DESK, PHONE = (1280, 900), (390, 900)
MINUTES, HOURS = 60, 3600


def failed(number: int, code: str) -> staged.Task:
    return staged.task(number, "failed", error={"code": code, "title": "No.", "detail": None})


def busy() -> list[staged.Task]:
    """One of each kind."""
    return [
        staged.running(9, 21),
        staged.waiting(10, 1, 40, 88 * MINUTES),
        staged.waiting(11, 12, 40, 3 * HOURS),
        staged.waiting(12, 13, 40, 0, eta=None, eta_reason="paused"),
        staged.task(5, "succeeded", views=2),
        failed(4, "model_out_of_memory"),
        staged.task(3, "canceled"),
        staged.task(2, "succeeded", video_url=None),
    ]


STATES = {"empty": list, "round": lambda: staged.round_of(40, 22), "busy": busy}


def sheet(server: LiveServer, language: str) -> Image.Image:
    """The three states side by side, wide above narrow."""
    with chromium(language) as driver:
        page = staged.stage(Page(driver, server.url))
        page.media(prefers_reduced_motion="reduce")
        page.script(LAID_OUT)
        shots = [[seen(page, size, tasks()) for tasks in STATES.values()] for size in (DESK, PHONE)]
    made = Image.new("RGB", (3 * DESK[0], DESK[1] + PHONE[1]), "#888")
    for row, (line, size) in enumerate(zip(shots, (DESK, PHONE), strict=True)):
        for column, shot in enumerate(line):
            made.paste(shot, (column * size[0] + column * 8, row * (DESK[1] + 8)))
    return made


def seen(page: Page, size: tuple[int, int], tasks: list[staged.Task]) -> Image.Image:
    page.resize(*size, touch=size == PHONE)
    staged.tell(page, tasks)
    staged.drawn(page)
    return Image.open(io.BytesIO(page.driver.get_screenshot_as_png())).convert("RGB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder) / "data") as server:
        for language in parser.parse_args().languages:
            path = OUT / f"{language}.webp"
            sheet(server, language).save(path, quality=82)
            print(path)


if __name__ == "__main__":
    main()
