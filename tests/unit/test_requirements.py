"""What is installed: the same everywhere, from the locks alone."""

import configparser
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-models.lock")


def wanted(section: str, key: str) -> list[Requirement]:
    """What `setup.cfg` asks for there."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = setup[section][key].strip().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def locked(name: str) -> list[tuple[Requirement, str]]:
    """Each requirement of a lock, and the rest of its entry."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(), flags=re.M)
    entries = [entry.partition("\\\n") for entry in re.split(r"\n(?=\S)", text.strip())]
    return [(Requirement(first), rest) for first, _, rest in entries]


RUNS = wanted("options", "install_requires")
TESTS = wanted("options.extras_require", "test")
DIFFUSERS = wanted("options.extras_require", "diffusers")
MODELS = [each for each in DIFFUSERS if each.name != "torch"]  # whose builds differ from machine to machine
BUILDS = [
    Requirement(line) for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
]


@pytest.mark.parametrize("requirement", [*RUNS, *TESTS, *DIFFUSERS, *BUILDS], ids=str)
def test_no_requirement_reaches_into_a_future_that_nobody_tested(requirement: Requirement) -> None:
    assert any(each.operator in ("<", "==") for each in requirement.specifier)


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        (LOCKS[0], RUNS + BUILDS),
        (LOCKS[1], RUNS + TESTS + BUILDS),
        (LOCKS[2], RUNS + TESTS + BUILDS + MODELS),
    ],
)
def test_a_lock_has_what_is_asked_for(lock: str, requirements: list[Requirement]) -> None:
    pins = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin, _ in locked(lock)}
    for requirement in requirements:
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, "`make lock` makes it anew"
    assert "pip" in pins


def test_tests_run_with_what_runs_without_them() -> None:
    runs, tests, models = ({f"{pin.name}{pin.specifier}" for pin, _ in locked(lock)} for lock in LOCKS)
    assert runs <= tests <= models


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_one_release_by_its_hashes_and_no_place_to_get_it_from(lock: str) -> None:
    for pin, rest in locked(lock):
        (only,) = pin.specifier
        assert (only.operator, pin.url) == ("==", None)
        assert re.fullmatch(r"(\s+--hash=sha256:[0-9a-f]{64}\s*\\?)+", rest), pin
    assert "://" not in (ROOT / lock).read_text()


def test_what_is_installed_is_what_is_locked() -> None:
    for pin, _ in locked(LOCKS[1]):
        if pin.marker is None or pin.marker.evaluate():
            assert version(pin.name) in pin.specifier, f"{pin.name}: `make test` brings it"


def test_the_release_of_pytorch_that_is_tested_is_one_that_may_be_installed() -> None:
    (torch,) = (Requirement(line) for line in (ROOT / "requirements-models.txt").read_text().splitlines())
    (allowed,) = (each for each in DIFFUSERS if each.name == "torch")
    (only,) = torch.specifier
    assert only.operator == "==" and only.version in allowed.specifier
