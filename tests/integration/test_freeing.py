"""A clip that has ended holds no encoder and no decoder any more, whatever end it came to.

They take megabytes beside Python's memory, of which its collector knows nothing: it would come for them late.
"""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from model_proc.clip.clip import Clip
from model_proc.model import Canceled
from tests.video_files import make_video

pytestmark = pytest.mark.slow

HEAVY = av.container.Container, av.codec.context.CodecContext


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def heavy() -> list[object]:
    return [each for each in gc.get_objects() if isinstance(each, HEAVY)]


def write(clip: Clip) -> None:
    for shade in range(0, 250, 10):
        clip.write(np.full((48, 64, 3), shade, np.uint8))


def given(folder: Path, how: str) -> Path:
    if how == "copied":
        return make_video(folder / "given.mp4", sound="aac")
    if how == "encoded":
        return make_video(folder / "given.avi", codec="mpeg4", sound="pcm_s16le")
    path = make_video(folder / "given.mp4")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def test_what_was_written(clip: Clip) -> None:
    write(clip)
    assert heavy()
    clip.close()
    assert heavy() == []


def test_what_was_given_up(clip: Clip) -> None:
    write(clip)
    clip.discard()
    assert heavy() == []


@pytest.mark.parametrize("how", ["copied", "encoded"])
def test_what_was_taken(clip: Clip, tmp_path: Path, how: str) -> None:
    path = given(tmp_path, how)
    gc.collect()
    clip.take(path)
    clip.close()
    assert heavy() == []


@pytest.mark.parametrize("how", ["copied", "encoded", "cut off"])
def test_what_was_not_taken(tmp_path: Path, how: str) -> None:
    path = given(tmp_path, how)
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg", on_frame=canceled_after(20))
    gc.collect()
    with pytest.raises((ValueError, Canceled)):
        clip.take(path)
    clip.discard()
    assert heavy() == []


def canceled_after(frames: int) -> Callable[[], None]:
    left = iter(range(frames))

    def check() -> None:
        if next(left, None) is None:
            raise Canceled

    return check
