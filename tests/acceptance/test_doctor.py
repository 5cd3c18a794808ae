"""`leyline doctor`: each thing that can be wrong is found, with what to do, and nothing is changed by looking."""

import json
import os
import shutil
import socket
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from leyline import cli
from leyline.settings import Settings
from leyline.upkeep import checks
from leyline.upkeep.findings import Level
from tests.live_server import Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.slow
TINY = "tests.models.plain:Tiny"


def doctor(*words: object, **environ: str) -> tuple[int, list[dict[str, str]]]:
    """Its exit code, and what it found."""
    clean = {key: None for key in os.environ if key.startswith("LEYLINE_")}
    done = CliRunner().invoke(cli.main, ["doctor", "--json", *map(str, words)], env={**clean, **environ})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def about(found: list[dict[str, str]], what: str) -> list[tuple[str, str]]:
    return [(each["level"], each["said"]) for each in found if each["about"] == what]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def settings(data: Path) -> Settings:
    return Settings(data_dir=data)


def levels(found: object) -> list[Level]:
    return [each.level for each in found]  # type: ignore[attr-defined]


@pytest.mark.gen_test(timeout=120)
async def test_a_server_that_runs_is_found_well_and_is_not_disturbed(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model=TINY) as server:
        api = Api(server.url)
        await api.finished((await api.upload(photo()))[1]["task_id"])
        pictures = server.data_dir / "pictures"
        before = {path: path.stat().st_mtime_ns for path in pictures.iterdir()}
        port = server.url.rpartition(":")[2]
        code, found = doctor("--data-dir", server.data_dir, "--port", port, "--model", TINY)
        assert {path: path.stat().st_mtime_ns for path in pictures.iterdir()} == before
        assert (await api.request("GET", "/healthz")).code == 200
    assert (code, [each for each in found if each["level"] == "bad"]) == (0, [])
    assert "and is in use by process" in about(found, "data folder")[0][1]
    assert about(found, "database") == [("good", "It is whole, and has 1 tasks.")]
    assert about(found, "port") == [("good", f"A Leyline answers at localhost:{port}.")]
    assert about(found, "model") == [("good", f"{TINY} loads, and makes a video.")]
    [(level, said)] = about(found, "encoder")
    assert level == "good" and said.startswith("It makes h264 (")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("tests.models.raises_on_import:RaisesOnImport", "does not load. "),
        ("nowhere:Model", "LEYLINE_MODEL='nowhere:Model' (or --model) names no model: there is no module nowhere."),
        ("tests.models.failing:Raises", "makes no video: The model could not make a video of this picture. "),
    ],
)
def test_a_model_that_makes_no_video_is_told(data: Path, model: str, says: str) -> None:
    code, found = doctor("--data-dir", data, "--port", "0", "--model", model)
    assert code == 1
    [(level, said)] = [*about(found, "model"), *about(found, "server")]
    assert (level, says in said) == ("bad", True), said
    assert list(data.iterdir()) == []


def test_for_people_it_is_a_line_each_with_what_to_do_below(data: Path) -> None:
    data.chmod(0o755)
    clean = {key: None for key in os.environ if key.startswith("LEYLINE_")}
    done = CliRunner().invoke(cli.main, ["doctor", "--no-trial", "--port", "0", "--data-dir", str(data)], env=clean)
    assert done.exit_code == 0, "it is doubtful, not wrong"
    assert f"– data folder: Others may look into {data}.\n    chmod 700 {data}\n" in done.stdout


def test_a_secret_that_others_may_read_is_found(settings: Settings, data: Path) -> None:
    (data / "operator-token").write_text("x" * 64)
    (data / "operator-token").chmod(0o644)
    found = list(checks.folder(settings))
    assert (found[-1].level, found[-1].advice) == (Level.BAD, f"chmod 600 {data / 'operator-token'}")


def test_a_folder_that_is_none_or_cannot_be_made_is_found(
    settings: Settings, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.rmdir()
    assert levels(checks.folder(settings)) == [Level.GOOD]
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    assert levels(checks.folder(settings)) == [Level.BAD]
    data.touch()
    assert levels(checks.folder(settings)) == [Level.BAD]


def test_a_disk_without_room_is_found(data: Path) -> None:
    free_mb = shutil.disk_usage(data).free // 1_000_000
    assert levels(checks.disk(Settings(data_dir=data, keep_gb=0))) == [Level.GOOD]
    assert levels(checks.disk(Settings(data_dir=data, disk_reserve_mb=2 * free_mb))) == [Level.BAD]
    [finding] = checks.disk(Settings(data_dir=data, keep_gb=float(free_mb)))
    assert finding.level is Level.DOUBTFUL and finding.advice.startswith("LEYLINE_KEEP_GB=")


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The data folder of a server that has made one video, and has ended."""
    import asyncio

    with LiveServer(tmp_path / "filled", model=TINY) as server:

        async def fill() -> None:
            api = Api(server.url)
            await api.finished((await api.upload(photo()))[1]["task_id"])

        asyncio.run(fill())
        server.stop()
    return tmp_path / "filled"


def test_a_damaged_database_missing_files_and_a_clock_that_went_back_are_found(filled: Path) -> None:
    settings = Settings(data_dir=filled)
    assert levels(checks.database(settings)) == [Level.GOOD, Level.GOOD]
    assert levels(checks.clock(settings, time.time() - 86_400)) == [Level.BAD]
    assert levels(checks.clock(settings, 1_000_000.0)) == [Level.BAD]
    next((filled / "videos").iterdir()).unlink()
    found = list(checks.database(settings))
    assert found[1].said.startswith("1 of 3 files are missing: videos/")
    database = filled / "leyline.db"
    raw = bytearray(database.read_bytes())
    raw[4096:8192] = bytes(4096)
    database.write_bytes(raw)
    [finding] = checks.database(settings)
    assert finding.level is Level.BAD and "restore a backup" in finding.advice
    database.unlink()
    assert levels(checks.database(settings)) == [Level.BAD], "pictures without a database"


def test_a_port_of_somebody_elses_is_found(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkey = Settings(data_dir=data, host="127.0.0.1", port=port)
        checks_seconds, checks.ANSWER_SECONDS = checks.ANSWER_SECONDS, 0.2
        try:
            [finding] = checks.port(monkey)
        finally:
            checks.ANSWER_SECONDS = checks_seconds
    assert (finding.level, finding.said) == (Level.BAD, f"Another program listens at 127.0.0.1:{port}.")
    assert levels(checks.port(monkey)) == [Level.GOOD]
    assert levels(checks.port(Settings(data_dir=data, host="192.0.2.1"))) == [Level.BAD]


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, Level.GOOD),
        ({"host": "0.0.0.0"}, Level.DOUBTFUL),
        ({"host": "0.0.0.0", "hosts": "leyline.example.org"}, Level.GOOD),
        ({"hosts": "leyline.example.org"}, Level.DOUBTFUL),
        ({"hosts": "leyline.example.org", "trusted_proxies": "127.0.0.1"}, Level.GOOD),
        ({"path": "/leyline"}, Level.DOUBTFUL),
    ],
)
def test_names_addresses_and_proxies_that_do_not_fit_are_doubtful(said: dict[str, str], level: Level) -> None:
    assert levels(checks.proxies(Settings(**said))) == [level]  # type: ignore[arg-type]
