"""The Python client against a stand-in server: sent once, retried politely, refusals understood."""

import asyncio
import json
import os
import re
import socket
import ssl
import struct
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tornado import simple_httpclient

from leyline.client import patience
from leyline.client.client import LeylineClient
from leyline.client.remote import PictureUnreadable, Refused, Unreachable, Unsafe
from tests.integration.stand_in import LOSE_THE_ANSWER, StandIn, refusal

FULL = refusal(503, "line_full", "The line is full.", Retry_After="1")


@pytest.fixture
def server():
    return StandIn()


@pytest.fixture
def app(server):
    return server.app()


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "beach.jpg"
    path.write_bytes(b"\xff\xd8 not really a picture \r\n--" * 10_000)
    return path


@pytest.fixture
def patient(monkeypatch):
    """Pauses are noted, not slept, and nothing takes any time."""
    pauses, sleep = [], asyncio.sleep

    async def note(seconds):
        pauses.extend([seconds] if seconds else [])
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    return pauses


@pytest.mark.gen_test
async def test_picture_arrives_byte_for_byte_and_its_task_comes_back(http_server, base_url, server, picture):
    sent = []
    async with LeylineClient(base_url) as leyline:
        task = await leyline.submit(picture, on_sent=lambda done, total: sent.append((done, total)))
    [(key, name, body)] = server.uploads
    assert (name, body) == ("beach.jpg", picture.read_bytes())
    assert task == server.accepted[key]
    assert len(sent) > 2, "the picture went out in one piece"
    assert sent[-1] == (picture.stat().st_size, picture.stat().st_size)


@pytest.mark.gen_test
@pytest.mark.parametrize("name", ["grün ☂.jpg", 'a"b;c.jpg', "two\nlines.jpg"])
async def test_file_names_of_every_kind_survive(http_server, base_url, server, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"x")
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(path)
    arrived = server.uploads[0][1]
    assert arrived == name.replace('"', "%22").replace("\n", "%0A")


@pytest.mark.gen_test
async def test_token_goes_with_every_call(http_server, base_url, server, picture):
    async with LeylineClient(base_url, token="open-sesame") as leyline:
        await leyline.submit(picture)
    assert server.asked[0]["Authorization"] == "Bearer open-sesame"


@pytest.mark.gen_test
async def test_refusal_is_heard_before_the_picture_is_sent(http_server, base_url, server, picture):
    server.script = [refusal(413, "too_large", "The file has 31 MB; this server takes 20 MB.")]
    sent = []
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="The file has 31 MB") as raised:
            await leyline.submit(picture, on_sent=lambda *bytes_: sent.append(bytes_), patience_seconds=60)
    assert (raised.value.status, raised.value.code) == (413, "too_large")
    assert not raised.value.may_pass
    assert len(server.asked) == 1
    assert not sent


@pytest.mark.gen_test
async def test_full_line_is_tried_again_no_earlier_than_asked(http_server, base_url, server, picture, patient):
    server.script = [FULL, FULL]
    heard = []
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(
            picture, patience_seconds=60, on_pause=lambda why, seconds: heard.append((str(why), seconds))
        )
    assert patient == [1, 1]
    assert heard == [("The line is full.", 1)] * 2
    assert len(server.accepted) == 1


@pytest.mark.gen_test
async def test_patience_ends_when_the_server_asks_for_more(http_server, base_url, server, picture, patient):
    server.script = [refusal(429, "client_limit", "Enough.", Retry_After="61")]
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(Refused, match="Enough") as raised:
            await leyline.submit(picture, patience_seconds=60)
    assert raised.value.retry_after_seconds == 61
    assert patient == []


@pytest.mark.gen_test
async def test_who_waits_as_asked_waits_for_as_long_as_it_takes(http_server, base_url, server, picture, patient):
    server.script = [refusal(429, "client_limit", "Enough.", Retry_After="3600")] * 100
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(picture, patience_seconds=60, waits_as_asked=True)
    assert patient == [3600] * 100
    assert len(server.accepted) == 1


@pytest.mark.gen_test
async def test_a_time_to_come_back_is_understood_as_a_proxy_says_it(
    http_server, base_url, server, picture, patient
):
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    server.script = [refusal(503, "not_leyline", "Later.", Retry_After=then)]
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(picture, patience_seconds=200)
    [pause] = patient
    assert 90 < pause <= 100


