"""What every test stands on: its event loop, and signals as a terminal gives them."""

import asyncio
import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

# A shell starts background jobs with Ctrl-C ignored, and every process that a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What the person who runs the tests has configured, or has sent, is no part of them.
for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[variable] = tempfile.mkdtemp(prefix="leyline-tests-")
    atexit.register(shutil.rmtree, os.environ[variable], ignore_errors=True)

DEADLINE_SECONDS = 60  # of a test that names none


def pytest_configure(config: pytest.Config) -> None:
    """pytest-tornado's own five seconds are soon over on a busy machine."""
    config.option.async_test_timeout = DEADLINE_SECONDS


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Tests wait for half of their time: twice as many workers as there are processors keep these busy."""
    return 2 * len(os.sched_getaffinity(0))


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """pytest-tornado's own makes its loop in a way that newer versions of Python and Tornado warn of."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    io_loop = IOLoop.current()
    yield io_loop
    asyncio.set_event_loop(None)
    io_loop.close(all_fds=True)
