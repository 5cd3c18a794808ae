"""One viewing link for a whole batch, by the command: printed as soon as all is sent, and the same one again."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from leyline.client.sync import LeylineClient
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer
from tests.pictures import photo

pytestmark = pytest.mark.long

SCHEMA = Draft202012Validator(json.loads((ROOT / "docs" / "command.schema.json").read_text()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("links") / "data") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(photo(number))
    return folder


def leyline(server: LiveServer, *words: object, code: int = 0) -> str:
    command = [sys.executable, "-m", "leyline", *map(str, words), "--url", server.url]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def lines(said: str) -> list[dict[str, Any]]:
    """The JSON lines, each held to the schema."""
    found = [json.loads(line) for line in said.splitlines()]
    for line in found:
        SCHEMA.validate(line)
    return found


def to_all(said: str) -> dict[str, Any]:
    (found,) = (line for line in lines(said) if "videos" in line)
    return found


async def told(server: LiveServer, url: str) -> Any:
    """What a visitor is told of the link."""
    status, shown = await Api(server.url).call("GET", f"/api/watch/{url.rpartition('/')[2]}")
    assert status == 200, shown
    return shown


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_a_batch_gets_one_link_besides_one_each_and_the_same_command_prints_the_same(
    server: LiveServer, folder: Path
) -> None:
    options = ("--link", "--message", "The week at the sea", "--poster", "blurred", "--label", "Anna")
    said = leyline(server, "submit", folder, *options, "--json")
    link = to_all(said)
    assert link["videos"] == 3
    own = [line["link_url"] for line in lines(said) if "videos" not in line]
    assert len(set(own)) == 3 and link["link_url"] not in own
    shown = await told(server, link["link_url"])
    assert ([video["number"] for video in shown["videos"]], shown["coming"]) == ([1, 2, 3], 0)
    assert (shown["message"], shown["poster"]) == ("The week at the sea", "blurred")
    assert (await told(server, own[0]))["message"] == "The week at the sea"
    again = leyline(server, "submit", folder, *options)
    assert f"All 3 videos on one page: {link['link_url']}" in again
    (folder / "3.jpg").write_bytes(photo(3))
    more = to_all(leyline(server, "submit", folder, *options, "--json"))
    assert more["videos"] == 4 and more["link_url"] != link["link_url"]
    assert len((await told(server, link["link_url"]))["videos"]) == 3, "it shows what it was made for"


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_who_does_not_wait_has_the_link_at_once(tmp_path: Path, folder: Path) -> None:
    with LiveServer(tmp_path / "slow", model_seconds=600) as server:
        link = to_all(leyline(server, "submit", folder, "--link", "--no-wait", "--json"))
        assert link["videos"] == 3
        shown = await told(server, link["link_url"])
        assert (shown["videos"], shown["coming"]) == ([], 3)


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_a_link_can_be_made_at_any_time_of_what_was_sent(server: LiveServer, folder: Path) -> None:
    assert "Nothing was sent" in leyline_refused(server, "link", folder)
    leyline(server, "submit", folder)
    url = leyline(server, "link", folder, "--views", "2", "--days", "0.5").strip()
    assert len((await told(server, url))["videos"]) == 3
    one = lines(leyline(server, "link", folder / "1.jpg", "--json"))[0]
    assert one["videos"] == 1 and len((await told(server, one["link_url"]))["videos"]) == 1


def leyline_refused(server: LiveServer, *words: object) -> str:
    command = [sys.executable, "-m", "leyline", *map(str, words), "--url", server.url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=DEADLINE_SECONDS)
    assert done.returncode == 2
    return done.stderr


def test_a_script_shares_what_it_sent(server: LiveServer, folder: Path) -> None:
    with LeylineClient(server.url) as client:
        ids = [client.submit(path)["task_id"] for path in sorted(folder.iterdir())]
        for _ in client.follow(ids):
            pass
        link = client.share(ids[::-1], message="Backwards", max_views=3, seconds=60)
        assert (link["videos"], link["message"], link["max_views"]) == (3, "Backwards", 3)
        assert client.link(ids[0], poster="clear")["poster"] == "clear"
        assert client.links()["links"] == [], "without a session nothing is listed"
