"""Behind real proxies, with the blocks that docs/proxies.md gives people: the page's way, live and below a path."""

import asyncio
import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live_server import ROOT, Api, LiveServer, eventually
from tests.pictures import photo
from tests.proxies import accepts, free_port

pytestmark = pytest.mark.long

BLOCKS = dict(
    re.findall(
        r"^```(nginx|caddy|haproxy)\n(.*?)^```",
        (Path(__file__).parents[2] / "docs" / "proxies.md").read_text(),
        re.M | re.S,
    )
)
PREFIX = {"nginx": "/leyline", "caddy": "", "haproxy": ""}
NAME = "leyline.example.org"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of the documented name in one file."""
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate, both = folder / "key.pem", folder / "certificate.pem", folder / "both.pem"
    subject = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    both.write_text(certificate.read_text() + key.read_text())
    return both


def nginx(block: str, folder: Path, port: int, certificate: Path) -> tuple[list[str], str]:
    block = block.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    block = block.replace(
        "# ssl_certificate …; ssl_certificate_key …;",
        f"ssl_certificate {certificate}; ssl_certificate_key {certificate};",
    )
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    http = f"http {{ access_log off; {paths} {block} }}"
    text = f"daemon off; pid {folder}/pid; error_log {folder}/log; events {{}} {http}"
    return ["nginx", "-p", str(folder), "-c", str(folder / "configuration")], text


def caddy(block: str, folder: Path, port: int, certificate: Path) -> tuple[list[str], str]:
    site = block.replace(
        f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {certificate} {certificate}", 1
    )
    text = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n" + site
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "configuration")], text


def haproxy(block: str, folder: Path, port: int, certificate: Path) -> tuple[list[str], str]:
    block = block.replace("bind :443", f"bind 127.0.0.1:{port}").replace(
        "/etc/haproxy/leyline.pem", str(certificate)
    )
    defaults = "defaults\n    mode http\n    timeout connect 5s\n    timeout client 60s\n    timeout server 60s\n"
    return ["haproxy", "-f", str(folder / "configuration")], defaults + block


PROXIES = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}


@contextlib.contextmanager
def proxied(kind: str, server: LiveServer, folder: Path, certificate: Path) -> Iterator[str]:
    """The address of the server behind this proxy."""
    folder.mkdir()
    port = free_port()
    inner = server.url.rpartition("/")[2].replace("localhost", "127.0.0.1")
    block = BLOCKS[kind].replace("127.0.0.1:3000", inner)
    command, text = PROXIES[kind](block, folder, port, certificate)
    (folder / "configuration").write_text(text)
    with (folder / "said").open("w") as said:
        running = subprocess.Popen(
            command, stdout=said, stderr=said, env={"PATH": "/usr/sbin:/usr/bin", "HOME": str(folder)}
        )
    try:
        yield f"https://localhost:{port}{PREFIX[kind]}"
    finally:
        running.terminate()
        running.wait(30)


def outside(url: str, certificate: Path) -> Api:
    """Somebody who reaches the documented name through the proxy, and trusts its certificate."""
    return Api(url.replace("localhost", NAME), ssl.create_default_context(cafile=str(certificate)))


@pytest.fixture(autouse=True)
def documented_name_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: resolve("127.0.0.1" if host == NAME else host, *rest, **more),
    )


@pytest.mark.gen_test(timeout=120)
@pytest.mark.parametrize("kind", PROXIES)
async def test_everything_works_behind_the_documented_block(kind: str, tmp_path: Path, certificate: Path) -> None:
    settings = {"trusted_proxies": "127.0.0.1", "hosts": NAME}
    with (
        LiveServer(tmp_path / "data", **settings) as server,
        proxied(kind, server, tmp_path / kind, certificate) as url,
    ):
        await eventually(lambda: accepts(url), f"{kind} listens: {(tmp_path / kind / 'said').read_text()}")
        api = outside(url, certificate)
        page = await api.request("GET", "/")
        assert page.code == 200, page.body
        cookie = page.headers["Set-Cookie"]
        assert cookie.startswith("__Host-leyline_") and "Path=/;" in cookie and "Secure" in cookie
        api.cookie = cookie.partition(";")[0]
        for address in re.findall(rb'(?:href|src)="([^"#]+)"', page.body):
            assert (await api.request("GET", f"/{address.decode()}")).code == 200, address
        live = await api.socket()
        await live.until("snapshot")
        code, task = await api.upload(photo(1, (3000, 2000)) + bytes(2_000_000))
        assert code == 202
        assert task["image"]["thumbnail_url"].startswith(f"{PREFIX[kind]}/api/video/")
        thumbnail = task["image"]["thumbnail_url"].removeprefix(PREFIX[kind])
        assert (await api.request("GET", thumbnail)).headers["Content-Type"] == "image/jpeg"
        await live.until("task_status", lambda told: told.get("status") == "succeeded")
        code, link = await api.call("POST", f"/api/video/{task['task_id']}/links", body=b"{}")
        assert (code, link["url"].rpartition("/watch/")[0]) == (201, api.url)
        assert (await api.request("GET", link["url"].removeprefix(api.url))).code == 200
        live.close()
        assert "event=untrusted_proxy" not in server.log()


@pytest.mark.gen_test(timeout=120)
async def test_a_proxy_that_nobody_named_is_told_of_and_decides_nothing(tmp_path: Path, certificate: Path) -> None:
    with (
        LiveServer(tmp_path / "data", hosts=NAME) as server,
        proxied("nginx", server, tmp_path / "nginx", certificate) as url,
    ):
        await eventually(lambda: accepts(url), "nginx listens")
        page = await outside(url, certificate).request("GET", "/")
        assert page.headers["Set-Cookie"].startswith("leyline_")
        assert "Secure" not in page.headers["Set-Cookie"]
        assert server.log().count("event=untrusted_proxy address=127.0.0.1") == 1


@pytest.mark.gen_test(timeout=120)
async def test_a_proxys_limit_of_size_has_words_in_the_command_and_costs_one_picture(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        BLOCKS, "nginx", BLOCKS["nginx"].replace("client_max_body_size 21m;", "")
    )  # it takes 1 MB then
    large, small = tmp_path / "large.jpg", tmp_path / "small.jpg"
    large.write_bytes(photo(1) + bytes(1_500_000))
    small.write_bytes(photo(2))
    with (
        LiveServer(tmp_path / "data", trusted_proxies="127.0.0.1") as server,
        proxied("nginx", server, tmp_path / "nginx", certificate) as url,
    ):
        await eventually(lambda: accepts(url), "nginx listens")
        words = [sys.executable, "-m", "leyline", "submit", "--url", url, str(large), str(small)]
        environment = {**os.environ, "SSL_CERT_FILE": str(certificate)}
        done = await asyncio.to_thread(
            subprocess.run, words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )
    assert (done.returncode, done.stderr) == (4, "")
    assert "large.jpg: A server on the way takes no files of this size (413)." in done.stdout
    assert "small.jpg: ready" in done.stdout
    assert f"{url}/#" in done.stdout


@pytest.mark.gen_test(timeout=60)
async def test_below_its_own_path_the_server_answers_with_and_without_it(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", path="/leyline/") as server:
        api = Api(server.url)
        moved = await api.request("GET", "/leyline")
        assert (moved.code, moved.headers["Location"]) == (308, "/leyline/")
        page = await api.request("GET", "/leyline/")
        assert "Path=/leyline/;" in page.headers["Set-Cookie"]
        api.cookie = page.headers["Set-Cookie"].partition(";")[0]
        for address in re.findall(rb'(?:href|src)="([^"#]+)"', page.body):
            assert (await api.request("GET", f"/leyline/{address.decode()}")).code == 200, address
        answer = await api.send(photo(1))
        assert answer.headers["Location"].startswith("/leyline/api/video/")
        assert (await api.request("GET", answer.headers["Location"])).code == 200
        assert (await api.call("GET", "/leyline/api/openapi.json"))[1]["servers"] == [{"url": "/leyline"}]
        assert (await api.request("GET", "/leylines/")).code == 404
