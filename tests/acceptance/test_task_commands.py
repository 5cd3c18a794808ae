"""What can be asked of tasks from the command line, and which server is asked, against a real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from leyline import cli
from tests.acceptance.test_command_page import check_lines
from tests.live_server import DEADLINE_SECONDS, ROOT, LiveServer
from tests.pictures import photo

# A command's process ends, and its sockets with it; here they are left to the collector.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

WAITS = "tests.models.plain:WaitsForCancel"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One whose first task runs until it is canceled, and keeps the others in line."""
    folder = tmp_path_factory.mktemp("tasks")
    with LiveServer(folder / "data", model=WAITS, operator_token="operator") as running:
        yield running


class Person:
    """Somebody with a home, who types commands there. They run in this process, which takes a tenth of the time."""

    def __init__(self, home: Path, server: LiveServer) -> None:
        self.home, self.server = home, server
        self.environment: dict[str, str | None] = {key: None for key in os.environ if key.startswith("LEYLINE_")}
        self.environment |= {"HOME": str(home), "LEYLINE_URL": server.url}
        self.environment |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}

    def types(self, *words: object, stdin: bytes = b"", **environ: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(cli.main, [*map(str, words)], input=stdin, env={**self.environment, **environ})
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def anna(tmp_path: Path, server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Person]:
    """She has sent three pictures of a folder, of which the first is being made; in the end nothing is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "holiday").mkdir()
    for number, name in enumerate(("beach", "tree", "sea")):
        (tmp_path / "holiday" / f"{name}.jpg").write_bytes(photo(number))
    person = Person(tmp_path, server)
    assert person.types("submit", "--no-wait", "holiday")[0] == 0
    yield person
    shutil.rmtree(tmp_path / "config", ignore_errors=True)
    person.types("cancel", "holiday")
    assert person.types("watch", "holiday")[0] in (3, 4)


def ids(text: str) -> list[str]:
    return re.findall(r"/#([0-9a-f]{32})$", text, re.M)


def test_what_was_sent_is_listed_watched_canceled_retried_and_deleted(anna: Person) -> None:
    code, listed, told = anna.types("list", "holiday")
    assert (code, told) == (0, "")
    assert [line.partition(":")[0] for line in listed.splitlines()] == ["beach.jpg", "sea.jpg", "tree.jpg"]
    beach, sea, tree = ids(listed)

    code, canceled, told = anna.types("cancel", "holiday/tree.jpg", sea)
    assert (code, told) == (0, "")
    assert canceled.splitlines() == [
        f"tree.jpg: canceled  {anna.server.url}/#{tree}",
        f"{sea}: canceled  {anna.server.url}/#{sea}",
    ]
    assert anna.types("status", f"{anna.server.url}/#{sea}")[1].startswith(f"{sea}: canceled")
    assert anna.types("watch", sea) == (3, f"{sea}: canceled  {anna.server.url}/#{sea}\n", "")
    assert anna.types("cancel", sea)[0] == 0, "safe to say twice"

    code, retried, _ = anna.types("retry", "holiday")
    assert code == 0
    assert len(set(ids(retried)) - {beach, sea, tree}) == 2
    assert set(ids(anna.types("list", "holiday")[1])) == {beach, *ids(retried)}, "remembered as theirs"
    again = anna.types("submit", "--no-wait", "holiday")
    assert "0 done, 3 already in line, 0 sent." in again[1]

    assert anna.types("delete", "holiday/sea.jpg")[0] == 2, "nobody can be asked here"
    assert anna.types("cancel", "holiday/sea.jpg")[0] == 0
    code, deleted, _ = anna.types("delete", "holiday/sea.jpg", "--yes")
    assert (code, deleted.partition(":")[2].strip()) == (
        0,
        f"removed on the server  {anna.server.url}/#{ids(deleted)[0]}",
    )
    once_more = anna.types("submit", "--no-wait", "holiday")[1]
    assert "0 done, 2 already in line, 0 sent, 1 failed or was canceled earlier." in once_more, (
        "it is not sent again"
    )


def test_programs_get_an_object_for_each(anna: Person) -> None:
    lines = check_lines(anna.types("list", "holiday", "--json")[1])
    assert len({line["task"]["task_id"] for line in lines}) == 3
    check_lines(anna.types("status", "holiday", "--json")[1])
    check_lines(anna.types("cancel", "holiday/tree.jpg", "--json")[1])
    earlier = check_lines(anna.types("submit", "--no-wait", "holiday", "--json")[1])
    assert [line["earlier"] for line in earlier] == [True] * 3
    unknown = check_lines(anna.types("status", "0" * 32, "--json")[1])
    assert (unknown[0]["task"], unknown[0]["error"]["code"]) == (None, "not_found")


def test_what_names_nothing_is_told(anna: Person) -> None:
    (anna.home / "other").mkdir()
    for word, says in (
        ("nothing", "nothing is no task's id, no address of a task's page, and no picture or folder here."),
        ("other", "Nothing was sent from other that is remembered there."),
    ):
        assert anna.types("status", word) == (2, "", f"{says}\n")
    (anna.home / "holiday" / "new.jpg").write_bytes(photo(77))
    code, _, told = anna.types("status", "holiday/new.jpg")
    assert (code, told) == (2, "holiday/new.jpg was not sent, as far as is remembered in its folder.\n")


def test_what_a_manifest_of_ones_own_remembers_is_named_by_it(anna: Person) -> None:
    words = ("submit", "--no-wait", "--manifest", "kept.jsonl", "holiday/sea.jpg")
    assert anna.types(*words)[0] == 0
    [task_id] = ids(anna.types("list", "kept.jsonl")[1])
    assert anna.types("cancel", "kept.jsonl")[0] == 0
    [retried] = ids(anna.types("retry", "kept.jsonl")[1])
    assert retried != task_id
    assert ids(anna.types("list", "kept.jsonl")[1]) == [retried]
    assert anna.types(*words)[1].splitlines()[-2] == "0 done, 1 already in line, 0 sent."
    anna.types("cancel", "kept.jsonl")


def test_a_picture_is_known_under_another_name(anna: Person) -> None:
    (anna.home / "holiday" / "tree.jpg").rename(anna.home / "holiday" / "oak.jpg")
    assert anna.types("status", "holiday/oak.jpg")[0] == 0


def test_the_line_is_the_operators_to_pause(anna: Person) -> None:
    code, said, _ = anna.types("queue")
    assert code == 0
    assert said.startswith("2 in line, one is being made. The model is busy.")
    assert not re.search(r"[0-9a-f]{32}", said)
    code, said, told = anna.types("pause")
    assert (code, said) == (4, "")
    assert told.startswith("This needs the operator's token. Give it in LEYLINE_OPERATOR_TOKEN or with --token")
    code, said, _ = anna.types("pause", LEYLINE_OPERATOR_TOKEN="operator")
    assert code == 0 and "The line is paused: leyline resume lets it go on." in said
    assert len(re.findall(r"^ .*[0-9a-f]{32}", said, re.M)) == 3, "the operator sees each"
    code, said, _ = anna.types("resume", "--token", "operator", "--json")
    assert (code, json.loads(said)["paused"]) == (0, False)


# Which server, and with which token


def test_the_file_says_which_server_and_a_flag_and_the_environment_count_before_it(anna: Person) -> None:
    config = anna.home / "config" / "leyline" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'url = "{anna.server.url}"\noperator_token = "operator"\n')
    config.chmod(0o600)
    assert anna.types("list", "holiday", LEYLINE_URL="")[0] == 0
    assert anna.types("resume", LEYLINE_URL="")[0] == 0, "with the operator's token"
    assert anna.types("resume", "--token", "wrong", LEYLINE_URL="")[0] == 4
    assert anna.types("list", "holiday", LEYLINE_URL="http://localhost:1")[0] == 5
    assert anna.types("list", "holiday", "--url", "http://localhost:1", LEYLINE_URL=anna.server.url)[0] == 5
    config.chmod(0o640)
    code, _, told = anna.types("list", "holiday")
    assert (code, told) == (
        2,
        f"{config} holds a token, and others on this machine may read it: chmod 600 {config} keeps it yours.\n",
    )


# In cron


def test_quiet_says_only_what_went_wrong(anna: Person) -> None:
    assert anna.types("submit", "--no-wait", "--quiet", "holiday") == (0, "", "")
    (anna.home / "holiday" / "notes.jpg").write_text("notes")
    code, said, told = anna.types("submit", "--no-wait", "--quiet", "holiday")
    assert (code, said) == (4, "")
    assert told.splitlines() == [
        "notes.jpg: This file is not a picture. Send a JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC file.",
        "3 of 4 pictures are in line.",
    ]


def test_in_cron_there_is_no_terminal_no_colour_and_no_shell_that_fills_in_patterns(anna: Person) -> None:
    environment = {"HOME": str(anna.home), "PATH": "/usr/bin:/bin", "LOGNAME": "anna", "SHELL": "/bin/sh"}
    command = f"{sys.executable} -m leyline submit --no-wait --url {anna.server.url} 'holiday/*.jpg'"
    line = f"{command} > log 2>&1 < /dev/null"
    done = subprocess.run(
        ["setsid", "--wait", "/bin/sh", "-fc", line],
        cwd=anna.home,
        env={**environment, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(anna.home)},
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    log = (anna.home / "log").read_text()
    assert (done.returncode, "\x1b" in log) == (0, False)
    assert log.splitlines()[-2:] == ["0 done, 3 already in line, 0 sent.", "3 of 3 pictures are in line."]


@pytest.mark.parametrize(
    ("piped", "count"),
    [
        (photo(31), 1),
        (b"holiday/beach.jpg\nholiday/tree.jpg\n", 2),
        (b"holiday/beach.jpg\0holiday/tree.jpg\0", 2),
        (b"picture\nholiday/beach.jpg\nholiday/beach.jpg\n", 2),
        (b'{"image": "holiday/sea.jpg"}\n', 1),
    ],
    ids=["a picture", "names", "names with NULs", "a table", "JSON Lines"],
)
def test_what_comes_on_standard_input_is_known_for_what_it_is(anna: Person, piped: bytes, count: int) -> None:
    code, said, told = anna.types("submit", "--no-wait", "-", stdin=piped)
    assert (code, told) == (0, "")
    assert said.splitlines()[-1].startswith(f"{count} of {count} picture")
    assert anna.types("submit", "--no-wait", "-", stdin=piped)[1].splitlines()[-2].startswith("0 done, "), "known"
    anna.types("cancel", *ids(said))


def test_nothing_on_standard_input_is_told(anna: Person) -> None:
    assert anna.types("submit", "-") == (2, "", "Nothing came on standard input.\n")


def test_folders_in_folders_are_sent_when_that_is_asked_for(anna: Person) -> None:
    for folder in ("day 10", "day 2", ".hidden"):
        (anna.home / "holiday" / folder).mkdir()
        (anna.home / "holiday" / folder / "photo.jpg").write_bytes(photo(100 + len(folder)))
    (anna.home / "holiday" / "day 2" / "back").symlink_to(anna.home / "holiday")
    flat = anna.types("submit", "--no-wait", "holiday")[1]
    assert (
        flat.splitlines()[-1]
        == "3 of 3 pictures are in line. Left out: 2 (folders, and files not named as pictures)."
    )
    deep = anna.types("submit", "--no-wait", "-r", "holiday", "--json")[1]
    pictures = [json.loads(line)["picture"] for line in deep.splitlines()]
    assert pictures[3:] == ["holiday/day 2/photo.jpg", "holiday/day 10/photo.jpg"]


# Completion


def test_bash_completes_commands_flags_and_files(anna: Person, tmp_path: Path) -> None:
    script = anna.types("completion", "bash")[1]
    (tmp_path / "leyline").symlink_to(Path(sys.executable).parent / "leyline")
    ask = (
        "source script; complete -p leyline > /dev/null || exit 1; "
        'for line in "leyline sub" "leyline submit --rec"; do COMPREPLY=(); '
        "COMP_WORDS=($line); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _leyline_completion leyline; "
        'echo "${COMPREPLY[@]}"; done'
    )
    (tmp_path / "script").write_text(script)
    done = subprocess.run(
        ["bash", "--norc", "-c", ask],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert (done.stdout.splitlines(), done.stderr) == (["submit", "--recursive"], "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_a_script_of_their_own(anna: Person, shell: str) -> None:
    code, script, _ = anna.types("completion", shell)
    assert code == 0
    assert f"_LEYLINE_COMPLETE={shell}_complete" in script
