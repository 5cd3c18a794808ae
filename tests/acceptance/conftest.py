"""What several files of these tests begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import LiveServer
from tests.pictures import photo


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "data", model_seconds=300) as running:
        yield running


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 10):
        (folder / f"photo {number}.jpg").write_bytes(photo(number))
    return folder
