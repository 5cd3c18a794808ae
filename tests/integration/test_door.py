"""The front door's TLS over real sockets: who gets in, who does not and why, and who has to leave."""

import asyncio
import contextlib
import datetime
import fcntl
import logging
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from tornado.iostream import IOStream, StreamClosedError
from tornado.tcpclient import TCPClient
from tornado.tcpserver import TCPServer

from leyline.cluster import caller, certificates, door
from leyline.cluster.certificates import Authority
from leyline.cluster.door import Door
from leyline.cluster.join_file import FRONT_DOOR, JoinFile
from tests.live_server import eventually

pytestmark = pytest.mark.slow  # connections end within seconds, and are waited for

YEAR = timedelta(days=365)
LOUD = b"loud " * 2000
ENDS_SECONDS = 5.0  # an open connection, after what ends it


class Echo(TCPServer):
    """Gives back what it gets, over TLS as the engine's listener does it."""

    def __init__(self, door: Door) -> None:
        super().__init__(ssl_options=door.context)
        self.inside: set[IOStream] = set()
        self.taken = 0
        self.has_heard_noise = False

    async def handle_stream(self, stream: IOStream, address: object) -> None:
        with contextlib.suppress(StreamClosedError, OSError):
            await stream.wait_for_handshake()  # type: ignore[attr-defined]
            self.inside.add(stream)
            while True:
                said = await stream.read_bytes(1000, partial=True)
                self.taken += 1
                self.has_heard_noise |= not said.isascii()  # as what is encrypted is
                await stream.write(said)
        self.inside.discard(stream)


