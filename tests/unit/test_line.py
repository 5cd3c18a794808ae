"""Positions and estimates: arithmetic on a line that is given."""

from time import monotonic

from leyline.line.events import Live
from leyline.line.standings import Basis, LineView
from leyline.line.store import InLine, LineState


def view(waiting: int = 0, running: bool = False, runs: tuple[float, ...] = ()) -> LineView:
    return LineView(
        LineState(
            waiting=tuple(InLine(f"waiting {number}", "me", "me") for number in range(1, waiting + 1)),
            running=(InLine("running", "me", "me"),) if running else (),
            paused=False,
            run_seconds=runs,
        ),
        prior_seconds=30.0,
    )


def live(elapsed: float, progress: float) -> Live:
    return Live("running", 1, started=monotonic() - elapsed, progress=progress)


def test_the_first_in_line_is_next() -> None:
    assert view(waiting=3).position("waiting 1") == 1
    assert view(waiting=3).position("waiting 3") == 3
    assert view(waiting=3).position("unknown") is None


def test_before_the_first_run_the_prior_is_the_guess() -> None:
    assert view(waiting=2).basis is Basis.PRIOR
    assert view(waiting=2).seconds_until_ready(2, None) == 60.0


def test_history_beats_the_prior_by_its_median() -> None:
    history = view(waiting=2, runs=(10.0, 12.0, 500.0))
    assert history.basis is Basis.HISTORY
    assert history.seconds_until_ready(1, None) == 12.0


def test_a_waiting_task_waits_for_the_running_one() -> None:
    seconds = view(waiting=1, running=True, runs=(20.0,)).seconds_until_ready(1, live(elapsed=5, progress=0))
    assert abs(seconds - (15 + 20)) < 0.1


def test_progress_counts_once_it_is_past_five_percent() -> None:
    running = view(running=True, runs=(20.0,))
    seconds, basis = running.remaining_seconds(live(elapsed=10, progress=4))
    assert (round(seconds), basis) == (10, Basis.HISTORY)
    seconds, basis = running.remaining_seconds(live(elapsed=10, progress=50))
    assert (round(seconds), basis) == (10, Basis.PROGRESS)
    seconds, basis = running.remaining_seconds(live(elapsed=10, progress=25))
    assert (round(seconds), basis) == (30, Basis.PROGRESS)


def test_an_overdue_run_is_about_to_end_and_never_in_the_past() -> None:
    assert view(running=True, runs=(20.0,)).remaining_seconds(live(elapsed=500, progress=0))[0] == 0.0


def test_an_owner_is_shown_their_own_tasks_running_first() -> None:
    assert view(waiting=2, running=True).of_owner("me") == ["running", "waiting 1", "waiting 2"]
    assert view(waiting=2, running=True).of_owner("them") == []
    assert view(waiting=2).of_owner(None) == []
