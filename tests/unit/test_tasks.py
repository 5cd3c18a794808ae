"""Tasks: the legal moves, and a row read back."""

import dataclasses

import pytest

from leyline.line.tasks import MOVES, TERMINAL, Task, TaskStatus

ROW = {
    "number": 7,
    "place": 3,
    "task_id": "0" * 32,
    "owner": None,
    "client": "127.0.0.1",
    "client_id": None,
    "batch_id": None,
    "webhook_url": None,
    "out_of_turn": 0,
    "status": "queued",
    "moves": 1,
    "run": 0,
    "attempt": 1,
    "cancel_requested": 0,
    "retry_of": None,
    "upload_sha256": None,
    "idempotency_key": None,
    "image_name": "beach.jpg",
    "image_width": 640,
    "image_height": 480,
    "image_bytes": 12345,
    "video_width": None,
    "video_height": None,
    "video_seconds": None,
    "video_bytes": None,
    "views": 0,
    "error_code": None,
    "error_detail": None,
    "created_at": 1.5,
    "started_at": None,
    "finished_at": None,
    "expires_at": None,
    "files_removed": 0,
    "trashed_at": None,
    "network": None,
    "pinned": 0,
    "parameters": None,
    "sent_sha256": None,
    "video_sound": 1,
}


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_terminal_states_never_change(status):
    assert MOVES[status] == frozenset()


def test_every_state_has_its_moves_written_down():
    assert set(MOVES) == set(TaskStatus)


def test_every_state_is_reached_from_queued():
    reached, fresh = {TaskStatus.QUEUED}, {TaskStatus.QUEUED}
    while fresh:
        fresh = frozenset().union(*(MOVES[status] for status in fresh)) - reached
        reached |= fresh
    assert reached == set(TaskStatus)


def test_video_only_comes_from_processing():
    assert [status for status in TaskStatus if TaskStatus.SUCCEEDED in MOVES[status]] == ["processing"]


def test_row_is_read_back_with_real_types():
    task = Task.from_row(ROW | {"status": "canceled", "cancel_requested": 1, "files_removed": 1})
    assert task.status is TaskStatus.CANCELED
    assert task.cancel_requested is True and task.files_removed is True
    assert task.finished


def test_columns_that_a_newer_schema_added_are_ignored():
    assert Task.from_row(ROW | {"color": "blue"}) == Task.from_row(ROW)


@pytest.mark.parametrize("status", sorted(TaskStatus))
def test_finished_means_terminal(status):
    assert Task.from_row(ROW | {"status": status}).finished == (status in TERMINAL)


def test_video_key_names_the_run_so_that_an_earlier_run_cannot_overwrite_it():
    task = Task.from_row(ROW | {"run": 4})
    assert task.video_key == "0" * 32 + "-4"
    assert dataclasses.replace(task, run=5).video_key != task.video_key


def test_unknown_status_is_not_taken_for_a_state():
    with pytest.raises(ValueError, match="asleep"):
        Task.from_row(ROW | {"status": "asleep"})
