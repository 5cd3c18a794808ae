"""The command line: flags from the settings' rows, wrong words told in a sentence, exit codes."""

import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from leyline import cli, settings
from leyline.client import server_flags
from leyline.errors import StartupError


def leyline(*words, **environ):
    return CliRunner().invoke(cli.main, [*map(str, words)], env=environ)


@pytest.fixture
def served(monkeypatch):
    """The settings that the server is started with."""
    started = []
    monkeypatch.setattr("web.serving.main", lambda loaded: started.append(loaded) or 0)
    return started


@pytest.mark.parametrize("field", settings.rows(), ids=lambda field: field.name)
def test_help_shows_each_setting_with_its_variable(field):
    shown = " ".join(leyline("serve", "--help", COLUMNS="400").output.split())
    assert f"{settings.flag(field.name)} " in shown
    assert field.metadata["help"].split(";")[0].rstrip(".") in shown
    assert f"{settings.variable(field.name)}]" in shown


def test_help_shows_defaults_with_their_units():
    shown = " ".join(leyline("serve", "--help").output.split())
    assert "[20 MB; LEYLINE_MAX_UPLOAD_MB]" in shown
    assert "[3000; LEYLINE_PORT]" in shown


def test_flag_reaches_the_server(served):
    assert leyline("serve", "--max-upload-mb", "5", LEYLINE_MAX_UPLOAD_MB="7").exit_code == 0
    assert served[0].max_upload_mb == 5


def test_variable_reaches_the_server(served):
    leyline("serve", LEYLINE_KEEP_DAYS="2")
    assert served[0].keep_days == 2


def test_a_variable_that_is_no_setting_is_told_and_skipped(served):
    done = leyline("serve", LEYLINE_PORT="tcp://10.96.0.7:3000")
    assert (done.exit_code, served[0].port) == (0, 3000)
    assert done.stderr.startswith("LEYLINE_PORT=tcp://10.96.0.7:3000 is Kubernetes' word")


def test_exit_code_of_the_server_is_the_commands(monkeypatch):
    monkeypatch.setattr("web.serving.main", lambda loaded: 3)
    assert leyline("serve").exit_code == 3


@pytest.mark.parametrize("words", [("--port", "x"), ("--keep-gb", "-1"), ("--codec", "theora")])
def test_wrong_value_is_one_sentence_and_exit_code_2(words, served):
    done = leyline("serve", *words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"{words[0]}='{words[1]}' must be ")
    assert len(done.stderr.splitlines()) == 1
    assert not served


def test_server_that_cannot_start_says_why_without_a_traceback(monkeypatch):
    def refuse(loaded):
        raise StartupError("The data folder is in use by process 7.")

    monkeypatch.setattr("web.serving.main", refuse)
    done = leyline("serve")
    assert (done.exit_code, done.stderr) == (1, "The data folder is in use by process 7.\n")


def test_picture_that_is_not_there_is_told_before_anything_is_sent(tmp_path):
    (tmp_path / "there.jpg").touch()
    done = leyline("submit", tmp_path / "there.jpg", tmp_path / "none.jpg")
    assert done.exit_code == 2
    assert "none.jpg" in done.stderr


def test_folder_without_pictures_is_told(tmp_path):
    (tmp_path / "notes.txt").touch()
    done = leyline("submit", tmp_path)
    assert (done.exit_code, done.stderr) == (2, f"There are no pictures in {tmp_path}.\n")


def test_what_is_chosen_of_a_link_that_is_not_made_is_told(tmp_path):
    (tmp_path / "a.jpg").touch()
    done = leyline("submit", tmp_path, "--poster", "clear")
    assert (done.exit_code, done.stderr) == (
        2,
        "--message, --poster, --label, --days and --views are of a viewing link: add --link.\n",
    )


def test_a_file_that_cannot_be_read_does_not_end_the_command(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").touch()
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    done = leyline("submit", tmp_path / "a.jpg", "--url", "http://127.0.0.1:1")
    assert done.exit_code == 5
    assert done.stderr.startswith("Nothing answers at")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("localhost:3000", "http://localhost:3000"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org/leyline/", "https://example.org/leyline"),
        ("http://localhost:3000/#0123456789abcdef", "http://localhost:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
    ],
)
def test_address_is_understood_as_people_type_and_paste_it(typed, meant):
    assert server_flags.address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ftp://example.org",
        "http://",
        "http://localhost:port",
        "http://[::1",
        "http://a..b",
        "http://.foo",
        "http://" + "a" * 70,
        "http://x y",
        "http://localhost:3000/\n",
    ],
)
def test_address_of_no_server_is_told(typed, tmp_path):
    (tmp_path / "a.jpg").touch()
    done = leyline("submit", tmp_path, "--url", typed)
    assert done.exit_code == 2
    assert "is not the address of a server" in done.stderr


