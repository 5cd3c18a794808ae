"""A short churn in which nothing may grow; `make growth` is the long one."""

from pathlib import Path

import pytest

from tests.acceptance.growth import grow, grown

pytestmark = [pytest.mark.long, pytest.mark.alone]  # with others beside it, memory comes and goes later


@pytest.mark.gen_test(timeout=400)
async def test_tasks_that_come_and_go_leave_nothing_behind(tmp_path: Path) -> None:
    found = await grow(tmp_path, tasks=200, batch=20, kept_seconds=2)
    assert grown(found) == []
