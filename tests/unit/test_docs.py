"""What is promised to people is written down: settings, routes, messages, codes; and nothing else is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from leyline import errors, settings
from leyline.line import failures
from leyline.line.tasks import TaskStatus
from web import live, openapi, representation, routes, schemas, socket

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()


def descendants(base: type[errors.LeylineError]) -> Iterator[type[errors.LeylineError]]:
    for child in base.__subclasses__():
        yield child
        yield from descendants(child)


def table() -> list[Any]:
    parts: list[Any] = [MagicMock() for _ in range(routes.routes.__code__.co_argcount)]
    return routes.routes(*parts)


def addresses() -> list[str]:
    """Every address of the table of routes, as the documentation writes them."""
    found = []
    for pattern, *_ in table():
        path = pattern.replace("/?", "/").replace(r"([0-9a-f]{16})", "{link_id}")
        path = re.sub(r"\(.*?\)", "{token}" if "/watch/" in path else "{task_id}", path)
        found.append(path)
    return found


@pytest.mark.parametrize("row", settings.rows(), ids=lambda row: row.name)
def test_each_setting_is_in_the_readme_with_its_default(row: Any) -> None:
    line = next(
        (line for line in README.splitlines() if line.startswith(f"| `{settings.variable(row.name)}` |")), None
    )
    assert line, f"{row.name} is not in the README"
    shown = f"{row.default:g}" if isinstance(row.default, float) else str(row.default)
    assert shown in line.replace(",", ""), f"the README gives another default for {row.name}"


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    real = {settings.variable(row.name) for row in settings.rows()}
    assert set(re.findall(r"LEYLINE_[A-Z_]+", README + API)) <= real


@pytest.mark.parametrize(
    "address", [address for address in addresses() if address not in ("/", "/static/{task_id}")]
)
def test_each_address_is_documented(address: str) -> None:
    assert f"{address}`" in API or f"{address} " in API


@pytest.mark.parametrize("error", list(descendants(errors.Refusal)), ids=lambda error: error.code)
def test_each_code_is_documented_with_its_status(error: type[errors.Refusal]) -> None:
    assert f"| `{error.code}` | {error.status} |" in API


@pytest.mark.parametrize("error", list(descendants(failures.Failure)), ids=lambda error: error.code)
def test_each_failure_of_a_task_is_documented(error: type[failures.Failure]) -> None:
    assert f"| `{error.code}` |" in API


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in descendants(errors.LeylineError) if "code" in vars(error)]
    assert len(codes) == len(set(codes))


def test_each_status_of_a_task_is_documented() -> None:
    for status in TaskStatus:
        assert f"`{status.value}`" in API


def test_each_field_of_a_task_is_documented() -> None:
    row = MagicMock(status=TaskStatus.QUEUED, error_code=None, moves=1, created_at=0.0)
    row.configure_mock(started_at=None, finished_at=None, expires_at=None)
    for field in representation.whole(row, None, None, 3):
        assert f"`{field}`" in API


def test_each_message_of_the_socket_is_documented() -> None:
    source = Path(socket.__file__).read_text() + Path(live.__file__).read_text()
    said = set(re.findall(r'\.say\(\s*"(\w+)"', source)) | set(live.LiveHandler.commands)
    assert {"hello", "snapshot", "task_status", "queue", "bye", "subscribe", "ping", "view_key"} <= said
    for message in said:
        assert f"| `{message}` |" in API


def test_the_description_for_programs_has_each_call_and_no_other() -> None:
    described = {(call.method, call.path) for call in openapi.CALLS}
    routed = {
        (method, path)
        for path, (_, handler, *_) in zip(addresses(), table(), strict=True)
        for method in handler.methods()
        if method != "HEAD"
    }
    pages = {("GET", "/"), ("GET", "/static/{task_id}"), ("GET", "/watch/{token}")}
    assert described == routed - pages


def test_the_description_for_programs_knows_each_field_of_a_task() -> None:
    row = MagicMock(status=TaskStatus.QUEUED, error_code=None, moves=1, created_at=0.0)
    row.configure_mock(started_at=None, finished_at=None, expires_at=None)
    shown = representation.whole(row, None, None, 3)
    assert set(schemas.TASK["properties"]) == set(shown)
    assert set(schemas.TASK["properties"]["image"]["properties"]) == set(shown["image"])
