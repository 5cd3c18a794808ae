"""The log's lines: each is read back as what it said, whatever that was, and as one line."""

import ast
import io
import json
import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline.logs import LONGEST_TRACEBACK, TEXT, AsText, fields, log_to
from leyline.media import task_of

ROOT = Path(__file__).parents[2]
TASK = "0123456789" * 3 + "01"  # all digits, and no number
NASTY = [
    "it's",
    'a "word"',
    "a\nb",
    "task=x",
    "' task='x",
    "\\",
    "",
    " ",
    "\u2028",
    "\ud800",
    "ünï",
    "event=forged\n",
]


@pytest.fixture
def as_json() -> Iterator[io.StringIO]:
    """What is logged from now on, as `serve` with LEYLINE_LOG=json has it written."""
    root, stream = logging.getLogger(), io.StringIO()
    before, hooks = list(root.handlers), (threading.excepthook, sys.unraisablehook, sys.excepthook)
    level, source = root.level, logging._srcfile
    root.handlers = []
    try:
        log_to(stream, "json")
        yield stream
    finally:
        root.handlers = before
        root.setLevel(level)
        logging.captureWarnings(False)
        logging._srcfile = source
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = True
        threading.excepthook, sys.unraisablehook, sys.excepthook = hooks


@pytest.mark.parametrize("created", [0.0, 1.0625, 1_700_000_000.5, 1_700_000_000.9995])
def test_a_line_of_text_is_as_python_would_write_it(created: float) -> None:
    record = logging.makeLogRecord({"name": "leyline", "levelname": "INFO", "msg": "event=%s", "args": ("x",)})
    record.created, record.msecs = created, (created - int(created)) * 1000
    assert AsText(TEXT).format(record) == logging.Formatter(TEXT).format(record)
    try:
        raise ValueError
    except ValueError:
        record.exc_info = sys.exc_info()
    assert "Traceback" in AsText(TEXT).format(record)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("text", NASTY)
def test_whatever_is_said_is_read_back_as_it_was(text: str) -> None:
    line = f"event=model_output task={TASK} run=3 line={text!r}"
    assert fields(line) == {"event": "model_output", "task": TASK, "run": 3, "line": text}


def test_numbers_words_and_what_is_quoted_for_addresses() -> None:
    line = f'event=request method=GET path="/x/\\"{TASK}" status=200 ms=1.5 address=:: link=None left='
    assert fields(line) == {
        **{"event": "request", "method": "GET", "path": f'/x/"{TASK}', "status": 200, "ms": 1.5},
        **{"address": "::", "link": None, "left": ""},
    }


@pytest.mark.parametrize("line", ["Task exception was never retrieved", "event=x and more", "", "event='x"])
def test_what_is_no_event_is_a_message(line: str) -> None:
    assert fields(line) == {"message": line}


