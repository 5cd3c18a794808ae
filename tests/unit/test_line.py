"""Positions and estimates: arithmetic on a line that is given."""

from dataclasses import replace
from time import monotonic

import pytest

from leyline.line.events import Events, Live
from leyline.line.index import LineIndex
from leyline.line.standings import Basis, Line
from leyline.line.store import InLine, LineState
from tests.steady_models import SteadyModels


def line(waiting: int = 0, runs: tuple[float, ...] = (), models: int = 1, **live: Live | None) -> Line:
    """A line in which so many wait, and the tasks named run, with these live states, of so many models."""
    events = Events()
    events.live.update({task_id: state for task_id, state in live.items() if state})
    state = LineState(
        waiting=tuple(InLine(n, n, f"waiting {n}", "me", "me") for n in range(100, 100 + waiting)),
        running=tuple(InLine(n, n, task_id, "me", "me") for n, task_id in enumerate(live)),
        paused=False,
        run_seconds=runs,
    )
    index = LineIndex(state)
    return Line(index, events, prior_seconds=30.0, models=SteadyModels(index, models))


def test_room_for_a_network_comes_when_its_own_first_task_starts() -> None:
    waiting = tuple(
        InLine(at, at, f"waiting {at}", f"session {at}", f"session {at}", network)
        for at, network in enumerate((None, "192.0.2.1", "192.0.2.2", "192.0.2.2"))
    )
    state = LineState(waiting, (), paused=False, run_seconds=(10.0,))
    index = LineIndex(state)
    shown = Line(index, Events(), prior_seconds=30.0, models=SteadyModels(index))
    for network, seconds in ((None, 1.0), ("192.0.2.1", 10.0), ("192.0.2.2", 20.0), ("192.0.2.3", 1.0)):
        assert shown.seconds_until_room(None, network) == seconds
    assert shown.seconds_until_room("session 3", "192.0.2.1") == 30.0, "by its own"


def live(elapsed: float, progress: float) -> Live:
    return Live("running", 1, started=monotonic() - elapsed, progress=progress)


def test_the_first_in_line_is_next() -> None:
    positions = [line(waiting=3).standing(name) for name in ("waiting 100", "waiting 102", "unknown")]
    assert [found and found.position for found in positions] == [1, 3, None]


def test_before_the_first_run_the_prior_is_the_guess() -> None:
    assert line(waiting=2).basis is Basis.PRIOR
    assert line(waiting=2).seconds_until_ready(2) == 60.0


def test_history_beats_the_prior_by_its_median() -> None:
    history = line(waiting=2, runs=(10.0, 12.0, 500.0))
    assert history.basis is Basis.HISTORY
    assert history.seconds_until_ready(1) == 12.0


def test_a_waiting_task_waits_for_the_running_one() -> None:
    seconds = line(waiting=1, runs=(20.0,), running=live(elapsed=5, progress=0)).seconds_until_ready(1)
    assert abs(seconds - (15 + 20)) < 0.1


def test_who_waits_takes_the_run_that_ends_first_and_the_next_one_the_next() -> None:
    two = line(waiting=4, runs=(20.0,), slow=live(elapsed=5, progress=0), fast=live(elapsed=15, progress=0))
    starts = [round(two.seconds_until_start(position)) for position in (1, 2, 3, 4)]
    assert starts == [5, 15, 25, 35], "the fast one's room, the slow one's, and each again after a run"
    assert round(two.seconds_until_ready(3)) == 45


def starts(shown: Line, *positions: int) -> list[int]:
    return [round(shown.seconds_until_start(position)) for position in positions]


def test_an_idle_model_takes_the_next_at_once() -> None:
    three = line(waiting=5, runs=(20.0,), models=3, slow=live(elapsed=5, progress=0))
    assert starts(three, 1, 2, 3, 4, 5) == [0, 0, 15, 20, 20]


def test_the_progress_of_each_counts() -> None:
    two = line(
        waiting=3, runs=(20.0,), models=2, slow=live(elapsed=10, progress=10), fast=live(elapsed=8, progress=80)
    )
    assert starts(two, 1, 2, 3, 4, 5, 6) == [2, 22, 42, 62, 82, 90], "by the history the slow one were done in 10"


@pytest.mark.parametrize("number", [2, 12])
def test_a_model_that_joins_or_leaves_changes_the_estimates(number: int) -> None:
    index = LineIndex(LineState((), (), paused=False, run_seconds=(10.0,)))
    models = SteadyModels(index, number)
    shown = Line(index, Events(), prior_seconds=30.0, models=models)
    for change in (0, 1, -2):
        models.number += change
        models.version += 1
        assert starts(shown, models.number, models.number + 1) == [0, 10]


def test_the_ends_of_many_models_follow_the_line() -> None:
    many = {f"run{n}": live(elapsed=15, progress=0) for n in range(10)}
    shown = line(waiting=1, runs=(20.0,), models=10, **many)
    assert starts(shown, 1, 10, 11) == [5, 5, 25]
    shown._index.remove("run3")  # and with it goes a version
    shown._events.line_changed()
    assert starts(shown, 1, 2, 11) == [0, 5, 20]


def test_a_run_whose_share_was_not_known_for_a_while_is_estimated_from_history() -> None:
    for progress in (None, 50.0):
        unknown = replace(live(elapsed=10, progress=0), progress=progress, is_measured=False)
        seconds, basis = line(runs=(20.0,), running=unknown).remaining_seconds("running")
        assert (round(seconds), basis) == (10, Basis.HISTORY)


def test_progress_counts_once_it_is_past_five_percent() -> None:
    def remaining(progress: float) -> tuple[int, Basis]:
        running = line(runs=(20.0,), running=live(elapsed=10, progress=progress))
        seconds, basis = running.remaining_seconds("running")
        return round(seconds), basis

    assert remaining(4) == (10, Basis.HISTORY)
    assert remaining(50) == (10, Basis.PROGRESS)
    assert remaining(25) == (30, Basis.PROGRESS)


def test_an_overdue_run_is_about_to_end_and_never_in_the_past() -> None:
    assert line(runs=(20.0,), running=live(elapsed=500, progress=0)).remaining_seconds("running")[0] == 0.0


def test_an_owner_is_shown_their_own_tasks_running_first() -> None:
    assert line(waiting=2, running=None).of_owner("me") == ["running", "waiting 100", "waiting 101"]
    assert line(waiting=2, running=None).of_owner("them") == []
    assert line(waiting=2).of_owner(None) == []
