"""The wall in a real Firefox: its rows, its search, what is selected and kept, and that a tile opens the video."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import picture_bytes
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.live_server import LiveServer

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which(FIREFOX) is None, reason="Firefox is not here; make long installs it"),
]

SHAPES = ((480, 360), (360, 480), (640, 360), (400, 400), (300, 480), (480, 320))
NAMES = ("Harbour", "Ridge", "café", "boat", "Tower", "lake")
CHOOSE = """
  const data = new DataTransfer();
  const bytes = (content) => Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
  for (const [name, content] of %s) data.items.add(new File([bytes(content)], name, { type: "image/jpeg" }));
  const input = document.getElementById("choose");
  input.files = data.files;
  input.dispatchEvent(new Event("change"));
"""
TILES = "[...document.querySelectorAll('.tile')].map((tile) => tile.querySelector('.tile-name').textContent)"
SELECTED = "document.querySelectorAll('.tile[data-selected]').length"
PRESS = """
  const [tile, options] = [document.querySelectorAll('.tile')[%d].querySelector('.tile-open'), %s];
  tile.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...options }));
"""
FULL_ROWS = """(() => {
  const { right: edge } = document.querySelector(".wall-tiles").getBoundingClientRect();
  const rows = new Map();
  for (const tile of document.querySelectorAll(".tile")) {
    const { top, right, height, width } = tile.getBoundingClientRect();
    rows.set(Math.round(top), [...(rows.get(Math.round(top)) ?? []), { right, height, width }]);
  }
  const all = [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  const even = (row) => row.every(({ height }) => Math.abs(height - row[0].height) < 1.5);
  return all.every(even) && all.slice(0, -1).every((row) => Math.abs(row.at(-1).right - edge) < 2);
})()"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    settings = {"model_seconds": 0.01, "clip_seconds": 0.5, "clip_height": 32, "codec": "libvpx-vp9"}
    with LiveServer(tmp_path / "data", **settings) as running:
        yield running


async def with_a_wall(browser: Firefox, url: str) -> None:
    """Six videos, made of pictures that this browser sends, as the wall."""
    files = [
        [f"{name}.jpg", base64.b64encode(picture_bytes(n, size=SHAPES[n])).decode()] for n, name in enumerate(NAMES)
    ]
    await browser.open(url)
    await browser.until("document.documentElement.dataset.connection === 'live'")
    await browser.script(CHOOSE % files)
    await browser.until("document.querySelectorAll('.card[data-state=succeeded]').length === 6")
    await browser.script("document.querySelector('[data-filter=videos]').click()")
    await browser.until("document.querySelectorAll('.tile').length === 6")


@pytest.mark.gen_test(timeout=180)
async def test_firefox_shows_the_wall_and_all_that_is_done_with_it(server: LiveServer) -> None:
    async with firefox() as browser:
        await with_a_wall(browser, server.url)
        await browser.until(FULL_ROWS)

        search = "const field = document.querySelector('.wall-search'); field.value = '%s'; "
        await browser.script(search % "CAFE" + "field.dispatchEvent(new Event('input'))")
        await browser.until(f"{TILES}.join() === 'café.jpg'")
        await browser.script(search % "" + "field.dispatchEvent(new Event('input'))")
        await browser.until("document.querySelectorAll('.tile').length === 6")

        await browser.script(PRESS % (0, "{ ctrlKey: true }"))
        await browser.script(PRESS % (3, "{ shiftKey: true }"))
        await browser.until(f"{SELECTED} === 4")
        await browser.script("document.querySelector('[data-does=pin]').click()")
        await browser.until("document.querySelectorAll('.tile[data-pinned]').length === 4")
        await browser.script("document.querySelector('[data-does=delete]').click()")
        await browser.until("document.querySelectorAll('.tile').length === 2")
        await browser.script("document.querySelector('.toast .undo').click()")
        await browser.until("document.querySelectorAll('.tile').length === 6")


@pytest.mark.gen_test(timeout=180)
async def test_in_firefox_a_tile_opens_its_video_which_plays(server: LiveServer) -> None:
    async with firefox() as browser:
        await with_a_wall(browser, server.url)
        await browser.script(PRESS % (1, "{}"))
        await browser.until("document.querySelector('dialog.theatre[open] video')?.readyState >= 2")
