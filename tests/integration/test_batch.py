"""The same batch again, against a stand-in server: only what is missing is sent, and no picture has a twin."""

from pathlib import Path

import pytest

from leyline.client import submission, wording
from leyline.client.batch import Batch
from leyline.client.client import LeylineClient
from leyline.client.display import PlainLines
from leyline.client.manifest import Manifest
from leyline.client.picking import pictures_in
from leyline.client.remote import Unreachable
from leyline.client.submission import Submission
from tests.integration.stand_in import StandIn, refusal


@pytest.fixture
def server():
    return StandIn(installation="a" * 32)


@pytest.fixture
def app(server):
    return server.app()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (folder / name).write_bytes(name.encode())
    return folder


@pytest.fixture
def run(http_server, base_url, tmp_path):
    """Runs the command's inside, and tells the submission that came of it."""

    async def run(folder, *, repeats=False, waits=False, prepare=lambda batch: None, parameters=None):
        pictures = pictures_in([folder])
        for picture in pictures:
            picture.parameters = parameters
        manifest = Manifest(tmp_path / "manifest.jsonl")
        batch = Batch(manifest, repeats=repeats)
        prepare(batch)
        sent = Submission(pictures, LeylineClient(base_url), waits=waits, batch=batch)
        try:
            await sent.run(Silent(sent))
        finally:
            manifest.close()
        return sent

    return run


class Silent(PlainLines):
    """Says nothing."""

    def __init__(self, submission):
        super().__init__(submission, open("/dev/null", "w"))  # noqa: SIM115, PTH123 - it is closed with the test

    def all_sent(self):
        self.out._out.close()

    def say(self, line):
        pass


def remembers(server):
    """The server answers for what it has accepted."""
    server.statuses = {task["task_id"]: [task] for task in server.accepted.values()}


def ends(server, *statuses):
    """The tasks that were accepted have ended so, in their order."""
    remembers(server)
    for task, status in zip(server.accepted.values(), statuses, strict=False):
        task |= {"status": status, "error": {"detail": "No."} if status == "failed" else None}


@pytest.mark.gen_test
async def test_the_same_command_again_sends_only_what_is_missing(server, folder, run):
    await run(folder)
    ends(server, "succeeded", "failed")
    (folder / "d.jpg").write_bytes(b"d")
    again = await run(folder)
    assert [body for _, _, body in server.uploads] == [b"a.jpg", b"b.jpg", b"c.jpg", b"d"]
    assert wording.reckoning(again) == "1 done, 1 already in line, 1 sent, 1 failed or was canceled earlier."


@pytest.mark.gen_test
async def test_all_of_a_manifest_is_one_batch(server, folder, run):
    await run(folder)
    (folder / "d.jpg").write_bytes(b"d")
    remembers(server)
    again = await run(folder)
    assert server.batches == [again.batch.manifest.content.id] * 4


@pytest.mark.gen_test
async def test_whose_end_is_known_is_not_asked_for_and_never_sent_again(server, folder, run):
    await run(folder)
    ends(server, "succeeded", "failed", "canceled")
    await run(folder)
    server.statuses = {}  # they have been removed by their age
    third = await run(folder)
    assert len(server.uploads) == 3
    assert third.batch.told == []
    assert [picture.phase for picture in third.pictures] == ["succeeded", "failed", "canceled"]
    assert wording.words(third.pictures[1]) == "No."


@pytest.mark.gen_test
async def test_an_answer_that_was_never_noted_costs_no_twin(server, folder, run):
    """So it is after kill -9 between the server's answer and its line."""

    def forget(batch):
        async def note(picture, *, state=None):
            pass

        batch.note = note

    await run(folder, prepare=forget)
    await run(folder)
    assert len(server.uploads) == 6
    assert len(server.accepted) == 3


@pytest.mark.gen_test
async def test_identical_files_are_as_many_tasks_as_there_are_files(server, folder, run):
    for name in ("a 2.jpg", "a 3.jpg"):
        (folder / name).write_bytes(b"a.jpg")
    first = await run(folder)
    remembers(server)
    (folder / "a 4.jpg").write_bytes(b"a.jpg")
    await run(folder)
    assert len(first.pictures) == 5
    assert len(server.accepted) == len(server.uploads) == 6
    await run(folder, parameters={"seconds": 4})
    assert len(server.accepted) == 12, "with other parameters it is another video"


@pytest.mark.gen_test
async def test_names_and_places_do_not_matter(server, folder, run, tmp_path, monkeypatch):
    await run(folder)
    remembers(server)
    (folder / "a.jpg").rename(folder / "z.jpg")
    moved = folder.rename(tmp_path / "elsewhere")
    monkeypatch.chdir(moved)
    again = await run(Path())
    assert again.counts == {"in line": 3}
    assert len(server.uploads) == 3


@pytest.mark.gen_test
async def test_repeats_are_made_on_purpose(server, folder, run):
    await run(folder)
    remembers(server)
    await run(folder, repeats=True)
    remembers(server)
    assert len(server.accepted) == 6
    last = await run(folder)
    assert len(server.uploads) == 6
    assert [picture.task["task_id"] for picture in last.pictures] == [f"{n:032x}" for n in (4, 5, 6)]


