"""What several files of these tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_proc.clip.clip import Clip


@pytest.fixture
def clip(tmp_path: Path) -> Iterator[Clip]:
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg")
    yield clip
    clip.discard()
