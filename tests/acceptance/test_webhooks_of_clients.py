"""Receivers that the command and the Python clients name, with a real server and real receivers."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from leyline.client import sync
from leyline.client.client import LeylineClient
from leyline.client.remote import Refused
from tests.acceptance.test_webhooks import allowing
from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo
from tests.receiver import Receiver, receiver

pytestmark = [pytest.mark.long, pytest.mark.gen_test(timeout=240)]

ALL = ["task.started", "task.succeeded"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number, name in enumerate(("beach", "tree")):
        (folder / f"{name}.jpg").write_bytes(photo(number))
    return folder


async def types(server: LiveServer, *words: object) -> tuple[int, str, str]:
    """What a command line of `leyline` does there."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LEYLINE_", "XDG_"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "leyline", *map(str, words), "--url", server.url),
        cwd=ROOT,
        env={**environment, "HOME": str(server.data_dir.parent)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await asyncio.wait_for(process.communicate(), DEADLINE_SECONDS)
    return process.returncode or 0, said.decode(), complaints.decode()


def told(there: Receiver) -> dict[str, list[str]]:
    """What it heard of each task, in order."""
    heard: dict[str, list[str]] = {}
    for each in there.heard:
        heard.setdefault(each.said["data"]["task_id"], []).append(each.said["type"])
    return heard


async def test_each_picture_of_a_batch_is_told_of_and_so_is_what_is_made_of_it_again(
    tmp_path: Path, folder: Path
) -> None:
    async with receiver() as there:
        with allowing(tmp_path, there) as server:
            assert (await types(server, "submit", folder, "--webhook-url", there.url))[0] == 0
            await there.until(4)
            assert list(told(there).values()) == [ALL, ALL]
            assert (await types(server, "retry", folder / "beach.jpg"))[0] == 0
            await there.until(6)
            assert list(told(there).values()) == [ALL, ALL, ALL]


async def test_with_another_receiver_a_picture_is_the_same_one(tmp_path: Path, folder: Path) -> None:
    async with receiver() as first, receiver() as second:
        with allowing(tmp_path, first, second) as server:
            assert (await types(server, "submit", folder, "--webhook-url", first.url))[0] == 0
            (folder / "sea.jpg").write_bytes(photo(5))
            code, said, _ = await types(server, "submit", folder, "--webhook-url", second.url)
            assert (code, "2 done, 0 already in line, 1 sent." in said) == (0, True), said
            await first.until(4)
            await second.until(2)
            assert (len(told(first)), len(told(second))) == (2, 1)


async def test_a_picture_whose_answer_was_lost_keeps_its_receiver_and_gets_no_twin(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "tree.jpg").unlink()
    async with receiver() as first, receiver() as second:
        with allowing(tmp_path, first, second) as server:
            assert (await types(server, "submit", folder, "--webhook-url", first.url))[0] == 0
            manifest = folder / ".leyline.jsonl"
            lines = manifest.read_text().splitlines(keepends=True)
            manifest.write_text("".join(line for line in lines if '"task_id"' not in line))  # killed just then
            for url in (second.url, second.url, first.url):
                assert (await types(server, "submit", folder, "--webhook-url", url))[0] == 0
            assert (await types(server, "submit", folder))[0] == 0
            await first.until(2)
            assert (len(told(first)), second.heard) == (1, [])
            planned = [json.loads(line) for line in manifest.read_text().splitlines() if "webhook_urls" in line]
            assert planned[-1]["webhook_urls"] == [first.url, second.url]


async def test_a_receiver_that_is_not_allowed_is_told_in_words_and_another_one_sends_all(
    tmp_path: Path, folder: Path
) -> None:
    async with receiver() as there:
        with allowing(tmp_path, there) as server:
            code, said, _ = await types(server, "submit", folder, "--webhook-url", "https://example.org/7")
            assert code == 4
            assert "https://example.org:443 is not among the hosts that this server may send webhooks to." in said
            code, said, _ = await types(server, "submit", folder, "--webhook-url", "nonsense", "--json")
            assert code == 4
            assert json.loads(said.splitlines()[0])["error"]["code"] == "bad_webhook"
            assert (await types(server, "submit", folder, "--webhook-url", there.url))[0] == 0
            await there.until(4)
            assert list(told(there).values()) == [ALL, ALL]
        with LiveServer(tmp_path / "other") as server:
            code, said, _ = await types(server, "submit", folder, "--webhook-url", there.url)
            assert (code, "LEYLINE_WEBHOOK_HOSTS allows hosts for them" in said) == (4, True), said


async def test_the_python_clients_name_one_too(tmp_path: Path, folder: Path) -> None:
    async with receiver() as there:
        with allowing(tmp_path, there) as server:
            async with LeylineClient(server.url) as leyline:
                task = await leyline.submit(folder / "beach.jpg", webhook_url=there.url)
                await there.until(2)
                assert told(there) == {task["task_id"]: ALL}
                with pytest.raises(Refused, match="is not among the hosts") as raised:
                    await leyline.submit(folder / "beach.jpg", webhook_url="https://example.org/7")
                assert (raised.value.status, raised.value.code) == (422, "bad_webhook")
            sent = await asyncio.to_thread(send_blocking, server.url, folder / "tree.jpg", there.url)
            await there.until(4)
            assert told(there)[sent] == ALL


def send_blocking(url: str, picture: Path, webhook_url: str) -> str:
    """By the client that awaits nothing; the task's id."""
    with sync.LeylineClient(url) as leyline:
        task_id: str = leyline.submit(picture, webhook_url=webhook_url)["task_id"]
        return task_id
