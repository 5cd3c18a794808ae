"""`leyline submit` against a real server: from files to videos, in words and an exit code."""

import asyncio
import json
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import ioctl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.acceptance.test_path import photo
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer

ADDRESS = re.compile(r"(http://\S+)/#([0-9a-f]{32})")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("submit") / "data") as running:
        yield running


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[LiveServer]:
    with LiveServer(tmp_path / "data", model_seconds=300) as running:
        yield running


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 10):
        (folder / f"photo {number}.jpg").write_bytes(photo(colour=(20 * number, 90, 90)))
    return folder


def command(server: LiveServer, *words: object) -> list[str]:
    return [sys.executable, "-m", "leyline", "submit", "--url", server.url, *map(str, words)]


def environment(**changes: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LEYLINE_", "NO_COLOR"))}
    return {**clean, "TERM": "xterm", **changes}


def submit(server: LiveServer, *words: object, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(server, *words),
        cwd=ROOT,
        env=environment(**environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


@contextmanager
def started(server: LiveServer, *words: object) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(server, *words), cwd=ROOT, env=environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        overdue = threading.Timer(DEADLINE_SECONDS, process.kill)
        overdue.start()
        try:
            yield process
        finally:
            overdue.cancel()
            process.kill()


def said(process: subprocess.Popen[str], pattern: str) -> str:
    """The first line with this pattern in it."""
    assert process.stdout
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"it ended without saying {pattern!r}")


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_folder_becomes_videos_in_the_order_that_people_count(server: LiveServer, pictures: Path) -> None:
    done = submit(server, pictures)
    assert (done.returncode, done.stderr) == (0, "")
    ready = [line for line in done.stdout.splitlines() if ": ready, made in" in line]
    assert [line.partition(":")[0] for line in ready] == ["photo 1.jpg", "photo 2.jpg", "photo 10.jpg"]
    assert done.stdout.splitlines()[-1] == "3 of 3 videos are ready."
    api = Api(server.url)
    for line in ready:
        [(url, task_id)] = ADDRESS.findall(line)
        assert url == server.url
        assert (await api.status(task_id))["status"] == "succeeded"


def test_wrong_file_is_told_and_the_others_become_videos(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    (pictures / "empty.png").touch()
    done = submit(server, pictures)
    assert done.returncode == 4
    assert "notes.jpg: This file is not a picture." in done.stdout
    assert "empty.png: The file is empty." in done.stdout
    assert done.stdout.splitlines()[-1] == "3 of 5 videos are ready."


def test_without_waiting_the_pictures_are_in_line_and_that_is_all(slow_server: LiveServer, pictures: Path) -> None:
    done = submit(slow_server, pictures, "--no-wait")
    assert done.returncode == 0
    assert len(set(ADDRESS.findall(done.stdout))) == 3
    assert done.stdout.splitlines()[-1] == "3 of 3 pictures are in line."


def test_json_is_one_object_per_picture_and_nothing_else(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    done = submit(server, pictures, "--json")
    told = {Path(line["picture"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert len(told) == 4
    assert told["photo 1.jpg"]["task"]["status"] == "succeeded"
    assert told["photo 1.jpg"]["task"]["video_url"]
    assert told["notes.jpg"]["error"]["code"] == "not_a_picture"


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_viewing_link_is_printed_for_each_finished_video(server: LiveServer, pictures: Path) -> None:
    (pictures / "notes.jpg").write_text("these are notes")
    done = submit(server, pictures, "--link")
    assert done.returncode == 4, "for the notes"
    links = re.findall(
        r"ready, made in \d+ s  (http://\S+/watch/\S+)  http://\S+/#\w{32}$", done.stdout, re.MULTILINE
    )
    assert len(set(links)) == 3
    page = await Api(server.url).request("GET", links[0].removeprefix(server.url))
    assert page.code == 200


def test_nobody_there_is_one_sentence(tmp_path: Path, pictures: Path) -> None:
    gone = LiveServer(tmp_path / "none")
    gone.url = "http://localhost:1"
    done = submit(gone, pictures)
    assert done.returncode == 5
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Nothing answers at http://localhost:1. "
        "Is the server running? leyline serve starts one, and --url names another."
    ]


def test_needed_token_is_asked_for_and_works(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", token="open-sesame") as server:
        refused = submit(server, pictures)
        assert refused.returncode == 4
        assert refused.stderr == "This server needs an access token. Give it in LEYLINE_TOKEN or with --token.\n"
        wrong = submit(server, pictures, "--token", "wrong").stderr
        assert wrong.startswith("The server does not accept the access token that was sent")
        assert submit(server, pictures, LEYLINE_TOKEN="open-sesame").returncode == 0


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_leaving_takes_nothing_back_and_says_how_to_come_back(
    slow_server: LiveServer, pictures: Path
) -> None:
    with started(slow_server, pictures) as process:
        said(process, "photo 10.jpg: ")
        process.send_signal(signal.SIGINT)
        _, goodbye = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 130
    first, *addresses, last = goodbye.splitlines()
    assert first == "3 pictures stay in line; come back here:"
    assert last == "The same command again goes on from here."
    api = Api(slow_server.url)
    for line in addresses:
        [(_, task_id)] = ADDRESS.findall(line)
        assert (await api.status(task_id))["status"] in ("queued", "processing")
    assert len(addresses) == 3


@pytest.mark.gen_test(timeout=DEADLINE_SECONDS)
async def test_picture_that_somebody_cancels_is_told(slow_server: LiveServer, pictures: Path) -> None:
    with started(slow_server, pictures / "photo 1.jpg") as process:
        [(_, task_id)] = ADDRESS.findall(said(process, "photo 1.jpg: "))
        await Api(slow_server.url).call("POST", f"/api/video/{task_id}/cancel")
        rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert "photo 1.jpg: canceled" in rest
    assert process.returncode == 3


def test_server_that_dies_and_comes_back_loses_nothing(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=60) as server, started(server, pictures) as process:
        said(process, "photo 1.jpg: (starting|generating)")
        server.kill()
        server.settings["model_seconds"] = 0.2
        server.settings["port"] = int(server.url.rpartition(":")[2])
        server.start()
        rest, problem = process.communicate(timeout=DEADLINE_SECONDS)
    assert (process.returncode, problem) == (0, "")
    assert rest.splitlines()[-1] == "3 of 3 videos are ready."


def test_full_line_is_waited_for(tmp_path: Path, pictures: Path) -> None:
    """The line stands still until that was said."""
    with LiveServer(tmp_path / "data", max_waiting=1, operator_token="operator") as server:
        operate(server, "pause")
        with started(server, pictures) as process:
            assert re.search(r"Trying again in \d+ s\.", said(process, "The line is full"))
            operate(server, "resume")
            rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
    assert process.returncode == 0
    assert rest.splitlines()[-1] == "3 of 3 videos are ready."


def operate(server: LiveServer, word: str) -> None:
    headers = {"Authorization": "Bearer operator"}
    urlopen(Request(f"{server.url}/api/queue/{word}", method="POST", headers=headers)).close()


def on_terminal(server: LiveServer, width: int, *words: object, **environ: str) -> tuple[int, str]:
    """The exit code, and all that a terminal of this width was sent."""
    terminal, end = pty.openpty()
    ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen(
        command(server, *words), cwd=ROOT, env=environment(**environ), stdin=end, stdout=end, stderr=end
    )
    os.close(end)
    overdue = threading.Timer(DEADLINE_SECONDS, process.kill)
    overdue.start()
    sent = b""
    try:
        while chunk := os.read(terminal, 65536):
            sent += chunk
    except OSError:  # so a terminal says that nobody is at its other end any more
        pass
    overdue.cancel()
    os.close(terminal)
    return process.wait(DEADLINE_SECONDS), sent.decode()


def test_terminal_shows_progress_in_place_and_keeps_what_is_ready(tmp_path: Path, pictures: Path) -> None:
    with LiveServer(tmp_path / "data", model_seconds=1.5) as server:  # there is time to see something
        exit_code, sent = on_terminal(server, 140, pictures)
    assert exit_code == 0
    assert "\x1b[1A\x1b[2K" in sent, "nothing was redrawn in place"
    assert "\x1b[32m✓\x1b[0m photo 10.jpg  ready, made in" in sent
    assert "━" in sent
    assert len(set(ADDRESS.findall(sent))) == 3
    assert sent.rstrip().endswith("3 of 3 videos are ready.")


def test_terminal_without_color_is_still_redrawn(server: LiveServer, pictures: Path) -> None:
    _, sent = on_terminal(server, 100, pictures, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*m", sent)
    assert "A" in re.findall(r"\x1b\[[0-9;]*([A-Za-z])", sent)


def test_dumb_terminal_gets_plain_lines(server: LiveServer, pictures: Path) -> None:
    _, sent = on_terminal(server, 100, pictures, TERM="dumb")
    assert "\x1b" not in sent
    assert "photo 1.jpg: ready, made in" in sent


# What is chosen


@pytest.fixture(scope="module")
def choosing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose model lets people choose, and has been loaded."""
    folder = tmp_path_factory.mktemp("choosing")
    server = LiveServer(folder / "data", model="tests.models.choosing:Chooses", model_about="It moves.")
    server.environment["CHOSEN"] = str(folder / "chosen")

    async def loaded() -> None:
        await Api(server.url).model()

    with server:
        asyncio.run(loaded())
        yield server


def given(server: LiveServer) -> list[Any]:
    """What the model was given since this was asked last, run by run."""
    path = Path(server.environment["CHOSEN"])
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return [json.loads(line) for line in lines]


def test_what_is_set_for_all_reaches_the_model(choosing: LiveServer, pictures: Path) -> None:
    (pictures / "camera.json").write_text('{"direction": "out", "seconds": 12, "seed": null}')
    file = pictures / "camera.json"
    words = ("--parameters", file, "--set", "prompt=4", "--set", "seconds=2.5", "--set", "loop=no")
    done = submit(choosing, pictures / "photo 1.jpg", *words)
    assert (done.returncode, done.stderr) == (0, "")
    [run] = given(choosing)
    seed = run.pop("seed")
    assert run == {"prompt": "4", "direction": "out", "seconds": 2.5, "frames": 8, "loop": False}
    assert isinstance(seed, int)


def test_texts_beside_pictures_are_their_prompts(choosing: LiveServer, pictures: Path) -> None:
    (pictures / "photo 1.txt").write_bytes("\ufeffWind,\r\nsanft und stürmisch\r\n".encode())
    (pictures / "photo 2.txt").write_text("Rain")
    done = submit(choosing, pictures, "--prompts", "beside")
    assert done.returncode == 0
    assert done.stderr == "No text stands beside 1 of 3 pictures (photo 10.jpg): no prompt of their own.\n"
    assert [run["prompt"] for run in given(choosing)] == ["Wind,\nsanft und stürmisch", "Rain", ""]
    assert "photo 2.jpg “Rain”: ready" in done.stdout
    assert done.stdout.splitlines()[-1] == "3 of 3 videos are ready.", "texts that are used are not left out"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jobs.csv", "picture;prompt;seconds\r\nphoto 1.jpg;calm;2,5\r\nphoto 1.jpg;;\r\n"),
        ("jobs.jsonl", '{"image": "photo 1.jpg", "prompt": "calm", "seconds": 2.5}\n{"image": "photo 1.jpg"}\n'),
        ("-", '{"image": "photo 1.jpg", "prompt": "calm", "seconds": 2.5}\n{"image": "photo 1.jpg"}\n'),
    ],
)
def test_each_row_of_a_list_is_a_video(choosing: LiveServer, pictures: Path, name: str, content: str) -> None:
    (pictures / "list").write_text(content)
    if name != "-":
        (pictures / "list").rename(pictures / name)
    with (pictures / "list").open() if name == "-" else open(os.devnull) as stdin:  # noqa: PTH123
        words = command(choosing, "--from", "-" if name == "-" else pictures / name, "--json")
        done = subprocess.run(
            words,
            cwd=pictures if name == "-" else "/",
            env=environment(PYTHONPATH=str(ROOT)),
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
    assert (done.returncode, done.stderr) == (0, "2 of 2 videos are ready.\n")
    assert [(run["prompt"], run["seconds"]) for run in given(choosing)] == [("calm", 2.5), ("", 6)]
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["parameters"], second["parameters"]) == ({"prompt": "calm", "seconds": 2.5}, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "promt=x"], "--set: There is no parameter “promt”. Did you mean “prompt”?"),
        (["--set", "seconds"], "--set 'seconds' is not NAME=VALUE."),
        (["--from", "jobs.csv"], "jobs.csv, line 3, seconds: Length must be a number from 1 to 12 s"),
        (["--parameters", "camera.json"], "camera.json, direction: Move must be one of “out”, “in”."),
    ],
)
def test_where_anything_does_not_fit_nothing_is_sent(
    choosing: LiveServer, pictures: Path, words: list[str], says: str
) -> None:
    (pictures / "jobs.csv").write_text("picture,seconds\nphoto 1.jpg,4\nphoto 2.jpg,99\n")
    (pictures / "camera.json").write_text('{"direction": "up"}')
    before = choosing.log().count("event=accepted")
    words = [str(pictures / word) if "." in word else word for word in words]
    done = submit(choosing, pictures / "photo 1.jpg", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.endswith("Nothing was sent.\n")
    assert choosing.log().count("event=accepted") == before


def test_prompts_where_the_model_takes_none_are_refused(server: LiveServer, pictures: Path) -> None:
    (pictures / "photo 1.txt").write_text("Wind")
    done = submit(server, pictures, "--prompts", "beside")
    assert done.returncode == 2
    assert "This model takes no prompt." in done.stderr


def test_neither_picture_nor_list_is_wrong_usage(server: LiveServer) -> None:
    done = submit(server)
    assert done.returncode == 2
    assert "or a list of them with --from" in done.stderr


def test_what_may_be_chosen_is_printed(choosing: LiveServer) -> None:
    words = [sys.executable, "-m", "leyline", "model", "--url", choosing.url]
    options: Any = {"cwd": ROOT, "env": environment(), "capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(words, **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert "seconds: number (1 to 12 s, in steps of 0.5); default: 6" in done.stdout.splitlines()
    answer = json.loads(subprocess.run([*words, "--json"], **options).stdout)
    assert answer["schema"]["properties"]["seconds"]["x-unit"] == "s"
    gone = subprocess.run([*words[:-1], "http://localhost:1"], **options)
    assert (gone.returncode, gone.stdout) == (5, "")
    assert gone.stderr.startswith("Nothing answers at http://localhost:1.")


def test_a_model_that_loads_is_waited_for(tmp_path: Path, pictures: Path) -> None:
    server = LiveServer(tmp_path / "data", model="tests.models.choosing:TakesItsTime")
    server.environment |= {"CHOSEN": str(tmp_path / "chosen"), "SLOW_LOAD_UNTIL": str(tmp_path / "loaded")}
    with server, started(server, pictures / "photo 1.jpg", "--set", "prompt=Wind") as process:
        assert process.stderr
        assert process.stderr.readline().endswith("is known once it has loaded. Waiting for that.\n")
        (tmp_path / "loaded").touch()
        rest, _ = process.communicate(timeout=DEADLINE_SECONDS)
        assert [run["prompt"] for run in given(server)] == ["Wind"]
    assert rest.splitlines()[-1] == "1 of 1 video is ready."


# Where nobody hears it


@pytest.mark.parametrize("shell", ["| head -n 1", "| true", ">&-", ">&- 2>&-"])
def test_pictures_go_on_though_nobody_hears_of_them(server: LiveServer, pictures: Path, shell: str) -> None:
    line = f"{shlex.join(command(server, pictures))} {shell}; exit ${{PIPESTATUS[0]}}"
    before = server.log().count("event=succeeded")
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert server.log().count("event=succeeded") == before + 3


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_what_could_not_be_written_is_told(server: LiveServer, pictures: Path, options: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - it is no file
        words = command(server, pictures, *options)
        done = subprocess.run(
            words, cwd=ROOT, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert done.returncode == 1
    assert "Not all could be shown here: No space left on device. 3 of 3 videos are ready." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("width", [3, 20, 80, 200])
def test_a_terminal_of_any_width_gets_no_traceback(server: LiveServer, pictures: Path, width: int) -> None:
    exit_code, sent = on_terminal(server, width, pictures)
    assert (exit_code, "Traceback" in sent) == (0, False)
    assert sent.endswith("\r\n") and "\x1b[?25h" in sent, "the cursor is given back"


# Addresses and proxies on the way


def test_a_password_in_an_address_is_used_and_never_repeated(pictures: Path) -> None:
    with PlainProxy(401) as proxy:
        url = f"http://anna:s3cr3t%40home@127.0.0.1:{proxy.port}"
        done = subprocess.run(
            [sys.executable, "-m", "leyline", "submit", "--url", url, str(pictures)],
            **{"cwd": ROOT, "env": environment(), "capture_output": True, "text": True, "timeout": 60},
        )
    assert "A server on the way wants a name and a password (401)." in done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    assert proxy.asked[0].headers["Authorization"] == f"Basic {b64encode(b'anna:s3cr3t@home').decode()}"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "does not let this through"),
        (413, "takes no files of this size"),
        (502, "cannot reach Leyline"),
        (504, "waited too long for Leyline"),
    ],
)
def test_a_proxys_own_refusal_has_words(status: int, says: str, pictures: Path) -> None:
    with PlainProxy(status) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        words = [
            sys.executable,
            "-m",
            "leyline",
            "submit",
            "--no-wait",
            "--url",
            url,
            str(pictures / "photo 1.jpg"),
        ]
        done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == (5 if status in (502, 504) else 4)
    assert f"A server on the way {says} ({status})." in done.stderr


def test_what_is_wrong_with_tls_is_one_sentence(server: LiveServer, pictures: Path) -> None:
    with PlainProxy(403) as proxy:
        tls_is_not_spoken(f"https://localhost:{proxy.port}", pictures)
    tls_is_not_spoken(server.url.replace("http:", "https:"), pictures)


def tls_is_not_spoken(url: str, pictures: Path) -> None:
    words = [sys.executable, "-m", "leyline", "submit", "--url", url, str(pictures)]
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 5
    assert done.stdout + done.stderr == (
        f"{url} cannot be reached safely: what answers there does not speak TLS. Try the address with http://.\n"
    )


class PlainProxy:
    """A proxy that refuses everything by itself, with a page for people."""

    def __init__(self, status: int) -> None:
        asked: list[BaseHTTPRequestHandler] = []

        class Refusing(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"<html><body><h1>No</h1></body></html>")

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> "PlainProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
