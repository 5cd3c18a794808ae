"""What a worker is made of, without a front door: how long it waits, what it says of it, how small previews are."""

import asyncio
import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from leyline.cluster import stills, worker
from leyline.cluster.messages import Still
from leyline.cluster.stills import MAX_STILL_BYTES, Stills
from leyline.cluster.worker import Pauses
from leyline.processes.protocol import Preview

TASK, RUN = "0" * 32, 1


@pytest.mark.gen_test
async def test_each_pause_is_longer_up_to_a_limit_and_never_as_long_as_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(worker.asyncio, "sleep", note)
    pauses = [Pauses() for _ in range(50)]
    for _ in range(10):
        for each in pauses:
            await each.pause()
    rounds = [slept[at : at + 50] for at in range(0, 500, 50)]
    assert all(len(set(each)) > 40 for each in rounds), "a thousand workers do not come back at once"
    assert max(rounds[0]) <= worker.SHORTEST_PAUSE_SECONDS
    assert worker.LONGEST_PAUSE_SECONDS / 2 < max(rounds[-1]) <= worker.LONGEST_PAUSE_SECONDS


@pytest.mark.gen_test
async def test_a_front_door_that_does_not_answer_is_said_so_in_words() -> None:
    try:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.sleep(10)
        except TimeoutError as error:
            raise OSError("Timed out trying to connect") from error  # as the engine does
    except OSError as error:
        assert worker._why(error) == "no answer"


def test_a_large_preview_is_made_small(tmp_path: Path) -> None:
    path = tmp_path / "preview.jpg"
    noise = np.random.default_rng(1).integers(0, 255, (20, 32, 3), np.uint8)
    Image.fromarray(noise).resize((640, 400), Image.Resampling.BICUBIC).save(path, quality=95)
    assert path.stat().st_size > 2 * MAX_STILL_BYTES
    small = stills.small(path)
    assert len(small) <= MAX_STILL_BYTES
    assert Image.open(io.BytesIO(small)).size == (640, 400)


def test_a_preview_that_cannot_be_made_small_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "preview.jpg"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (900, 900, 3), np.uint8)).save(path, quality=95)
    with pytest.raises(ValueError, match="a preview of"):
        stills.small(path)


@pytest.mark.gen_test
async def test_of_many_previews_the_newest_is_said_at_most_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stills, "STILL_SECONDS", 0.2)
    path, said, loop = tmp_path / "preview.jpg", asyncio.Queue[tuple[float, Still]](), asyncio.get_running_loop()
    path.write_bytes(b"a picture")
    shown = Stills(path, lambda still: said.put_nowait((loop.time(), still)))
    shown.show(Preview(TASK, RUN, 1))
    first_at, first = await said.get()
    for revision in range(2, 30):
        shown.show(Preview(TASK, RUN, revision))
    second_at, second = await said.get()
    assert (first.revision, second.revision) == (1, 29) and second_at - first_at >= 0.19
    assert base64.b64decode(second.picture) == b"a picture"
    await shown.end()
    assert said.empty()