@pytest.mark.gen_test
async def test_a_file_that_is_another_by_now_is_not_sent(http_server, base_url, server, picture):
    status = picture.stat()
    picture.write_bytes(b"another")
    async with LeylineClient(base_url) as leyline:
        with pytest.raises(PictureUnreadable, match="has changed since it was read"):
            await leyline.submit(picture, seen=(status.st_size, status.st_mtime_ns))
    assert not server.asked


@pytest.mark.gen_test
async def test_lost_answer_never_makes_a_second_task(http_server, base_url, server, picture, patient):
    server.script = [LOSE_THE_ANSWER]
    async with LeylineClient(base_url) as leyline:
        task = await leyline.submit(picture, patience_seconds=60)
    assert len(server.uploads) == 2
    assert list(server.accepted.values()) == [task]


@pytest.mark.gen_test
async def test_two_pictures_with_the_same_bytes_are_two_tasks(http_server, base_url, server, picture):
    async with LeylineClient(base_url) as leyline:
        first, second = await leyline.submit(picture), await leyline.submit(picture)
    assert first["task_id"] != second["task_id"]


@pytest.mark.gen_test
async def test_connection_reset_in_the_middle_of_a_picture_is_tried_again(picture, patient, caplog):
    picture.write_bytes(b"x" * 5_000_000)
    tries = []

    async def hang_up(reader, writer):
        tries.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await reader.readexactly(100_000)
        linger = struct.pack("ii", 1, 0)  # close with a reset, as a killed server does
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()

    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, LeylineClient(f"http://127.0.0.1:{port}") as leyline:
        with pytest.raises(Unreachable, match="was lost"):
            await leyline.submit(picture, patience_seconds=3.5)
    assert patient == [1, 2]
    assert len(tries) == 3
    assert not caplog.records


@pytest.mark.gen_test
async def test_nobody_there_is_told_with_the_address(picture, unused_port):
    async with LeylineClient(f"http://localhost:{unused_port}") as leyline:
        with pytest.raises(Unreachable, match=f"^Nothing answers at http://localhost:{unused_port}.$"):
            await leyline.submit(picture)


@pytest.fixture
def unused_port():
    """A port that nobody listens on, nor can meanwhile."""
    with socket.socket() as holder:
        holder.bind(("localhost", 0))
        yield holder.getsockname()[1]


@asynccontextmanager
async def answering(body):
    """A client of a server that gives each request this same answer."""

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, LeylineClient(f"http://127.0.0.1:{port}") as leyline:
        yield leyline


@pytest.mark.gen_test
@pytest.mark.parametrize("body", [b"hello", b"[]", b"\xff", b"[" * 200_000], ids=["text", "list", "bytes", "deep"])
async def test_other_web_server_is_not_taken_for_leyline(body):
    async with answering(body) as leyline:
        with pytest.raises(Refused, match="is not Leyline"):
            await leyline.queue()


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "strange",
    [
        {"task_id": None},
        {"status": 7},
        {"version": "new"},
        {"progress": "half"},
        {"progress": 1e999},
        {"queue": {"position": 1}},
        {"eta": {"ready_at": "yesterday"}},
        {"eta": {"ready_at": "2030-01-01T12:00:00"}},
        {"eta": {"ready_at": "0001-01-01T00:00:00+20:00"}},
        {"error": "it failed"},
        {"finished_at": 7},
    ],
    ids=json.dumps,
)
async def test_what_is_no_task_is_not_taken_for_one(strange):
    task = StandIn().accept("key", "beach.jpg")
    async with answering(json.dumps(task).encode()) as leyline:
        assert await leyline.status(task["task_id"]) == task
    async with answering(json.dumps({**task, **strange}).encode()) as leyline:
        with pytest.raises(Refused, match="is not Leyline"):
            await leyline.status(task["task_id"])


@pytest.mark.gen_test
async def test_answer_without_what_was_asked_for_is_not_taken_for_leylines(picture):
    async with answering(b"{}") as leyline:
        for asking in (leyline.submit(picture), leyline.status("a"), leyline.cancel("a"), leyline.link("a")):
            with pytest.raises(Refused, match="is not Leyline"):
                await asking


@pytest.mark.gen_test
async def test_token_that_is_not_accepted_is_not_asked_for_as_if_there_were_none(
    http_server, base_url, server, picture
):
    needed = refusal(401, "token_needed", "This server needs an access token.")
    server.script = [needed, needed]
    async with LeylineClient(base_url) as leyline, LeylineClient(base_url, token="wrong") as guessing:
        with pytest.raises(Refused, match="This server needs an access token"):
            await leyline.submit(picture)
        with pytest.raises(Refused, match="does not accept the access token that was sent"):
            await guessing.submit(picture)


