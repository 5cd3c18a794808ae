"""What is promised to people is written down: settings, routes, messages, codes; and nothing else is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from leyline import errors, logins, settings
from leyline.line import failures
from leyline.line.tasks import TaskStatus
from leyline.parameters import values
from leyline.watching import copies
from leyline.watching import links as watching_links
from web import (
    base,
    bulletins,
    calls,
    connections,
    greeting,
    links,
    live,
    login_limits,
    places,
    representation,
    schemas,
    sessions,
    socket,
    sockets,
    uploads,
)
from web import logins as web_logins

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
API = (ROOT / "docs" / "api.md").read_text()


def descendants(base: type[errors.LeylineError]) -> Iterator[type[errors.LeylineError]]:
    for child in base.__subclasses__():
        yield child
        yield from descendants(child)


@pytest.mark.parametrize("row", settings.rows(), ids=lambda row: row.name)
def test_each_setting_is_in_the_readme_with_its_default(row: Any) -> None:
    line = next(
        (line for line in README.splitlines() if line.startswith(f"| `{settings.variable(row.name)}` |")), None
    )
    assert line, f"{row.name} is not in the README"
    shown = f"{row.default:g}" if isinstance(row.default, float) else str(row.default)
    assert shown.replace(",", "") in line.replace(",", ""), f"the README gives another default for {row.name}"


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    real = {settings.variable(row.name) for row in settings.rows()}
    assert set(re.findall(r"LEYLINE_[A-Z_]+", README + API)) <= real


def test_the_documented_calls_are_those_of_the_table() -> None:
    sockets = {call.path for call in calls.CALLS if 101 in call.answers}
    table = [("WS" if call.path in sockets else call.method, call.path) for call in (*calls.PAGES, *calls.CALLS)]
    documented = re.findall(r"^\| `([A-Z]+) (/[^`?]*)` \|", API, re.MULTILINE)
    assert sorted(documented) == sorted(table)


def test_each_address_has_one_handler_that_answers_to_the_methods_of_the_table() -> None:
    table = (*calls.PAGES, *calls.CALLS)
    for path in {call.path for call in table}:
        (handler,) = {call.handler for call in table if call.path == path}
        assert set(handler.methods()) - {"HEAD"} == {call.method for call in table if call.path == path}


LIMITS = (  # as the documentation says them
    f"| {connections.MAX_HEADER_BYTES // 1024} KiB; {base.MAX_BODY_BYTES // 1024} KiB |",
    "| {0.idle:g} s; {0.read:g} s; {0.body:g} s |".format(connections.Patience()),
    f"| `LEYLINE_UPLOADS_PER_MINUTE`, and {uploads.UPLOADS_IN_A_BURST} at once; the same once more |",
    f"| {sessions.NEW_SESSIONS_PER_MINUTE} a minute, and {sessions.NEW_SESSIONS_AT_ONCE} at once |",
    f"| {sessions.WRONG_TOKENS_PER_MINUTE} a minute, and {sessions.WRONG_TOKENS_AT_ONCE} at once;",
    f"| {login_limits.ASKED_PER_MINUTE} a minute, and {login_limits.ASKED_AT_ONCE} at once; "
    f"{logins.MOST_WAITING_OF_NETWORK}; {logins.MOST_WAITING:,}, then",
    f"| {login_limits.WRONG_PER_MINUTE} a minute, and {login_limits.WRONG_AT_ONCE} at once; "
    f"{login_limits.WRONG_OF_ADDRESS_PER_MINUTE} a minute, and {login_limits.WRONG_OF_ADDRESS_AT_ONCE} at once;",
    f"| {logins.MOST_OF_SESSION}, then `too_many_logins`",
    f"not used for {logins.UNUSED_SECONDS // 86_400} days",
    f"`{{name}}` (≤ {web_logins.MAX_NAME} characters",
    f"| {sockets.MOST_PER_SESSION}; {sockets.MOST_WITHOUT_SESSION} |",
    f"| {sockets.FRAMES_PER_MINUTE // 60} a second, and {sockets.FRAMES_AT_ONCE} at once; "
    f"{sockets.BYTES_PER_MINUTE // 1000} kB a minute, and {sockets.BYTES_AT_ONCE // 1000} kB at once; or ",
    f"| {places.MOST_OF_CLIENT}; {places.MOST_OF_NETWORK:,} |",
    f"| closed within {2 * sockets.Sockets.ping_seconds:g} s |",
    f"at most {socket.MAX_MESSAGE_BYTES // 1024} KiB from the client",
    f"at most {live.MAX_IDS_PER_MESSAGE} a message and {live.MAX_IDS_PER_SOCKET:,} a socket",
    f"(at most {greeting.SNAPSHOT_LIVE:,}) and the newest {greeting.SNAPSHOT_FINISHED} finished, ",
    f" finished, and {greeting.SNAPSHOT_TRASHED} in the trash",
    f"`parameters` (JSON, ≤ {values.MAX_PARAMETERS_BYTES:,} bytes",
    f"the first {values.MAX_FLAWS} of them",
    f"first {representation.SHORT_DIGEST} hex digits",
    f"`client_id` and `batch_id` (each ≤ {uploads.MAX_CLIENT_ID_LENGTH} characters",
    f"one at a time | {copies.MAX_WAITING}, then",
    f"up to {links.MAX_LABEL} characters",
    f"up to {links.MAX_MESSAGE} characters",
    f"`{{task_ids}}`, at most {watching_links.MAX_VIDEOS} in the order",
    f"the newest {watching_links.MAX_LISTED} |",
    f"of which one may have {watching_links.MAX_LINKS_OF_TASK}.",
    f"{links.DEFAULT_SECONDS // 86_400} days unless given",
)


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_documented_as_it_is_checked(limit: str) -> None:
    assert limit in README + API


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
    row.configure_mock(started_at=None, finished_at=None, expires_at=None, parameters=None)
    for field in representation.whole(row, None, None, 3):
        assert f"`{field}`" in API


def test_each_message_of_the_socket_is_documented() -> None:
    source = "".join(Path(module.__file__).read_text() for module in (socket, live, bulletins))
    said = set(re.findall(r'(?:\.say\(\s*|text\(|\{"event":)"(\w+)"', source)) | set(live.LiveHandler.commands)
    assert {"hello", "snapshot", "task_status", "queue", "bye", "subscribe", "ping", "view_key"} <= said
    for message in said:
        assert f"| `{message}` |" in API


def test_the_description_for_programs_knows_each_field_of_a_task() -> None:
    row = MagicMock(status=TaskStatus.QUEUED, error_code=None, moves=1, created_at=0.0)
    row.configure_mock(started_at=None, finished_at=None, expires_at=None, parameters=None)
    shown = representation.whole(row, None, None, 3)
    assert set(schemas.TASK["properties"]) == set(shown)
    assert set(schemas.TASK["properties"]["image"]["properties"]) == set(shown["image"])
