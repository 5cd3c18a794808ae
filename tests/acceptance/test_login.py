"""`leyline login | logout` against a real server: what a person sees, what is kept, and what goes wrong."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo
from tests.raw import Connection

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("login") / "data") as running:
        yield running


class Anna:
    """Somebody with a home, who types commands there without a terminal, and has the page open in a browser."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.url = home, url
        self.logins = home / "config" / "leyline" / "logins.json"
        self._cookie = ""

    def begins(self, *words: object, **environ: str) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
        environment |= {"XDG_CONFIG_HOME": str(self.home / "config"), "XDG_STATE_HOME": str(self.home / "state")}
        environment |= {"HOME": str(self.home), "LEYLINE_URL": self.url, "PYTHONPATH": str(ROOT), **environ}
        return subprocess.Popen(
            [sys.executable, "-m", "leyline", *map(str, words)],
            cwd=self.home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def types(self, *words: object, **environ: str) -> tuple[int, str, str]:
        return ended(self.begins(*words, **environ))

    def logs_in(self, *words: object, **environ: str) -> tuple[int, str, str]:
        """Types the code that it shows on her page."""
        login = self.begins("login", *words, **environ)
        assert self.page("POST", "/api/logins", user_code=shown_by(login))[0] == 201
        return ended(login)

    def page(self, method: str, path: str, **body: str) -> tuple[int, Any]:
        """What her page asks."""
        with Connection(self.url) as connection:
            if not self._cookie:
                answer = connection.request("GET", "/").answer()
                self._cookie = answer.headers["set-cookie"].partition(";")[0]
            content = json.dumps(body).encode() if body else b""
            answer = connection.request(method, path, content, Cookie=self._cookie).answer()
            return answer.status or 0, json.loads(answer.body or b"null")

    def tasks(self) -> list[Any]:
        tasks: list[Any] = self.page("GET", "/api/video/")[1]["tasks"]
        return tasks


def shown_by(login: "subprocess.Popen[str]") -> str:
    """The code, once it shows it."""
    assert login.stdout
    while line := login.stdout.readline():
        if found := re.search("[B-Z]{4}-[B-Z]{4}", line):
            return found[0]
    raise AssertionError(f"it shows no code: {login.communicate()}")


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    said, complaints = process.communicate(timeout=DEADLINE_SECONDS)
    assert "Traceback" not in complaints
    return process.returncode, said, complaints


@pytest.fixture
def anna(tmp_path: Path, server: LiveServer) -> Anna:
    (tmp_path / "holiday").mkdir()
    for number, name in enumerate(("beach", "tree")):
        (tmp_path / "holiday" / f"{name}.jpg").write_bytes(photo(number))
    return Anna(tmp_path, server.url)


def test_a_code_is_shown_without_an_address_and_the_token_is_kept_for_its_person_alone(anna: Anna) -> None:
    login = anna.begins("login", "--json", "--name", "nightly job")
    assert login.stdout
    shown = json.loads(login.stdout.readline())
    assert (shown["expires_in"], shown["server"]) == (600, anna.url)
    assert anna.page("POST", "/api/logins/look", user_code=shown["user_code"])[1]["name"] == "nightly job"
    assert anna.page("POST", "/api/logins", user_code=shown["user_code"])[0] == 201
    code, said, complaints = ended(login)
    connected = json.loads(said)
    assert (code, connected["connected"], connected["name"], complaints) == (0, True, "nightly job", "")
    assert stat.S_IMODE(anna.logins.stat().st_mode) == 0o600
    assert stat.S_IMODE(anna.logins.parent.stat().st_mode) == 0o700
    assert [path.name for path in anna.logins.parent.iterdir()] == ["logins.json"]
    token = json.loads(anna.logins.read_text())[anna.url]["token"]
    assert token not in said


def test_people_read_a_sentence_with_the_code_and_no_link(anna: Anna) -> None:
    login = anna.begins("login")
    assert login.stdout
    first = login.stdout.readline()
    assert "://" not in first, "an address is no credential"
    assert "choose “Connect the command line” and type this code within 10 minutes" in first
    assert anna.page("POST", "/api/logins", user_code=shown_by(login))[0] == 201
    assert ended(login)[:2] == (0, f"Connected. What this command sends to {anna.url} is on your page, too.\n")


def test_what_is_sent_while_connected_is_the_pages_and_never_sent_twice_without_it(anna: Anna) -> None:
    assert anna.logs_in()[0] == 0
    assert anna.types("submit", "holiday")[0] == 0
    assert sorted(task["image"]["name"] for task in anna.tasks()) == ["beach.jpg", "tree.jpg"]
    assert anna.types("status", "holiday")[0] == 0
    (anna.home / "holiday" / "sea.jpg").write_bytes(photo(7))
    assert anna.types("submit", "holiday", "--no-wait")[0] == 0
    assert anna.types("logout")[:2] == (0, f"This command is not connected any more to {anna.url}.\n")
    code, _, complaints = anna.types("status", "holiday/sea.jpg")
    assert code == 4
    code, said, complaints = anna.types("submit", "holiday")
    assert (code, "leyline login connects it; --again sends all once more" in complaints) == (4, True), said
    assert len(anna.tasks()) == 3, "nothing was sent"
    assert anna.logs_in()[0] == 0
    assert anna.types("submit", "holiday")[0] == 0
    assert len(anna.tasks()) == 3, "and no twin was made"
    assert anna.types("delete", "holiday/tree.jpg", "--yes")[0] == 0
    assert sorted(task["image"]["name"] for task in anna.tasks()) == ["beach.jpg", "sea.jpg"]


def test_connected_again_the_token_from_before_ends(anna: Anna) -> None:
    anna.logs_in("--name", "first")
    anna.logs_in("--name", "second")
    assert [login["name"] for login in anna.page("GET", "/api/logins")[1]["logins"]] == ["second"]


def test_a_disconnected_command_says_so_and_logs_out_all_the_same(anna: Anna) -> None:
    anna.logs_in()
    (login,) = anna.page("GET", "/api/logins")[1]["logins"]
    assert anna.page("DELETE", f"/api/logins/{login['login_id']}")[0] == 204
    for words in (("submit", "holiday"), ("list", "holiday"), ("queue",)):
        code, _, complaints = anna.types(*words)
        assert (code, "This command is not connected here any more. leyline login connects it." in complaints) == (
            4,
            True,
        ), (words, complaints)
    assert anna.types("logout")[0] == 0
    assert json.loads(anna.logins.read_text()) == {}
    assert anna.types("queue")[0] == 0
    assert anna.types("logout")[1] == f"This command was not connected to {anna.url}.\n"


def test_somebody_who_says_no_is_heard(anna: Anna) -> None:
    login = anna.begins("login")
    assert anna.page("POST", "/api/logins/refuse", user_code=shown_by(login))[0] == 204
    code, _, complaints = ended(login)
    assert (code, complaints) == (
        4,
        "Somebody typed the code, and did not want this command to be connected.\n",
    )
    assert not anna.logins.exists()


def test_ctrl_c_ends_it_with_its_own_exit_code(anna: Anna) -> None:
    login = anna.begins("login")
    shown_by(login)
    login.send_signal(signal.SIGINT)
    assert ended(login)[0] == 130


def test_without_a_server_it_says_so_and_logout_keeps_the_token_unless_told_to_forget_it(anna: Anna) -> None:
    anna.logs_in()
    token = json.loads(anna.logins.read_text())[anna.url]
    anna.logins.write_text(json.dumps({"http://localhost:1": token}))
    anna.url = "http://localhost:1"
    assert anna.types("login")[0] == 5
    code, _, complaints = anna.types("logout")
    assert (code, "Nothing answers at http://localhost:1." in complaints) == (5, True)
    assert anna.types("logout", "--forget")[0] == 0
    assert json.loads(anna.logins.read_text()) == {}


def test_a_server_that_is_started_again_meanwhile_still_knows_the_code(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        anna = Anna(tmp_path, server.url)
        login = anna.begins("login")
        code = shown_by(login)
        server.kill()
        server.settings["port"] = server.url.rpartition(":")[2]
        server.start()
        assert anna.page("POST", "/api/logins", user_code=code)[0] == 201
        assert ended(login)[0] == 0


def test_a_file_that_others_may_read_or_that_is_damaged_is_refused(anna: Anna) -> None:
    anna.logs_in()
    token = json.loads(anna.logins.read_text())[anna.url]["token"]
    anna.logins.chmod(0o644)
    for words in (("login",), ("logout",), ("queue",)):
        code, said, complaints = anna.types(*words)
        assert (code, f"chmod 600 {anna.logins} keeps them yours" in complaints) == (2, True)
        assert token not in said + complaints
    anna.logins.chmod(0o600)
    for damaged in ("", "[]", '{"x": 1}', '{"x": {"token": 1}}', anna.logins.read_text()[:-5]):
        anna.logins.write_text(damaged)
        code, said, complaints = anna.types("queue")
        assert (code, "is damaged. Move it away" in complaints) == (2, True), damaged


def test_a_token_that_cannot_be_kept_is_worth_nothing_afterwards(anna: Anna) -> None:
    (anna.home / "config").mkdir()
    login = anna.begins("login")
    code = shown_by(login)
    (anna.home / "config" / "leyline").write_text("not a folder")
    assert anna.page("POST", "/api/logins", user_code=code)[0] == 201
    code_of_it, _, complaints = ended(login)
    assert (code_of_it, "cannot be written" in complaints) == (1, True), complaints
    assert anna.page("GET", "/api/logins")[1] == {"logins": []}


def test_a_token_of_the_environment_counts_before_it_and_login_says_so(anna: Anna) -> None:
    code, _, complaints = anna.logs_in(LEYLINE_TOKEN="sesame")
    assert (code, "LEYLINE_TOKEN is set, and counts before" in complaints) == (0, True)
    assert anna.types("submit", "holiday", LEYLINE_TOKEN="sesame")[0] == 0
    assert anna.tasks() == []


def test_a_token_goes_to_its_own_server_only(anna: Anna, tmp_path: Path) -> None:
    anna.logs_in()
    with LiveServer(tmp_path / "other") as other:
        assert anna.types("submit", "holiday", "--no-wait", "--url", other.url)[0] == 0, "no dead token was sent"
    assert anna.tasks() == []


def test_where_an_access_token_is_needed_a_connected_command_needs_none(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", token="open sesame") as server:
        anna = Anna(tmp_path, server.url)
        assert anna.types("queue")[0] == 4
        login = anna.begins("login")
        code = shown_by(login)
        assert anna.page("POST", "/api/logins", user_code=code)[0] == 401
        with Connection(server.url) as connection:
            body = b'{"token": "open sesame"}'
            answer = connection.request("POST", "/api/session", body, Cookie=anna._cookie).answer()
            anna._cookie = answer.headers["set-cookie"].partition(";")[0]
        assert anna.page("POST", "/api/logins", user_code=code)[0] == 201
        assert ended(login)[0] == 0
        assert anna.types("queue")[0] == 0