@pytest.mark.parametrize(
    "typed",
    [
        "http://anna:s3cret@",
        "anna:s3cret@ho st",
        "http://anna:p@s3cret@ho st",
        "https://anna:p/s3cret@example.org",
        "ftp://anna:s3cret@example.org",
        "http://anna:s3cret\n@example.org",
    ],
)
def test_a_password_in_an_address_of_no_server_is_not_repeated(typed, tmp_path):
    (tmp_path / "a.jpg").touch()
    done = leyline("submit", tmp_path, LEYLINE_URL=typed)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "is not the address of a server" in done.stderr
    assert "…@" in done.stderr and "cret" not in done.stderr


@pytest.mark.parametrize("token", ["open\nsesame", "日本"])
def test_token_that_cannot_be_sent_is_told_and_not_repeated(token, tmp_path):
    (tmp_path / "a.jpg").touch()
    done = leyline("submit", tmp_path, LEYLINE_TOKEN=token)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no request can carry" in done.stderr
    assert not any(part in done.stderr for part in token.split())


def test_unit_for_somebody_who_is_not_here_is_written_and_told():
    done = leyline("systemd-unit", "--user", "nobodyhere")
    assert "User=nobodyhere" in done.stdout
    assert done.stderr.startswith("There is no user nobodyhere on this machine")
    assert leyline("systemd-unit", "--user", "daemon").stderr == ""


@pytest.mark.parametrize("words", [("--model-option", "api_key=x"), ("--model-options", '{"api_key": "x"}')])
def test_unit_with_options_of_the_model_says_where_secret_ones_belong(words):
    done = leyline("systemd-unit", "--user", "daemon", *words)
    assert done.exit_code == 0
    assert done.stderr.startswith("A unit can be read by everybody") and len(done.stderr.splitlines()) == 1
    assert "LEYLINE_MODEL_OPTIONS in /etc/leyline.env" in done.stderr
    assert "LEYLINE_MODEL_OPTIONS=" in leyline("systemd-unit", "--help").stdout
    assert 'LEYLINE_MODEL_OPTIONS=\'{"api_key": "…"}\'' in done.stdout


def test_options_of_the_model_that_are_no_json_are_told_and_not_repeated(served):
    done = leyline("serve", LEYLINE_MODEL_OPTIONS='{"api_key": "s3cret"')
    assert (done.exit_code, done.stderr) == (2, "LEYLINE_MODEL_OPTIONS must be a JSON object.\n")
    assert not served


def test_command_loads_nothing_heavy_until_it_is_asked_for():
    """The model process imports the command again when it starts."""
    code = "import leyline.cli, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert not {"tornado", "sqlite3", "asyncio", "numpy", "cv2", "web", "leyline.line.store"} & set(loaded)


TAUGHT = [name for name in cli.COMMANDS if name not in ("systemd-unit", "worker", "join-file", "workers")]


@pytest.mark.parametrize("command", TAUGHT)
def test_help_teaches_by_examples_that_can_be_typed(command):
    shown = leyline(command, "--help", COLUMNS="200").output
    examples = shown.partition("Example")[2].partition("\n\n")[0].splitlines()[1:]
    assert examples
    for line in examples:
        assert "leyline " in line
        name = re.findall(r"\bleyline ([a-z-]+)", line)[0]
        assert name in cli.COMMANDS
        known = set(re.findall(r"(?<![\w-])(--[a-z-]+)", leyline(name, "--help", COLUMNS="300").output))
        assert set(re.findall(r"(?<![\w-])(--[a-z-]+)", line.partition("leyline ")[2])) <= known


@pytest.mark.parametrize("words", [("--help",), ("submit", "--help"), ("systemd-unit", "--user", "nobody")])
def test_an_output_that_takes_no_more_is_one_sentence(words):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - it is no file
        done = subprocess.run(
            [sys.executable, "-m", "leyline", *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert (done.returncode, done.stderr) == (1, "Not all could be shown here: No space left on device.\n")
