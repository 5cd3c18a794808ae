"""The event loop of every asynchronous test."""

import asyncio
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """pytest-tornado's own makes its loop in a way that newer versions of Python and Tornado warn of."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    io_loop = IOLoop.current()
    yield io_loop
    asyncio.set_event_loop(None)
    io_loop.close(all_fds=True)