class House:
    """A front door that is kept, on a free port, and join files for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "data")
        self.door = Door(self.authority)
        self.echo = Echo(self.door)
        self.echo.listen(0, "127.0.0.1")
        (listening,) = self.echo._sockets.values()
        self.port: int = listening.getsockname()[1]

    def joining(self, name: str, lifetime: timedelta = YEAR, authority: Authority | None = None) -> Path:
        made = (authority or self.authority).issue(f"127.0.0.1:{self.port}", name, lifetime)
        return self.written(made)

    def written(self, made: JoinFile) -> Path:
        path = self.folder / f"{made.name}.join"
        path.write_text(made.text())
        return path

    async def call(self, context: ssl.SSLContext) -> IOStream:
        stream = await TCPClient().connect("127.0.0.1", self.port)
        return await stream.start_tls(False, context, server_hostname=FRONT_DOOR)

    async def enters(self, context: ssl.SSLContext) -> IOStream:
        stream = await self.call(context)
        await stream.write(b"hello")
        assert await stream.read_bytes(5) == b"hello"
        return stream

    async def is_refused(self, context: ssl.SSLContext) -> BaseException:
        """In TLS 1.3 who calls may believe to be inside until it reads."""
        with pytest.raises((StreamClosedError, OSError)) as refused:
            await self.enters(context)
        return getattr(refused.value, "real_error", None) or refused.value


@contextlib.asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    it = House(folder)
    keeping = asyncio.create_task(it.door.keep())
    try:
        yield it
        assert not keeping.done()
    finally:
        keeping.cancel()
        it.echo.stop()
        for stream in list(it.echo.inside):
            stream.close()
        await asyncio.gather(keeping, return_exceptions=True)


def worker(path: Path, authority: Authority) -> ssl.SSLContext:
    return caller.calling(authority.certificate, path)


def refusals(caplog: pytest.LogCaptureFixture) -> list[str]:
    return re.findall(r"event=join_refused peer=127\.0\.0\.1 reason='(.*?)'", caplog.text)


@pytest.mark.gen_test
async def test_who_has_a_join_file_gets_in(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        stream = await it.enters(worker(it.joining("gpu"), it.authority))
        (inside,) = it.echo.inside
        assert door.name_in(inside.socket.getpeercert()) == "gpu"
        assert stream.socket.version() == "TLSv1.3"
        stream.close()
    assert refusals(caplog) == []


@pytest.mark.gen_test
async def test_who_shows_no_certificate_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        context = ssl.create_default_context(cadata=it.authority.certificate)
        error = await it.is_refused(context)
        assert caller.why_not(error) == "The front door wants a certificate: join with a join file."
    assert refusals(caplog) == ["it showed no certificate"]


@pytest.mark.gen_test
async def test_who_is_of_another_installation_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        foreign = it.joining("gpu", authority=Authority(tmp_path / "other"))
        error = await it.is_refused(worker(foreign, it.authority))
        assert "of another installation" in (caller.why_not(error) or "")
    assert refusals(caplog) == ["its certificate is of another authority"]


@pytest.mark.gen_test
async def test_whose_certificate_has_expired_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        error = await it.is_refused(worker(it.joining("gpu", timedelta(seconds=-1)), it.authority))
        assert "has expired" in (caller.why_not(error) or "")
    assert refusals(caplog) == ["its certificate has expired"]


@pytest.mark.gen_test
async def test_whose_certificate_begins_in_the_future_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as it:
        monkeypatch.setattr(certificates, "_now", lambda: datetime.datetime.now(datetime.UTC) + timedelta(days=2))
        joining = it.joining("gpu")
        await it.is_refused(worker(joining, it.authority))
    assert refusals(caplog) == ["its certificate is not valid yet: one of the two clocks is wrong"]


@pytest.mark.gen_test
async def test_whose_certificate_was_revoked_is_refused_and_the_others_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path) as it:
        paths = {name: it.joining(name) for name in ("one", "two", "three", "four")}
        for name in ("one", "two", "three"):  # in the same second: each list counts more than the one before
            it.authority.revoke(name)
            it.door.read_revocations()
        for name in ("one", "two", "three"):
            error = await it.is_refused(worker(paths[name], it.authority))
            assert caller.why_not(error) == (
                "The front door has revoked this worker's certificate. It needs a new join file."
            )
        (await it.enters(worker(paths["four"], it.authority))).close()
    assert refusals(caplog) == ["its certificate was revoked"] * 3


@pytest.mark.gen_test
async def test_what_was_revoked_before_the_start_is_refused(tmp_path: Path) -> None:
    before = Authority(tmp_path / "data")
    made = before.issue("127.0.0.1:1", "gpu", YEAR)
    before.revoke("gpu")
    async with house(tmp_path) as it:
        await it.is_refused(worker(it.written(made), it.authority))


@pytest.mark.gen_test
async def test_a_worker_cannot_play_the_front_door(tmp_path: Path) -> None:
    """A worker's certificate shown by who answers: nobody who joins believes it."""
    async with house(tmp_path) as it:
        joining = it.joining("gpu")
        impostor = TCPServer(ssl_options=caller.answering_nobody(joining))
        impostor.listen(0, "127.0.0.1")
        (listening,) = impostor._sockets.values()
        it.port = listening.getsockname()[1]
        error = await it.is_refused(worker(joining, it.authority))
        impostor.stop()
    assert isinstance(error, ssl.SSLCertVerificationError)
    assert "is not the front door of the join file" in (caller.why_not(error) or "")


@pytest.mark.gen_test
async def test_a_worker_does_not_believe_another_installations_front_door(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path) as it:
        other = Authority(tmp_path / "other")
        error = await it.is_refused(worker(it.joining("gpu", authority=other), other))
        assert "is not the front door of the join file" in (caller.why_not(error) or "")
        await eventually(lambda: refusals(caplog), "it is told")
    assert refusals(caplog) == ["it does not trust this front door: its join file is of another installation"]