@pytest.mark.gen_test
@pytest.mark.parametrize("url", ["http://a..b", "http://" + "a" * 70])
async def test_address_that_can_be_nobodys_is_told(picture, url):
    async with LeylineClient(url) as leyline:
        with pytest.raises(Unreachable, match=f"^Nothing answers at {url}.$"):
            await leyline.submit(picture)


@pytest.mark.gen_test
async def test_missing_picture_is_told_without_asking_the_server(server, tmp_path):
    async with LeylineClient("http://localhost:1") as leyline:
        with pytest.raises(PictureUnreadable, match="No such file"):
            await leyline.submit(tmp_path / "none.jpg")


@pytest.mark.gen_test
async def test_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    async with LeylineClient("http://localhost:1") as leyline:
        with pytest.raises(PictureUnreadable, match="a pipe"):
            await leyline.submit(tmp_path / "pipe.jpg")


@pytest.mark.gen_test
async def test_file_that_cannot_seek_is_sent_as_long_as_it_says(http_server, base_url, server):
    async with LeylineClient(base_url) as leyline:
        await leyline.submit(Path("/proc/cpuinfo"))
    assert server.uploads[0][1:] == ("cpuinfo", b"")


# Files that do not stay as they are


@pytest.mark.gen_test
@pytest.mark.parametrize("change", ["grows", "shrinks", "is written anew"])
async def test_a_file_that_changes_while_it_is_sent_is_that_files_problem(
    http_server, base_url, server, tmp_path, change
):
    path = tmp_path / "growing.jpg"
    path.write_bytes(bytes(3_000_000))

    def meddle(sent_bytes: int, total_bytes: int) -> None:
        if sent_bytes < 200_000:
            with path.open("r+b") as file:
                file.truncate({"grows": 4_000_000, "shrinks": 500_000, "is written anew": 3_000_000}[change])
            os.utime(path, (1, 1))

    async with LeylineClient(base_url) as leyline:
        with pytest.raises(PictureUnreadable, match="The file changed while it was sent"):
            await leyline.submit(path, on_sent=meddle, patience_seconds=60)
        path.write_bytes(b"complete")
        assert await leyline.submit(path)
    assert len(server.accepted) == 1


# TLS


def certificate(
    folder: Path, *, name: str = "localhost", days: tuple[int, int] = (-1, 2), issuer: str = ""
) -> Path:
    """A file with a key and a certificate for it, signed by itself unless it has an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    signer = ec.generate_private_key(ec.SECP256R1()) if issuer else key
    subject, signed_by = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer or name)
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(signed_by, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("made", "is_trusted", "advice"),
    [
        ({}, False, "signed by itself. Name its authority's file in SSL_CERT_FILE"),
        ({"days": (-3, -1)}, True, "has expired. Whoever runs the server has to renew it"),
        ({"days": (1, 3)}, True, "is not valid yet. Look at the clocks"),
        (
            {"issuer": "a stranger"},
            False,
            "from an authority that this machine does not know. Name its authority's file",
        ),
        ({"name": "other.example.org"}, True, "is for another name. Use the name that it was made for"),
    ],
)
async def test_each_fault_of_a_certificate_has_its_advice(tmp_path, monkeypatch, picture, made, is_trusted, advice):
    file = certificate(tmp_path, **made)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    listening = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    trusting = ssl.create_default_context()
    monkeypatch.setattr(simple_httpclient, "_client_ssl_defaults", lambda: trusting)
    async with listening, LeylineClient(f"https://localhost:{port}") as leyline:
        with pytest.raises(Unsafe, match=re.escape(advice)):
            await leyline.submit(picture)


@pytest.mark.gen_test
async def test_https_to_a_port_that_speaks_plainly_has_its_advice(picture):
    async def refuse(reader, writer):
        await reader.read(1000)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"https://localhost:{listening.sockets[0].getsockname()[1]}"
    async with listening, LeylineClient(url) as leyline:
        with pytest.raises(Unsafe, match=r"does not speak TLS\. Try the address with http://"):
            await leyline.submit(picture)


@pytest.mark.gen_test
async def test_http_to_a_port_that_speaks_tls_has_its_advice(picture):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://localhost:{listening.sockets[0].getsockname()[1]}"
    async with listening, LeylineClient(url) as leyline:
        with pytest.raises(Refused, match="Perhaps it speaks TLS: try the address with https://"):
            await leyline.submit(picture)
