"""The pipe's messages: what is sent arrives equal, and nothing else arrives at all."""

import dataclasses
import json

import pytest

from leyline.processes import protocol
from leyline.processes.protocol import (
    FROM_MODEL,
    FROM_WORKER,
    Progress,
    ProtocolError,
    Ready,
    Start,
    decode,
    encode,
)

EXAMPLES = {int: 3, float: 12.5, str: "ümlaut ✓"}


def example(message_type):
    return message_type(*(EXAMPLES[field.type] for field in dataclasses.fields(message_type)))


def progress(**changes):
    body = {"message": "Progress", "task_id": "a", "run": 1, "progress": 1, "stage": "generating"}
    return json.dumps(body | changes).encode()


@pytest.mark.parametrize("message_type", FROM_WORKER, ids=lambda kind: kind.__name__)
def test_what_the_worker_says_arrives_equal(message_type):
    message = example(message_type)
    assert decode(encode(message), FROM_WORKER) == message


@pytest.mark.parametrize("message_type", FROM_MODEL, ids=lambda kind: kind.__name__)
def test_what_the_model_process_says_arrives_equal(message_type):
    message = example(message_type)
    assert decode(encode(message), FROM_MODEL) == message


def test_every_message_has_exactly_one_direction():
    assert not set(FROM_WORKER) & set(FROM_MODEL)
    assert set(FROM_WORKER) | set(FROM_MODEL) == set(protocol.Message.__args__)


def test_message_of_the_other_direction_is_refused():
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(encode(Ready()), FROM_WORKER)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x04K\x01.",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"[" * 16_000,
        b"{}",
        b'{"message": ["Ready"]}',
        b'{"message": "Explode"}',
        b'{"message": "Ready", "more": 1}',
        b'{"message": "Progress"}',
    ],
)
def test_garbage_is_no_message(data):
    with pytest.raises(ProtocolError):
        decode(data, FROM_MODEL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"run": -1},
        {"run": 1.0},
        {"run": True},
        {"run": 2**53},
        {"task_id": 7},
        {"stage": None},
        {"progress": "50"},
        {"progress": True},
        {"progress": -0.1},
        {"progress": 100.1},
        {"progress": float("nan")},
        {"progress": float("inf")},
        {"progress": 10**400},
    ],
    ids=lambda wrong: str(wrong)[:20],
)
def test_value_that_no_model_process_may_send_is_no_message(wrong):
    with pytest.raises(ProtocolError):
        decode(progress(**wrong), FROM_MODEL)


@pytest.mark.parametrize("percent", [0, 0.0, 100, 99.999])
def test_progress_reaches_from_0_to_100(percent):
    assert decode(progress(progress=percent), FROM_MODEL) == Progress("a", 1, percent, "generating")


def test_message_too_long_for_the_pipe_is_refused_by_its_sender():
    encode(Progress("a", 1, 1, "s" * (protocol.MAX_MESSAGE_BYTES - 100)))
    with pytest.raises(ProtocolError, match="too long"):
        encode(Progress("a", 1, 1, "s" * protocol.MAX_MESSAGE_BYTES))


def test_file_name_that_is_not_unicode_still_crosses():
    start = Start("a", 1, "/pictures/\udcff.jpg", "/videos/a", "/previews/a")
    assert decode(encode(start), FROM_WORKER).picture_path == "/pictures/?.jpg"
