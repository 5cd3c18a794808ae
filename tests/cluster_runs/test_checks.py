"""The checks at the end of a run find what they look for."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cluster_runs import checks
from tests.cluster_runs.machines import MARK, marked

ROWS = [{"task_id": name, "attempt": 1} for name in "abcdefgh"]


def started(names: str) -> str:
    return "".join(f"event=started task={name} run=1\n" for name in names)


def test_a_start_out_of_order_is_found_and_a_second_run_is_no_first_start() -> None:
    assert checks.in_order(ROWS, started("abcdefgha"), 2) == 0
    assert checks.in_order(ROWS, started("bacdefgh"), 2) == 1
    with pytest.raises(AssertionError, match="7 places"):
        checks.in_order(ROWS, started("bcdefgha"), 2)


def test_a_task_that_ended_twice_or_is_nobodys_is_found() -> None:
    once = "event=succeeded task=a run=1\n"
    checks.ended_once(ROWS, once)
    for log in (once + "event=failed task=a run=2\n", "event=succeeded task=z run=1\n"):
        with pytest.raises(AssertionError):
            checks.ended_once(ROWS, log)


def test_an_attempt_that_no_dead_model_is_behind_is_found() -> None:
    blamed = [*ROWS[1:], {"task_id": "a", "attempt": 3}]
    assert checks.attempts(blamed, set("bcd"), 2) == 2
    with pytest.raises(AssertionError, match="no model had died"):
        checks.attempts(blamed, {"a"}, 2)
    with pytest.raises(AssertionError, match="more attempts than models"):
        checks.attempts(blamed, set(), 1)


def test_a_process_and_a_file_that_are_left_are_found(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], env=os.environ | {MARK: "of-this-test"}) as orphan:
        try:
            assert marked("of-this-test") == [orphan.pid]
            with pytest.raises(AssertionError, match="sleep"):
                checks.nothing_left("of-this-test", [tmp_path])
        finally:
            orphan.kill()
    checks.nothing_left("of-this-test", [tmp_path])
    (tmp_path / "video.part").touch()
    with pytest.raises(AssertionError, match=r"video\.part"):
        checks.nothing_left("of-this-test", [tmp_path])


def test_a_bug_is_found_and_a_child_that_was_never_spoken_to_is_none() -> None:
    stillborn = 'Traceback (most recent call last):\n  File "<string>", line 1\nEOFError: Ran out of input\n'
    checks.nothing_untoward({"worker": f"event=joined\n{stillborn}event=stopped\n"})
    for log in ("event=bug in=line", "Traceback (most recent call last):\n  x\nKeyError: 1\n"):
        with pytest.raises(AssertionError, match="worker"):
            checks.nothing_untoward({"worker": stillborn + log})
