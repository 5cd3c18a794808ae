"""`leyline submit` against a real server: from files to videos, in words and an exit code."""

import json
import re
import signal
from pathlib import Path

import pytest

from tests.acceptance.submitting import ADDRESS, operate, said, started, submit
from tests.live_server import DEADLINE_SECONDS, Api, LiveServer


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_folder_becomes_videos_in_the_order_that_people_count(server: LiveServer, pictures: Path) -> None:
    done = submit(server, pictures)
    assert (done.returncode, done.stderr) == (0, "")
    ready = [line for line in done.stdout.splitlines() if ": ready, made in" in line]
    assert [line.partition(":")[0] for line in ready] == ["photo 1.jpg", "photo 2.jpg", "photo 10.jpg"]
    assert done.stdout.splitlines()[-1] == "3 of 3 videos are ready."
    api = Api(server.url)
    for line in ready:
        [(url, task_id)] = ADDRESS.findall(line)
        assert url == server.url
        assert (await api.status(task_id))["status"] == "succeeded"


def test_wrong_file_is_told_and_the_others_become_videos(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    (pictures / "empty.png").touch()
    done = submit(server, pictures)
    assert done.returncode == 4
    assert "notes.jpg: This file is not a picture." in done.stdout
    assert "empty.png: The file is empty." in done.stdout
    assert done.stdout.splitlines()[-1] == "3 of 5 videos are ready."


def test_without_waiting_the_pictures_are_in_line_and_that_is_all(slow_server: LiveServer, pictures: Path) -> None:
    done = submit(slow_server, pictures, "--no-wait")
    assert done.returncode == 0
    assert len(set(ADDRESS.findall(done.stdout))) == 3
    assert done.stdout.splitlines()[-1] == "3 of 3 pictures are in line."


def test_json_is_one_object_per_picture_and_nothing_else(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    done = submit(server, pictures, "--json")
    told = {Path(line["picture"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert len(told) == 4
    assert told["photo 1.jpg"]["task"]["status"] == "succeeded"
    assert told["photo 1.jpg"]["task"]["video_url"]
    assert told["notes.jpg"]["error"]["code"] == "not_a_picture"


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_viewing_link_is_printed_for_each_finished_video(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    done = submit(server, pictures, "--link")
    assert done.returncode == 4, "for the notes"
    links = re.findall(
        r"ready, made in \d+ s  (http://\S+/watch/\S+)  http://\S+/#\w{32}$", done.stdout, re.MULTILINE
    )
    assert len(set(links)) == 3
    page = await Api(server.url).request("GET", links[0].removeprefix(server.url))
    assert page.code == 200


def test_nobody_there_is_one_sentence(tmp_path: Path, pictures: Path) -> None:
    gone = LiveServer(tmp_path / "none")
    gone.url = "http://localhost:1"
    done = submit(gone, pictures)
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Nothing answers at http://localhost:1. "
        "Is the server running? leyline serve starts one, and --url names another."
    ]


def test_needed_token_is_asked_for_and_works(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", token="open-sesame") as server:
        refused = submit(server, pictures)
        assert refused.returncode == 4
        assert refused.stderr == "This server needs an access token. Give it in LEYLINE_TOKEN or with --token.\n"
        wrong = submit(server, pictures, "--token", "wrong").stderr
        assert wrong.startswith("The server does not accept the access token that was sent")
        assert submit(server, pictures, LEYLINE_TOKEN="open-sesame").returncode == 0


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_leaving_takes_nothing_back_and_says_how_to_come_back(
    slow_server: LiveServer, pictures: Path
) -> None:
    with started(slow_server, pictures) as process:
        said(process, "photo 10.jpg: ")
        process.send_signal(signal.SIGINT)
        _, goodbye = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 130
    first, *addresses, last = goodbye.splitlines()
    assert first == "3 pictures stay in line; come back here:"
    assert last == "The same command again goes on from here."
    api = Api(slow_server.url)
    for line in addresses:
        [(_, task_id)] = ADDRESS.findall(line)
        assert (await api.status(task_id))["status"] in ("queued", "processing")
    assert len(addresses) == 3


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_picture_that_somebody_cancels_is_told(slow_server: LiveServer, pictures: Path) -> None:
    with started(slow_server, pictures / "photo 1.jpg") as process:
        [(_, task_id)] = ADDRESS.findall(said(process, "photo 1.jpg: "))
        await Api(slow_server.url).call("POST", f"/api/video/{task_id}/cancel")
        rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert "photo 1.jpg: canceled" in rest
    assert process.returncode == 3


@pytest.mark.long
def test_server_that_dies_and_comes_back_loses_nothing(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=60) as server, started(server, pictures) as process:
        said(process, "photo 1.jpg: (starting|generating)")
        server.kill()
        server.settings["model_seconds"] = 0.2
        server.settings["port"] = int(server.url.rpartition(":")[2])
        server.start()
        rest, problem = process.communicate(timeout=DEADLINE_SECONDS)
    assert (process.returncode, problem) == (0, "")
    assert rest.splitlines()[-1] == "3 of 3 videos are ready."


def test_full_line_is_waited_for(tmp_path: Path, pictures: Path) -> None:
    """The line stands still until that was said."""
    with LiveServer(tmp_path / "data", max_waiting=1, operator_token="operator") as server:
        operate(server, "pause")
        with started(server, pictures) as process:
            assert re.search(r"Trying again in \d+ s\.", said(process, "The line is full"))
            operate(server, "resume")
            rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0
    assert rest.splitlines()[-1] == "3 of 3 videos are ready."
