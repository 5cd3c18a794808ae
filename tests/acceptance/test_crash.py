"""The short run of `crash`; `make crash` runs the long one."""

from pathlib import Path

import pytest

from tests.acceptance.crash import STATES, Crash

pytestmark = [pytest.mark.long, pytest.mark.alone]  # it measures how soon a model is back

SEED = 20_240


@pytest.mark.gen_test(timeout=400)
async def test_whatever_is_killed_each_upload_becomes_one_video_in_its_turn(tmp_path: Path) -> None:
    report = await Crash(tmp_path, SEED).run(kills=12, uploads=30, least_of_each=1, model_kills=3)
    assert report.kills >= 12
    assert all(report.of_state(state) for state in STATES)