@pytest.mark.gen_test
async def test_less_than_tls_1_3_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        context = worker(it.joining("gpu"), it.authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        await it.is_refused(context)
    assert refusals(caplog) == ["it speaks no TLS 1.3"]


@pytest.mark.gen_test
async def test_a_port_that_nobody_needs_lets_nobody_in(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        listener = TCPServer(ssl_options=caller.answering_nobody(it.joining("one")))
        listener.listen(0, "127.0.0.1")
        (listening,) = listener._sockets.values()
        it.port = listening.getsockname()[1]
        context = worker(it.joining("two"), it.authority)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        await it.is_refused(context)
        listener.stop()


NOISE = {
    "random bytes": bytes(range(256)) * 40,
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: front\r\n\r\n",
    "nothing": b"",
    "the engine without TLS": b"\x10\0\0\0\0\0\0\0" + bytes(64),
    "half of a greeting": bytes.fromhex("16030102000100"),
}


@pytest.mark.gen_test
async def test_noise_does_no_harm_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        context = worker(it.joining("gpu"), it.authority)
        stream = await it.enters(context)
        for noise in NOISE.values():
            plain = await TCPClient().connect("127.0.0.1", it.port)
            with contextlib.suppress(StreamClosedError):
                await plain.write(noise)
            plain.close()
        await eventually(lambda: len(refusals(caplog)) == len(NOISE), "each is told")
        assert {"it spoke HTTP", "it did not speak TLS", door.LEFT} == set(refusals(caplog))
        await stream.write(b"still here")
        assert await stream.read_bytes(10) == b"still here"
        (await it.enters(context)).close()
        stream.close()


@pytest.mark.gen_test
async def test_who_stays_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "HANDSHAKE_SECONDS", 0.5)
    async with house(tmp_path) as it:
        silent = await TCPClient().connect("127.0.0.1", it.port)
        with pytest.raises(StreamClosedError):
            await silent.read_bytes(1)


@pytest.mark.gen_test
async def test_who_comes_in_masses_pushes_out_only_the_oldest_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_HANDSHAKES", 5)
    async with house(tmp_path) as it:
        context = worker(it.joining("gpu"), it.authority)
        stream = await it.enters(context)
        silent = [socket.create_connection(("127.0.0.1", it.port)) for _ in range(20)]
        await eventually(lambda: len(it.door._handshakes) == 5, "no more than so many are kept")
        (await it.enters(context)).close()
        await stream.write(b"hello")
        assert await stream.read_bytes(5) == b"hello"
        for each in silent:
            each.close()
        stream.close()


@pytest.mark.gen_test
async def test_a_scan_does_not_fill_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with house(tmp_path) as it:
            for _ in range(3 * door.TOLD_AT_ONCE):
                plain = await TCPClient().connect("127.0.0.1", it.port)
                await plain.write(b"GET / HTTP/1.1\r\n\r\n")
                with pytest.raises(StreamClosedError):
                    await plain.read_until(b"never")
            await asyncio.sleep(1.1)  # there is room for one more line then
            plain = await TCPClient().connect("127.0.0.1", it.port)
            await plain.write(b"GET / HTTP/1.1\r\n\r\n")
            await eventually(lambda: "event=joins_refused_untold" in caplog.text, "what was left out is told")
            plain.close()
    assert door.TOLD_AT_ONCE <= len(refusals(caplog)) <= 2 * door.TOLD_AT_ONCE
    assert "SSL Error" not in caplog.text, "tornado does not tell each a second time"


@pytest.mark.gen_test
async def test_nobody_comes_back_on_a_ticket(tmp_path: Path) -> None:
    """A resumed session would show no certificate: neither revoked nor expired would be seen."""

    def twice(context: ssl.SSLContext, port: int) -> list[bool]:
        reused, session = [], None
        for _ in range(2):
            with (
                socket.create_connection(("127.0.0.1", port)) as plain,
                context.wrap_socket(plain, server_hostname=FRONT_DOOR, session=session) as tls,
            ):
                tls.sendall(b"hello")
                assert tls.recv(5) == b"hello"
                session = tls.session
                reused.append(bool(tls.session_reused) or bool(session and session.has_ticket))
        return reused

    async with house(tmp_path) as it:
        context = worker(it.joining("gpu"), it.authority)
        assert await asyncio.to_thread(twice, context, it.port) == [False, False]


@pytest.mark.gen_test
async def test_the_command_ends_an_open_connection_while_the_front_door_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path) as it:
        ended = await it.enters(worker(it.joining("gpu-1"), it.authority))
        stays = await it.enters(worker(it.joining("gpu-2"), it.authority))
        words = ["join-file", "--data-dir", str(tmp_path / "data"), "--revoke", "gpu-1"]
        command = [sys.executable, "-m", "leyline", *words]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        began = time.monotonic()
        with pytest.raises(StreamClosedError):
            await ended.read_bytes(1)
        assert time.monotonic() - began < ENDS_SECONDS
        await stays.write(b"hello")
        assert await stays.read_bytes(5) == b"hello"
        stays.close()
    assert "event=connection_ended peer=127.0.0.1 name=gpu-1 reason='its certificate was revoked'" in caplog.text


