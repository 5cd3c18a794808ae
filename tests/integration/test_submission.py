"""A submission against a stand-in server: what is sent, what is given up, and what is said of it."""

import io
import json
from pathlib import Path

import pytest

from leyline.client import choosing, following, submission, wording
from leyline.client.client import LeylineClient
from leyline.client.display import JsonLines, PlainLines
from leyline.client.picking import pictures_in
from leyline.client.picture import Picture
from leyline.client.remote import ClientError, Refused
from leyline.client.submission import Submission
from model_proc.parameters import schema_of
from tests.integration.stand_in import LOSE_THE_ANSWER, StandIn, refusal
from tests.models.choosing import Chooses

FULL = refusal(503, "line_full", "The line is full.", Retry_After="1")


class Notes:
    """A display that notes each picture's phases."""

    def __init__(self):
        self.phases = {}

    def changed(self, picture):
        phases = self.phases.setdefault(picture.path.name, [])
        if picture.phase not in phases[-1:]:
            phases.append(picture.phase)

    def all_sent(self):
        pass

    def warn(self, sentence):
        pass

    def linked(self, url, videos):
        pass

    def tick(self):
        pass


@pytest.fixture
def server():
    return StandIn()


@pytest.fixture
def app(server):
    return server.app()


@pytest.fixture
def pictures(tmp_path):
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    return pictures_in([tmp_path])


@pytest.mark.gen_test
async def test_each_picture_is_sent_once_in_order_and_followed_to_its_end(http_server, base_url, server, pictures):
    def on_subscribe(socket, task_ids):
        for task_id in task_ids:
            server.say("task_status", {"task_id": task_id, "status": "processing", "version": 2_000_000})
            server.say("task_status", {"task_id": task_id, "status": "succeeded", "version": 3_000_000})

    server.on_subscribe = on_subscribe
    sent, notes = Submission(pictures, LeylineClient(base_url), waits=True), Notes()
    await sent.run(notes)
    assert [body for _, _, body in server.uploads] == [b"a.jpg", b"b.jpg", b"c.jpg"]
    assert all(phases[-1] == "succeeded" for phases in notes.phases.values())
    assert sent.succeeded


@pytest.mark.gen_test
async def test_refused_picture_does_not_hold_up_the_others(http_server, base_url, server, pictures):
    server.script = [("accept",), refusal(415, "not_a_picture", "This file is not a picture.")]
    sent, notes = Submission(pictures, LeylineClient(base_url), waits=False), Notes()
    await sent.run(notes)
    assert [picture.phase for picture in pictures] == ["queued", "refused", "queued"]
    assert pictures[1].problem_code == "not_a_picture"
    assert not sent.succeeded


@pytest.mark.gen_test
async def test_file_that_cannot_be_read_does_not_hold_up_the_others(http_server, base_url, server, pictures):
    pictures[0].path.unlink()
    locked = Picture(Path("locked"), problem="The folder cannot be read.", problem_code="not_sent")
    sent, notes = Submission([locked, *pictures], LeylineClient(base_url), waits=False), Notes()
    await sent.run(notes)
    assert [picture.phase for picture in sent.pictures] == ["refused", "refused", "queued", "queued"]
    assert "refused" in notes.phases["locked"]
    assert not sent.succeeded


@pytest.mark.gen_test
async def test_when_patience_ends_the_rest_is_not_tried(http_server, base_url, server, pictures, monkeypatch):
    monkeypatch.setattr(submission, "PATIENCE_SECONDS", 0)
    server.script = [("accept",), refusal(503, "stopping", "The server is stopping.")]
    sent = Submission(pictures, LeylineClient(base_url), waits=False)
    await sent.run(Notes())
    assert len(server.asked) == 2
    assert [picture.problem for picture in pictures] == [
        "",
        "The server is stopping.",
        "Not sent, because one before it could not be sent: The server is stopping.",
    ]
    assert sent.is_stuck


@pytest.mark.gen_test
async def test_video_without_the_link_that_was_asked_for_is_no_success(http_server, base_url, server, pictures):
    def on_subscribe(socket, task_ids):
        server.say("task_status", {"task_id": task_ids[0], "status": "succeeded", "version": 3_000_000})

    server.on_subscribe = on_subscribe
    sent = Submission(pictures[:1], LeylineClient(base_url), waits=True, terms={})
    await sent.run(Notes())
    assert wording.words(pictures[0]).startswith("ready but without a viewing link: ")
    assert not sent.succeeded


@pytest.mark.gen_test
async def test_pause_is_told_while_it_lasts(http_server, base_url, server, pictures):
    server.script = [FULL]
    heard = []

    class Pauses(Notes):
        def changed(self, picture):
            heard.append(picture.pause)

    await Submission(pictures[:1], LeylineClient(base_url), waits=False).run(Pauses())
    assert heard[0] == "The line is full. Trying again in 1 s."
    assert heard[-1] == ""


