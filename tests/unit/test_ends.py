"""When runs begin that are made side by side: arithmetic, held to what comes of playing it through."""

import heapq
import random

import pytest

from leyline.line.ends import Ends


def played_through(ends: list[float], run_seconds: float, positions: int) -> list[float]:
    """Whichever ends first takes the next, again and again."""
    heap, starts = list(ends), []
    heapq.heapify(heap)
    for _ in range(positions):
        starts.append(heap[0])
        heapq.heapreplace(heap, heap[0] + run_seconds)
    return starts


@pytest.mark.parametrize("seed", range(200))
def test_each_begins_when_it_would_if_it_were_played_through(seed: int) -> None:
    chance = random.Random(seed)
    run_seconds = chance.choice([0.5, 1.0, 7.3])
    ends = [
        chance.choice([0.0, chance.random() * run_seconds, chance.random() * 30 * run_seconds])
        for _ in range(chance.randint(1, 12))
    ]
    found = Ends(ends, run_seconds)
    positions = list(range(1, 100))
    chance.shuffle(positions)
    expected = played_through(ends, run_seconds, 99)
    for position in positions:
        assert found.start_of(position) == pytest.approx(expected[position - 1])


def test_who_waits_does_not_wait_for_a_run_that_takes_long() -> None:
    assert [Ends([0.0, 100.0], 10).start_of(position) for position in (1, 2, 11, 12, 13)] == [0, 10, 100, 100, 110]


def test_without_a_model_process_or_with_runs_that_take_no_time_nobody_waits() -> None:
    assert Ends([], 10).start_of(3) == 20, "as with one that is idle"
    assert Ends([4.0, 2.0], 0).start_of(1000) == 2