@pytest.mark.gen_test
async def test_an_expiry_ends_an_open_connection(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with house(tmp_path) as it:
        path = it.joining("gpu", timedelta(seconds=2))
        stream = await it.enters(worker(path, it.authority))
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp()
        with pytest.raises(StreamClosedError):
            await stream.read_bytes(1)
        assert 0 <= time.time() - until < ENDS_SECONDS
    assert "name=gpu reason='its certificate has expired'" in caplog.text


@pytest.mark.gen_test
@pytest.mark.parametrize("reads", [True, False], ids=["and reads", "and reads nothing"])
async def test_who_floods_when_it_has_to_leave_leaves_all_the_same(tmp_path: Path, reads: bool) -> None:
    """And nothing of it is read as if it were plain."""

    def flood(context: ssl.SSLContext, port: int) -> None:
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname=FRONT_DOOR) as tls,
        ):
            while True:
                tls.sendall(LOUD)
                if reads:
                    tls.recv(len(LOUD))

    async with house(tmp_path) as it:
        flooding = asyncio.create_task(asyncio.to_thread(flood, worker(it.joining("gpu"), it.authority), it.port))
        await eventually(lambda: it.echo.taken > 100, "it floods")
        it.authority.revoke("gpu")
        with pytest.raises(OSError):
            await asyncio.wait_for(flooding, ENDS_SECONDS)
        await eventually(lambda: not it.echo.inside, "the engine's end has heard of it")
        assert not it.echo.has_heard_noise


@pytest.mark.gen_test
async def test_a_list_of_revocations_that_gets_damaged_keeps_what_was_known_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path) as it:
        paths = {name: it.joining(name) for name in ("one", "two")}
        it.authority.revoke("one")
        it.door.read_revocations()
        whole = it.authority.revocations_file.read_bytes()
        it.authority.revocations_file.write_bytes(whole[:100])
        await eventually(lambda: "event=certificates_unreadable" in caplog.text, "it is told")
        await it.is_refused(worker(paths["one"], it.authority))
        (await it.enters(worker(paths["two"], it.authority))).close()
        await asyncio.sleep(2 * door.LOOK_SECONDS)
        assert caplog.text.count("event=certificates_unreadable") == 1
        it.authority.revocations_file.write_bytes(whole)
        it.authority.revoke("two")
        await eventually(lambda: len(it.door._revoked) == 2, "what is whole again counts again")


@pytest.mark.gen_test
async def test_the_front_door_shows_its_new_certificate_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "RENEW_SECONDS", 0.0)
    async with house(tmp_path) as it:
        context = worker(it.joining("gpu"), it.authority)

        async def shown() -> str:
            stream = await it.enters(context)
            serial = str(stream.socket.getpeercert()["serialNumber"])
            stream.close()
            return serial

        first = await shown()
        monkeypatch.setattr(certificates, "RENEW_DAYS", certificates.OWN_DAYS + 1)  # so it would end soon
        renewed = False
        async with asyncio.timeout(ENDS_SECONDS):
            while not renewed:
                renewed = await shown() != first


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """As a command that was stopped in its middle leaves it."""
    lock = os.open(folder / "lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield
    os.close(lock)


@pytest.mark.gen_test
async def test_a_command_that_stands_still_holds_up_neither_a_start_nor_a_revocation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(door, "RENEW_SECONDS", 0.0)
    monkeypatch.setattr(certificates, "LOCKED_SECONDS", 0.1)
    async with house(tmp_path) as it:
        stream = await it.enters(worker(it.joining("gpu"), it.authority))
        it.authority.own()
        revoked = it.authority.revocations_file
        before = revoked.read_bytes()
        it.authority.revoke("gpu")
        after = revoked.read_bytes()
        revoked.write_bytes(before)
        with locked(it.authority.folder):
            assert Door(Authority(tmp_path / "data")).context, "another start waits for nobody"
            monkeypatch.setattr(certificates, "RENEW_DAYS", certificates.OWN_DAYS + 1)
            await eventually(lambda: "is locked by another process" in caplog.text, "it is told")
            revoked.write_bytes(after)
            with pytest.raises(StreamClosedError):
                await asyncio.wait_for(stream.read_bytes(1), ENDS_SECONDS)