@pytest.mark.gen_test
async def test_refusal_after_a_pause_is_told(http_server, base_url, server, pictures):
    server.script = [FULL, refusal(415, "not_a_picture", "This file is not a picture.")]
    sent, out = Submission(pictures[:1], LeylineClient(base_url), waits=False), io.StringIO()
    await sent.run(PlainLines(sent, out))
    assert out.getvalue().splitlines() == [
        "a.jpg: The line is full. Trying again in 1 s.",
        "a.jpg: This file is not a picture.",
    ]


@pytest.mark.gen_test
async def test_server_that_cannot_be_used_is_told_before_anything_is_sent(pictures):
    sent, notes = Submission(pictures, LeylineClient("http://localhost:1"), waits=True), Notes()
    with pytest.raises(ClientError):
        await sent.run(notes)
    assert not notes.phases
    assert wording.farewell(sent) == ["3 pictures were not sent."]


@pytest.mark.gen_test
async def test_following_that_is_given_up_is_told_and_is_no_success(
    http_server, base_url, server, pictures, monkeypatch
):
    monkeypatch.setattr(following, "GIVE_UP_SECONDS", -1)
    server.sockets_refused_with = 503
    sent = Submission(pictures, LeylineClient(base_url), waits=True)
    await sent.run(Notes())
    assert sent.problem.startswith("The pictures could not be followed to their ends.")
    assert [picture.phase for picture in pictures] == ["queued"] * 3
    assert not sent.succeeded


# What is chosen


@pytest.mark.gen_test
async def test_one_picture_with_two_prompts_is_two_tasks_though_answers_are_lost(
    http_server, base_url, server, pictures
):
    server.script = [LOSE_THE_ANSWER, ("accept",), LOSE_THE_ANSWER]
    chosen = [{"prompt": "calm"}, {"prompt": "a storm", "seconds": 2.5}, None]
    same = [Picture(pictures[0].path, parameters) for parameters in chosen]
    await Submission(same, LeylineClient(base_url), waits=False).run(Notes())
    first, second, third = chosen
    assert server.chosen == [first, first, second, second, third], "each of which was tried again whole"
    assert len(server.accepted) == 3, "none has a twin, none takes another's place"
    assert len({picture.task["task_id"] for picture in same}) == 3


@pytest.mark.gen_test
async def test_parameters_that_the_server_refuses_are_told_value_by_value(http_server, base_url, server, pictures):
    wrong = {"/seconds": "Length must be shorter.", "/seed": "Seed must be empty."}
    kind, status, problem, headers = refusal(422, "bad_parameters", "Something does not fit.")
    problem["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in wrong.items()]
    server.script = [(kind, status, problem, headers), ("accept",)]
    sent, out = Submission(pictures[:2], LeylineClient(base_url), waits=False), io.StringIO()
    await sent.run(JsonLines(sent, out))
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["error"]["code"], first["error"]["errors"]) == ("bad_parameters", problem["errors"])
    assert wording.words(pictures[0]) == "Length must be shorter. Seed must be empty."
    assert second["task"], "the others go on"


SCHEMA = json.loads(schema_of(Chooses.Parameters))
LOADING = {"name": "m", "state": "loading", "detail": "", "about": "", "schema": None}


@pytest.mark.gen_test
async def test_a_model_that_loads_is_waited_for_and_told_once(http_server, base_url, server, monkeypatch):
    monkeypatch.setattr(choosing, "PAUSE_SECONDS", 0.01)
    server.models, told = [LOADING] * 3 + [{**LOADING, "state": "ready", "schema": SCHEMA}], []
    schema = await choosing.learn(LeylineClient(base_url), told.append)
    assert list(schema.properties) == list(SCHEMA["properties"])
    assert told == ["The model is loading: what may be chosen is known once it has loaded. Waiting for that."]


@pytest.mark.gen_test
async def test_who_has_something_wrong_anyway_waits_for_no_model(http_server, base_url, server):
    server.models = [LOADING]
    with pytest.raises(ClientError, match="The model is loading"):
        await choosing.learn(LeylineClient(base_url), print, is_patient=False)


@pytest.mark.gen_test
async def test_a_server_of_the_last_release_is_told(http_server, base_url, server):
    with pytest.raises(Refused, match="This server is of an earlier release"):
        await choosing.learn(LeylineClient(base_url), print)


@pytest.mark.gen_test
async def test_a_schema_of_a_later_release_is_told(http_server, base_url, server):
    colour = {"type": "string", "format": "colour", "title": "Colour", "description": "Of the sky.", "default": ""}
    server.models = [{**LOADING, "schema": {**SCHEMA, "properties": {"colour": colour}}}]
    with pytest.raises(ClientError, match="in a way that this release does not know"):
        await choosing.learn(LeylineClient(base_url), print)
