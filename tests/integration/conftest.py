"""What several files of these tests begin with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_proc.clip.clip import Clip
from tests.watch_site import WatchSite, make_master


@pytest.fixture
def clip(tmp_path: Path) -> Iterator[Clip]:
    clip = Clip(tmp_path / "video.part", tmp_path / "preview.jpg")
    yield clip
    clip.discard()


@pytest.fixture(scope="session")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_master(tmp_path_factory.mktemp("master") / "master.mp4", crf=1)  # of several pieces


@pytest.fixture
def site(io_loop: Any, tmp_path: Path) -> Iterator[WatchSite]:
    site = WatchSite(tmp_path / "data")
    io_loop.run_sync(site.start)
    yield site
    io_loop.run_sync(site.stop)
