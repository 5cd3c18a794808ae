"""The pipe's messages: what is sent arrives equal, and nothing else arrives at all."""

import dataclasses
import json
from typing import get_args

import pytest

from leyline.processes import protocol
from leyline.processes.protocol import (
    GLIMPSES,
    LABELS,
    MODEL,
    PICTURES,
    Cancel,
    Done,
    Prepared,
    Progress,
    ProtocolError,
    Ready,
    Start,
    decode,
    encode,
)

EXAMPLES = {
    int: 3,
    float: 12.5,
    str: "ümlaut ✓",
    bool: True,
    int | None: 4,
    float | None: 0.5,
    protocol.Parameters: {"prompt": "Wind", "seed": None, "loop": True},
}
CONVERSATIONS = {"model": MODEL, "pictures": PICTURES, "labels": LABELS, "glimpses": GLIMPSES}
SAID = [  # (what is said, to or by which child, what is expected there)
    pytest.param(message_type, expected, id=f"{name}: {message_type.__name__}")
    for name, conversation in CONVERSATIONS.items()
    for expected in (conversation.from_parent, conversation.from_child)
    for message_type in expected
]


def example(message_type):
    kinds = [field.type for field in dataclasses.fields(message_type)]
    return message_type(*(EXAMPLES[kind] if kind in EXAMPLES else get_args(kind)[0] for kind in kinds))


def progress(**changes):
    body = {"message": "Progress", "task_id": "a", "run": 1, "progress": 1, "stage": "generating"}
    return json.dumps(body | changes).encode()


@pytest.mark.parametrize(("message_type", "expected"), SAID)
def test_what_is_said_arrives_equal(message_type, expected):
    message = example(message_type)
    assert decode(encode(message), expected) == message


def test_every_message_has_exactly_one_direction():
    from_parent, from_child = (
        {kind for each in CONVERSATIONS.values() for kind in getattr(each, side)}
        for side in ("from_parent", "from_child")
    )
    assert from_parent == set(protocol.FromParent.__args__)
    assert from_child == set(protocol.FromChild.__args__)
    assert not from_parent & from_child


@pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS)
def test_a_request_ends_with_something_that_the_child_says(conversation):
    assert set(conversation.ends) < set(conversation.from_child)


def test_message_of_the_other_direction_is_refused():
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(encode(Ready()), MODEL.from_parent)


def test_message_of_the_other_conversation_is_refused():
    with pytest.raises(ProtocolError, match="unknown kind"):
        decode(encode(Prepared(2, 2)), MODEL.from_child)


def test_a_message_of_another_run_is_not_about_this_one():
    start = Start("a", 2, "picture", "video", "preview", {})
    assert protocol.may_be_about(Cancel("a", 2), start)
    assert protocol.may_be_about(Ready(), start)
    assert not protocol.may_be_about(Done("a", 1, 2, 2, 1.0), start)
    assert not protocol.may_be_about(Done("b", 2, 2, 2, 1.0), start)


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
        b'{"message": "Ready"}',
        b'{"message": "ModelReady", "schema": "{}", "more": 1}',
        b'{"message": "ModelReady", "schema": {}}',
        b'{"message": "Progress"}',
        b'{"message": "LoadFailed", "detail": "", "wrong": "weather"}',
        b'{"message": "Failed", "task_id": "a", "run": 1, "code": "weather", "detail": ""}',
        b'{"message": "Done", "task_id": "a", "run": 1, "width": 0, "height": 2, "seconds": 1}',
    ],
)
def test_garbage_is_no_message(data):
    with pytest.raises(ProtocolError):
        decode(data, MODEL.from_child)


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
        decode(progress(**wrong), MODEL.from_child)


@pytest.mark.parametrize("percent", [0, 0.0, 100, 99.999, None])
def test_progress_reaches_from_0_to_100_or_is_not_known(percent):
    assert decode(progress(progress=percent), MODEL.from_child) == Progress("a", 1, percent, "generating")


def test_message_too_long_for_the_pipe_is_refused_by_its_sender():
    encode(Progress("a", 1, 1, "s" * (protocol.MAX_MESSAGE_BYTES - 100)))
    with pytest.raises(ProtocolError, match="too long"):
        encode(Progress("a", 1, 1, "s" * protocol.MAX_MESSAGE_BYTES))


def test_file_name_that_is_not_unicode_arrives_equal_too():
    start = Start("a", 1, "/pictures/\udcff.jpg", "/videos/a", "/previews/a", {})
    assert decode(encode(start), MODEL.from_parent) == start
