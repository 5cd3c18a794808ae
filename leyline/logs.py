"""How the log is written: a line for each event, as people read it, or as one JSON object for programs.

What is logged is left to whoever knows of it, always as `event=name key=value …`, a text by its `repr`, so that
nothing that comes from outside can forge a line or a field. Danger: what is JSON must stay one line each, whatever
is logged, by whomever, with whatever traceback; a program that reads it has no other way to tell them apart.
"""

import ast
import functools
import json
import logging
import re
import sys
import threading
import time
import types
from datetime import UTC, datetime
from typing import Any, TextIO

LONGEST_TRACEBACK = 8_000  # characters of its end, which says most
VALUE = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s'"]\S*|)"""
LINE = re.compile(rf"event=\w+(?: \w+={VALUE})*")
FIELD = re.compile(rf"(\w+)=({VALUE})(?: |$)")
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")  # a task's id may be all digits, and stays a text
WORDS: dict[str, object] = {"None": None, "True": True, "False": False}

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"

log = logging.getLogger("leyline.server")


class AsText(logging.Formatter):
    """Each record as `time,milliseconds level logger message`: Python's own would spell out each time anew."""

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.stack_info:
            return super().format(record)
        seconds, milliseconds = int(record.created), int(record.msecs)
        return f"{_local(seconds)},{milliseconds:03d} {record.levelname} {record.name} {record.getMessage()}"


class AsJson(logging.Formatter):
    """Each record as a JSON object: `time`, `level`, `logger`, and what its line says, or its `message`."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        for name, value in fields(record.getMessage()).items():
            said.setdefault(name, value)
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)[-LONGEST_TRACEBACK:]
        return json.dumps(said)  # as ASCII: no other line's end, and no half of a surrogate pair


def fields(line: str) -> dict[str, object]:
    """What the line of an event says, by name; any other line as `message`."""
    if not LINE.fullmatch(line):
        return {"message": line}
    return {name: _value(text) for name, text in FIELD.findall(line)}


def _value(text: str) -> object:
    if text[:1] in ("'", '"'):
        return ast.literal_eval(text)
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return WORDS.get(text, text)


@functools.lru_cache(1)
def _local(seconds: int) -> str:
    return time.strftime(logging.Formatter.default_time_format, time.localtime(seconds))


def log_to(stream: TextIO, style: str = "text") -> None:
    """Have the log written there, a line for each event, as `text` or as `json`."""
    logging.basicConfig(stream=stream, level=logging.INFO)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(AsJson() if style == "json" else AsText(TEXT))
    # What no line of the log tells is not looked up for each: who logged it, and in which thread and process.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # as Python's manual has it, for just that
    for parser in ("tornado", "python_multipart"):  # they would log what clients send, as it came
        logging.getLogger(parser).setLevel(logging.ERROR)
    if style == "json":
        _have_everything_logged()


def _have_everything_logged() -> None:
    """What Python itself would write between the lines becomes lines."""
    logging.captureWarnings(True)

    def of_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("event=bug in=thread", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def unraisable(args: Any) -> None:
        log.error("event=bug in=finalizer", exc_info=(args.exc_type, args.exc_value, args.exc_traceback))

    def of_process(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
        log.critical("event=bug in=process", exc_info=(kind, error, trace))

    threading.excepthook, sys.unraisablehook, sys.excepthook = of_thread, unraisable, of_process
