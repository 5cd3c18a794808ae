"""Leaving before the end: each signal has its exit code, and one that is to be ignored is."""

import asyncio
import os
import signal

import pytest

from leyline.client import leaving


async def told(number):
    os.kill(os.getpid(), number)
    await asyncio.sleep(0.05)
    return "done"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=str
)
def test_each_signal_has_the_exit_code_that_a_shell_gives_it(number, code):
    with pytest.raises(leaving.Left) as left:
        leaving.run(told(number))
    assert left.value.exit_code == code


def test_what_is_left_is_left_in_order():
    cleaned = []

    async def work():
        try:
            await told(signal.SIGTERM)
        finally:
            cleaned.append("up")

    with pytest.raises(leaving.Left):
        leaving.run(work())
    assert cleaned == ["up"]


def test_under_nohup_the_end_of_the_terminal_is_no_end():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert leaving.run(told(signal.SIGHUP)) == "done"
    finally:
        signal.signal(signal.SIGHUP, before)