@pytest.mark.parametrize("text", NASTY)
def test_a_line_is_one_line(as_json: io.StringIO, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = logging.getLogger().handlers[:1]
    monkeypatch.setattr(logging.getLogger(), "handlers", ours)  # pytest's own would report what cannot be encoded
    logging.getLogger("leyline.model").info("event=model_output task=%s line=%r", TASK, text)
    logging.getLogger("strange").warning(text)
    assert as_json.getvalue().count("\n") == 2 and as_json.getvalue().isascii()
    ours, strange = lines(as_json)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", ours.pop("time"))
    assert ours == {"level": "info", "logger": "leyline.model", "event": "model_output", "task": TASK, "line": text}
    assert (strange["level"], strange["logger"], strange["message"]) == ("warning", "strange", text)


def test_nothing_that_is_said_takes_the_place_of_when_it_was_said(as_json: io.StringIO) -> None:
    logging.getLogger("leyline").info("event=x time=never level=none logger=nobody")
    [line] = lines(as_json)
    assert line["time"] != "never" and (line["level"], line["logger"]) == ("info", "leyline")


def test_an_exception_is_in_the_line_with_its_traceback_and_bounded(as_json: io.StringIO) -> None:
    def deep(depth: int) -> None:
        if depth == 0:
            raise ValueError("the end\nof it " + "x" * 2 * LONGEST_TRACEBACK + "!")
        deep(depth - 1)

    try:
        deep(3)
    except ValueError:
        logging.getLogger("leyline.worker").exception("event=bug in=worker task=%s", TASK)
    [line] = lines(as_json)
    assert (line["event"], line["in"], line["task"]) == ("bug", "worker", TASK)
    assert line["exception"].endswith("x!") and len(line["exception"]) == LONGEST_TRACEBACK


def test_what_python_itself_says_between_the_lines_is_a_line(as_json: io.StringIO) -> None:
    class Resists:
        def __del__(self) -> None:
            raise ValueError("at the end")

    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Resists()
    warnings.showwarning("old", DeprecationWarning, "somewhere.py", 3)
    in_thread, in_finalizer, warning = lines(as_json)
    assert in_thread["in"] == "thread" and "in a thread" in in_thread["exception"]
    assert in_finalizer["in"] == "finalizer" and "at the end" in in_finalizer["exception"]
    assert warning["logger"] == "py.warnings" and "DeprecationWarning: old" in warning["message"]


def test_on_a_terminal_it_is_as_it_was() -> None:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    stream, level, source = io.StringIO(), root.level, logging._srcfile
    root.handlers = []
    try:
        log_to(stream)
        logging.getLogger("leyline.line").info("event=paused")
    finally:
        root.handlers, logging._srcfile = before, source
        root.setLevel(level)
        logging.logThreads = logging.logProcesses = logging.logMultiprocessing = True
    assert re.fullmatch(r"\d{4}-\d\d-\d\d [\d:,]{12} INFO leyline\.line event=paused\n", stream.getvalue())


def logged_formats() -> Iterator[tuple[str, str]]:
    """Each format of a line in the sources, with where it stands; some are passed on to who logs them."""
    for path in sorted(path for folder in ("leyline", "web") for path in (ROOT / folder).rglob("*.py")):
        if path.name == "logs.py":  # which reads lines
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("event="):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value
            assert not _logs_a_mere_message(node), f"{path.name}:{getattr(node, 'lineno', 0)} logs no event"


def _logs_a_mere_message(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "log"):
        return False
    texts = [each.value for each in node.args if isinstance(each, ast.Constant) and type(each.value) is str]
    return bool(texts) and not texts[0].startswith("event=")


FORMATS = list(logged_formats())
PART = r"(?:%s(?::%s)?|%d|%r|%\.\df|\w+|'[^']*')"


@pytest.mark.parametrize(("where", "text"), FORMATS, ids=[where for where, _ in FORMATS])
def test_each_line_that_is_logged_is_an_event_with_fields(where: str, text: str) -> None:
    """So that none of them is a mere message in JSON; `%s` at a field's end is where a task may be named."""
    assert re.fullmatch(rf"event=(?:\w|%s)+(?:(?: \w+={PART})|%s)*", text), text


def test_there_are_such_lines() -> None:
    assert len(FORMATS) > 40


@pytest.mark.parametrize(
    ("name", "task_id"),
    [
        (f"{TASK}.jpg", TASK),
        (f"{TASK}.thumbnail.jpg", TASK),
        (f"{TASK}-3.mp4", TASK),
        (f"{TASK}-3.0123456789abcdef.mp4", TASK),
        (f"{TASK}-3.part", TASK),
        (f"{TASK}-3.preview.jpg", TASK),
        (f"{TASK}.part", None),
        ("lost+found", None),
        (f"{TASK}0.jpg", None),
    ],
)
def test_a_files_name_says_whose_it_is(name: str, task_id: str | None) -> None:
    assert task_of(name) == task_id
