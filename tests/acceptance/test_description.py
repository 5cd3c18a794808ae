"""The API's description for programs is true: schemathesis asks the live server all that it says, and what not."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import ROOT, Api, LiveServer
from tests.pictures import photo
from web.calls import CALLS

pytestmark = pytest.mark.long

OPERATOR = "the-operator-of-this-test"


CHOOSING = {"model": "tests.models.choosing:Chooses"}  # one parameter of each kind
TAKING_TIME = {"model_seconds": 2}  # so that something runs while it is asked after


@pytest.fixture(scope="module", params=[CHOOSING], ids=["choosing"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    settings = {"operator_token": OPERATOR, "uploads_per_minute": 1_000_000, **request.param}
    live = LiveServer(tmp_path_factory.mktemp("description") / "data", **settings)
    live.environment["CHOSEN"] = os.devnull
    with live:
        yield live


async def prepared(server: LiveServer) -> tuple[str, str]:
    """A session's cookie, and the token of a viewing link."""
    api = await Api(server.url).open_page()
    await api.call("POST", "/api/queue/resume", headers={"Authorization": f"Bearer {OPERATOR}"})  # if it was asked
    await api.model()
    _, task = await api.upload(photo())
    await api.finished(task["task_id"])
    _, link = await api.call("POST", f"/api/video/{task['task_id']}/links", body=b"{}")
    return api.cookie, link["url"].rpartition("/")[2]


OPERATORS = [call.operation for call in CALLS if call.is_for_operator]


def config(cookie: str, token: str) -> str:
    """What schemathesis cannot read in the description; each line that takes something back says why."""
    return f"""
headers = {{ Cookie = "{cookie}" }}
[parameters]
"path.token" = "{token}"
"path.name" = "nobody"  # or it would let the only model process go
[auth.openapi]
operator = {{ bearer = "{OPERATOR}" }}
[checks]
# 410 and 416 are answers of a task's state, as 404 and 409 are; for 422 there is a check of our own.
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 410, 416, 422, 429, "5xx"]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 428, 429, "5xx"]
[[operations]]
include-path-regex = "events$"
checks.not_a_server_error.expected-statuses = [101, "2xx", "3xx", "4xx"]  # what is wrong may be read by nobody
generation.mode = "negative"  # what follows a WebSocket's 101 is no HTTP, which schemathesis speaks alone
[[operations]]
include-path = "/api/admin/events"
enabled = false  # it knows the operator, and says 101; test_admin has what it refuses
[[operations]]
include-operation-id = "take_token"
# Until its code was typed a command is answered with 400, as RFC 8628 (3.5) has it.
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 429, "5xx"]
[[operations]]
include-operation-id = {json.dumps(OPERATORS)}
checks.missing_required_header.enabled = false  # without the operator's token it is 403, as with another: not 401
"""


def ask(server: LiveServer, folder: Path, more: str, *options: str, described: str = "") -> None:
    """Have schemathesis ask the server what its description says, or this file of one; it must find nothing."""
    settings = folder / "schemathesis.toml"
    settings.write_text(config(*asyncio.run(prepared(server))) + more)
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run"),
            *(described or f"{server.url}/api/openapi.json", "--url", server.url, "--continue-on-failure"),
            *("--no-color", "--suppress-health-check", "all", "--no-shrink", "--request-timeout", "20", *options),
        ],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.acceptance.asked_by_schemathesis", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stdout[-20_000:] + asked.stderr[-2000:]


def test_the_description_is_true(server: LiveServer, tmp_path: Path) -> None:
    """What is asked at random, and one after the other as the links say: in short."""
    ask(server, tmp_path, "[phases]\ncoverage.enabled = false\n", "-n", "4", "--seed", "1")
    assert "event=bug" not in server.log()


@pytest.mark.long
@pytest.mark.parametrize("server", [CHOOSING, TAKING_TIME], ids=["choosing", "taking time"], indirect=True)
def test_the_description_is_true_in_depth(server: LiveServer, tmp_path: Path) -> None:
    """Each word of it in turn, and a great many at random."""
    ask(server, tmp_path, "", "-n", "40")
    assert "event=bug" not in server.log()


def test_it_says_what_may_be_chosen_of_this_model(server: LiveServer) -> None:
    described = asyncio.run(Api(server.url).call("GET", "/api/openapi.json"))[1]["components"]["schemas"]
    assert described["Parameters"]["properties"]["frames"]["multipleOf"] == 2
    assert described["Upload"]["properties"]["parameters"]["$ref"] == "#/components/schemas/Parameters"


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [call.operation for call in CALLS]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.long
def test_a_description_that_is_not_true_is_found(server: LiveServer, tmp_path: Path) -> None:
    """Else the tests above could not fail."""
    described = asyncio.run(Api(server.url).call("GET", "/api/openapi.json"))[1]
    del described["components"]["schemas"]["Queue"]["properties"]["waiting"]["type"]
    described["components"]["schemas"]["Queue"]["properties"]["waiting"]["enum"] = ["many"]
    (tmp_path / "wrong.json").write_text(json.dumps(described))
    with pytest.raises(AssertionError, match="Response violates schema"):
        ask(server, tmp_path, "", "-n", "1", "--include-path", "/api/queue", described="wrong.json")
