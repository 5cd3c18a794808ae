"""The engine over the door: a scheduler and workers of `distributed` that have nothing but our contexts."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from distributed import Scheduler, Worker
from distributed.comm import connect, listen
from distributed.comm.core import CommClosedError

from leyline.cluster import caller, join_file
from leyline.cluster.security import FrontSecurity, front_security, peer_name, worker_security
from tests.live_server import eventually

YEAR = timedelta(days=365)
ENDS_SECONDS = 5.0
WORKER = {"nthreads": 1, "dashboard": False, "death_timeout": "5s", "host": "127.0.0.1"}


@contextlib.asynccontextmanager
async def gathering(folder: Path) -> AsyncIterator[tuple[FrontSecurity, Scheduler]]:
    security = front_security(folder / "data")
    keeping = asyncio.create_task(security.door.keep())
    async with Scheduler(host="127.0.0.1", port=0, protocol="tls", security=security, dashboard=False) as scheduler:
        yield security, scheduler
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


def joining(security: FrontSecurity, folder: Path, name: str) -> Path:
    path = folder / f"{name}.join"
    path.write_text(security.door._authority.issue("127.0.0.1:1", name, YEAR).text())
    return path


@pytest.mark.gen_test
async def test_a_worker_of_the_engine_joins_and_a_revocation_makes_it_leave(tmp_path: Path) -> None:
    async with gathering(tmp_path) as (security, scheduler):
        path = joining(security, tmp_path, "gpu")
        own = worker_security(path, join_file.read(path))
        async with Worker(scheduler.address, security=own, local_directory=str(tmp_path), **WORKER):
            assert len(scheduler.workers) == 1
            security.door._authority.revoke("gpu")
            began = time.monotonic()
            await eventually(lambda: not scheduler.workers, "it has left", ENDS_SECONDS)
            assert time.monotonic() - began < ENDS_SECONDS


@pytest.mark.gen_test
async def test_the_engine_tells_whose_connection_it_is(tmp_path: Path) -> None:
    names: list[str] = []

    async def hear(comm: object) -> None:
        names.append(peer_name(comm))
        await comm.write(await comm.read())

    security = front_security(tmp_path / "data")
    path = joining(security, tmp_path, "gpu")
    own = worker_security(path, join_file.read(path))
    async with listen("tls://127.0.0.1:0", hear, **security.get_listen_args("scheduler")) as listener:
        comm = await connect(listener.contact_address, **own.get_connection_args("worker"))
        await comm.write("hello")
        assert await comm.read() == "hello"
        await comm.close()
        with pytest.raises(RuntimeError, match="encryption required"):
            await connect(listener.contact_address.replace("tls", "tcp"), **own.get_connection_args("worker"))
    assert names == ["gpu"]


@pytest.mark.gen_test
async def test_a_revoked_worker_reads_why_in_the_engines_error(tmp_path: Path) -> None:
    async with gathering(tmp_path) as (security, scheduler):
        path = joining(security, tmp_path, "gpu")
        own = worker_security(path, join_file.read(path))
        security.door._authority.revoke("gpu")
        security.door.read_revocations()
        with pytest.raises((OSError, CommClosedError)) as refused:
            await connect(scheduler.address, timeout=3, **own.get_connection_args("worker"))
        assert "has revoked this worker's certificate" in (caller.why_not(refused.value) or "")


@pytest.mark.gen_test
async def test_a_workers_port_lets_no_other_worker_in_and_not_even_the_front_door(tmp_path: Path) -> None:
    async with gathering(tmp_path) as (security, scheduler):
        paths = [joining(security, tmp_path, name) for name in ("one", "two")]
        one, two = (worker_security(path, join_file.read(path)) for path in paths)
        async with Worker(scheduler.address, security=one, local_directory=str(tmp_path), **WORKER) as worker:
            for caller_args in (two.get_connection_args("worker"), security.get_connection_args("scheduler")):
                with pytest.raises(OSError):
                    await connect(worker.address, timeout=2, **caller_args)
