"""Without a checkout: a wheel, made of the source distribution, serves the page from any folder."""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer
from tests.pictures import photo
from web.page import StaticHandler

pytestmark = pytest.mark.long

PACKAGES = ("leyline", "model_proc", "web")
NOT_THE_PROJECTS = (".*", "data", "build", "*.egg-info", "__pycache__", "tests")


def build(hook: str, source: Path, into: Path) -> Path:
    """What this hook of the build makes of the source; nothing is downloaded."""
    call = f"from setuptools.build_meta import {hook}; print({hook}({str(into)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=source, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return into / done.stdout.splitlines()[-1]


def python_of_its_own(folder: Path) -> Path:
    """The Python of an empty environment, which finds what Leyline needs where this one has it."""
    environment = [sys.executable, "-m", "venv", "--without-pip", folder]
    subprocess.run(environment, check=True, timeout=DEADLINE_SECONDS)
    outside = sysconfig.get_path("purelib")
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "outside.pth").write_text(outside)  # whose own .pth files, and so the checkout, do not count
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout = shutil.copytree(
        ROOT, folder / "checkout", symlinks=True, ignore=shutil.ignore_patterns(*NOT_THE_PROJECTS)
    )
    with tarfile.open(build("build_sdist", checkout, folder)) as sdist:
        sdist.extractall(folder, filter="data")
    shutil.rmtree(checkout)
    (source,) = folder.glob("leyline-*/")
    wheel = build("build_wheel", source, folder)
    python = python_of_its_own(folder / "environment")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, timeout=DEADLINE_SECONDS)
    return python.parent.parent


@pytest.fixture(scope="module")
def site_packages(installed: Path) -> Path:
    (found,) = installed.glob("lib/python*/site-packages")
    return found


def files(folder: Path, pattern: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob(pattern) if path.is_file()}


def test_the_wheel_holds_every_module_and_every_file_of_the_page(site_packages: Path) -> None:
    for package in PACKAGES:
        assert files(site_packages / package, "*.py") == files(ROOT / package, "*.py")
    page = files(ROOT / "static", "*")
    assert "index.html" in page
    assert files(site_packages / "web" / "static", "*") == page


def test_the_wheel_puts_nothing_else_beside_other_peoples_packages(site_packages: Path) -> None:
    ours = {path.name for path in site_packages.iterdir()} - {"outside.pth"}
    assert {name for name in ours if not name.endswith(".dist-info")} == set(PACKAGES)


@pytest.fixture
def serve(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LiveServer]:
    def make(**settings: object) -> LiveServer:
        server = LiveServer(tmp_path / "data", **settings)
        server.command = (str(installed / "bin" / "leyline"), "serve")
        server.cwd = tmp_path
        return server

    monkeypatch.delenv("PYTHONPATH", raising=False)
    return make


@pytest.mark.gen_test(timeout=60)
async def test_an_installed_server_shows_the_page_and_makes_a_video(serve: Callable[..., LiveServer]) -> None:
    with serve() as server:
        api = await Api(server.url).open_page()
        for name in files(ROOT / "static", "*"):
            answer = await api.request("GET", f"/static/{name}")
            assert (answer.code, answer.body) == (200, StaticHandler.get_content(str(ROOT / "static" / name))), name
        task = await api.finished((await api.upload(photo()))[1]["task_id"])
        assert (task["status"], task["error"]) == ("succeeded", None)


@pytest.mark.gen_test(timeout=60)
async def test_an_installed_server_finds_a_model_where_it_was_started(
    serve: Callable[..., LiveServer], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text((ROOT / "tests/models/plain.py").read_text())
    with serve(model="mine:Tiny") as server:
        api = await Api(server.url).open_page()
        task = await api.finished((await api.upload(photo()))[1]["task_id"])
        assert (task["status"], task["error"]) == ("succeeded", None)


def test_the_unit_of_an_installed_server_starts_it_where_it_was_asked_for(installed: Path, tmp_path: Path) -> None:
    leyline = installed / "bin" / "leyline"
    unit = subprocess.run(
        [leyline, "systemd-unit", "--user", "daemon"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    ).stdout.splitlines()
    assert f"WorkingDirectory={tmp_path}" in unit
    assert f"ExecStart={leyline} serve --data-dir {tmp_path / 'data'}" in unit