@pytest.mark.gen_test
@pytest.mark.parametrize("repeats", [True, False])
async def test_repeats_that_were_interrupted_go_on_however_they_are_asked_for(server, folder, run, repeats):
    await run(folder)
    remembers(server)
    server.script = [("accept",), refusal(401, "token_needed", "No.")]
    await run(folder, repeats=True)
    remembers(server)
    again = await run(folder, repeats=repeats)
    assert len(server.accepted) == 6
    assert again.counts == {"in line": 1, "sent": 2}
    assert bool(again.batch.told) == repeats


@pytest.mark.gen_test
async def test_a_task_that_the_server_does_not_know_any_more_is_sent_again_and_told(server, folder, run):
    await run(folder)
    remembers(server)
    del server.statuses[f"{2:032x}"]
    again = await run(folder)
    assert [body for _, _, body in server.uploads[3:]] == [b"b.jpg"]
    assert again.batch.told == ["The server knows nothing any more of 1 task: its picture is sent again."]


@pytest.mark.gen_test
async def test_a_server_that_has_begun_anew_gets_all_again_and_it_is_told(server, folder, run):
    await run(folder)
    ends(server, "succeeded")
    await run(folder)
    server.installation, server.accepted, server.statuses = "b" * 32, {}, {}
    again = await run(folder)
    assert len(server.accepted) == 3, "the done one too, whose video has gone"
    assert again.batch.told == ["The server knows nothing any more of 3 tasks: their pictures are sent again."]
    remembers(server)
    assert (await run(folder)).batch.told == []


@pytest.mark.gen_test
async def test_a_refused_picture_is_tried_again_and_the_others_are_not(server, folder, run):
    server.script = [("accept",), refusal(413, "too_large", "Too large.")]
    await run(folder)
    remembers(server)
    again = await run(folder)
    assert [body for _, _, body in server.uploads] == [b"a.jpg", b"c.jpg", b"b.jpg"]
    assert again.succeeded


@pytest.mark.gen_test
async def test_what_is_under_way_is_followed_to_its_end_and_that_is_kept(server, folder, run):
    await run(folder)
    remembers(server)

    def on_subscribe(socket, task_ids):
        for task_id in task_ids:
            server.say("task_status", {"task_id": task_id, "status": "succeeded", "version": 3_000_000})

    server.on_subscribe = on_subscribe
    followed = await run(folder, waits=True)
    assert followed.succeeded
    assert followed.counts == {"in line": 3}
    server.statuses = {}
    assert (await run(folder)).counts == {"done": 3}


@pytest.mark.gen_test
async def test_all_is_planned_before_the_first_is_sent(server, folder, run, tmp_path):
    lines = []
    accept = server.accept
    server.accept = lambda key, name: lines.append((tmp_path / "manifest.jsonl").read_text()) or accept(key, name)
    await run(folder)
    assert [lines[0].count(f'"path": "{folder}/{name}.jpg"') for name in "abc"] == [1, 1, 1]
    assert lines[0].count('"state"') == 0


@pytest.mark.gen_test
async def test_a_file_that_cannot_be_read_holds_no_other_up(server, folder, run):
    (folder / "b.jpg").unlink()
    (folder / "b.jpg").symlink_to(folder / "nothing")
    sent = await run(folder)
    assert [picture.phase for picture in sent.pictures] == ["queued", "refused", "queued"]
    assert sent.pictures[1].problem == "The file cannot be read: No such file or directory."


@pytest.mark.gen_test
async def test_a_server_of_an_earlier_release_is_known_by_its_address(server, folder, run):
    server.installation = None
    await run(folder)
    remembers(server)
    assert (await run(folder)).counts == {"in line": 3}
    assert len(server.uploads) == 3


@pytest.mark.gen_test
async def test_a_full_line_is_waited_for_as_long_as_the_server_asks(server, folder, run, monkeypatch):
    monkeypatch.setattr(submission, "PATIENCE_SECONDS", 0)
    server.script = [refusal(503, "line_full", "The line is full.", Retry_After="1")] * 2
    assert (await run(folder)).counts == {"sent": 3}
    assert len(server.accepted) == 3


@pytest.mark.gen_test
async def test_a_server_that_names_no_time_is_given_up_and_the_rest_is_sent_later(server, folder, run, monkeypatch):
    monkeypatch.setattr(submission, "PATIENCE_SECONDS", 0)
    server.script = [("accept",), refusal(503, "stopping", "The server is stopping.")]
    first = await run(folder)
    assert first.is_stuck and first.counts == {"sent": 1}
    remembers(server)
    again = await run(folder)
    assert again.counts == {"in line": 1, "sent": 2}
    assert len(server.accepted) == 3


@pytest.mark.gen_test
async def test_a_server_that_is_away_while_it_is_asked_is_waited_for_and_that_is_told_once(
    server, folder, run, monkeypatch
):
    await run(folder)
    remembers(server)
    asked, status = [], LeylineClient.status

    async def away_at_first(client, task_id):
        asked.append(task_id)
        if len(asked) == 1:
            raise Unreachable("Nothing answers.")
        return await status(client, task_id)

    monkeypatch.setattr(LeylineClient, "status", away_at_first)
    again = await run(folder)
    assert again.counts == {"in line": 3}
    assert len(asked) == 4
    assert [picture.pause for picture in again.pictures] == [""] * 3
