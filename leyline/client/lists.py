"""Lists of pictures and of what is chosen for each: CSV as spreadsheets write it, or JSON Lines.

What the values mean is left to `choosing`. Danger: spreadsheets differ in encoding, in what separates cells and
in the sign of a decimal, and none of them says which it took; so a list tells by its first bytes and its first
line. A list is read row by row, and never beyond `MAX_ROWS` and `MAX_LIST_BYTES`.
"""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO, cast

from leyline.errors import BadParameters
from leyline.parameters import values
from leyline.text import fit_to_show

MAX_ROWS = 100_000
MAX_LIST_BYTES = 100_000_000
PICTURE_COLUMNS = ("picture", "image", "file", "path")  # the first of them that there is, else the first column
JSON_LINES = frozenset({".jsonl", ".ndjson"})
SEPARATORS = ",;\t"
NO_OBJECT = "This is not a JSON object. JSON Lines have one on each line."
SAYS_SEPARATOR = re.compile(r"""\A"?sep=([^\w\s"]|\t)"?\Z""", re.IGNORECASE)  # Excel's own first line


class BadList(Exception):
    """Why reading ends in the middle of a list."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


@dataclass(slots=True)
class Row:
    """One picture. `chosen` has what its row says and nothing of empty cells; `problem` is why it is no row."""

    line: int
    picture: str
    chosen: dict[str, Any]
    problem: str = ""


@dataclass
class List:
    """An open list. `columns` are a table's, but the picture's; `is_text`: values are as people type them."""

    rows: Iterator[Row]  # raises `BadList` where it cannot go on
    columns: tuple[str, ...] = ()
    header_line: int = 1
    is_text: bool = True
    has_decimal_commas: bool = False


@contextlib.contextmanager
def decoded(file: BinaryIO) -> Iterator[TextIO]:
    """The file's text, of the encoding that its first bytes say; the file stays open."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    is_utf16 = buffered.peek(2).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # Excel's “Unicode text”
    encoding = "utf-16" if is_utf16 else "utf-8-sig"
    # Bytes that are no text are let through by the block here, and found by the line when it is read.
    text = io.TextIOWrapper(buffered, encoding, errors="surrogateescape", newline="")
    try:
        yield text
    finally:
        text.detach()


def opened(text: TextIO, suffix: str = "") -> List:
    """The list in this text; what it is, its file's name or its first letter says. Raises `BadList`."""
    lines = _Lines(text)
    head = lines.peek_text()
    if suffix.lower() in JSON_LINES or head.startswith(("{", "[")):
        return List(_objects(lines), is_text=False)
    return _table(lines)


class _Lines(Iterator[str]):
    """The lines of a text with their ends, counted and bounded."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._left = MAX_LIST_BYTES
        self._ahead: list[str] = []
        self.number = 0

    def peek_text(self) -> str:
        """The first line that is not blank, from its first letter; "" where there is none."""
        while not (self._ahead and self._ahead[-1].strip()):
            line = self._read()
            if not line:
                break
            self._ahead.append(line)
        return self._ahead[-1].strip() if self._ahead else ""

    def __next__(self) -> str:
        line = self._ahead.pop(0) if self._ahead else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        return line

    def _read(self) -> str:
        at = self.number + len(self._ahead) + 1
        try:
            line = self._text.readline(self._left)
            line.encode()
        except UnicodeError:
            raise BadList(at, "This is not UTF-8 text. Save the list as CSV in UTF-8.") from None
        except OSError as error:
            raise BadList(at, f"The list cannot be read: {error.strerror}.") from None
        self._left -= len(line)
        if not self._left:
            raise BadList(at, f"The list has more than {MAX_LIST_BYTES:,} bytes. Split it.")
        return line


# A table


def _table(lines: _Lines) -> List:
    first = lines.peek_text()
    separator = next(iter(SAYS_SEPARATOR.findall(first)), None)
    if separator:
        while not next(lines).strip():
            pass
        first = lines.peek_text()
    separator = separator or _separator(first)
    before = lines.number
    rows = _cells(csv.reader(lines, delimiter=separator, strict=True), lines, before)
    header_line, header = next(rows, (1, []))
    names = [cell.strip() for cell in header]
    if not any(names):
        raise BadList(header_line, "The list is empty. Its first line names the columns.")
    for name in names:
        if name and names.count(name) > 1:
            raise BadList(header_line, f"There are two columns “{values.shown(name)}”.")
    of_picture = picture_column(names)
    columns = tuple(name for at, name in enumerate(names) if name and at != of_picture)
    found = (_row(line, cells, names, of_picture) for line, cells in rows)
    return List(found, columns, header_line, has_decimal_commas=separator == ";")


def _separator(header: str) -> str:
    """What stands most often between the names of the columns, outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def _cells(reader: Any, lines: _Lines, before: int) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not blank, each with the number of its first line."""
    count = 0
    while True:
        first = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadList(first, _not_csv(error)) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            count += 1
            if count > MAX_ROWS + 1:
                raise BadList(first, f"The list has more than {MAX_ROWS:,} rows. Split it.")
            yield first, cells


def _not_csv(error: csv.Error) -> str:
    told = str(error)
    if "end of data" in told:
        return "From here on a quote is not closed."
    if "field limit" in told:
        return "A cell is too long, or a quote is not closed."
    return "A quote stands inside of a cell. A cell with quotes is quoted, and each of its quotes doubled."


def _row(line: int, cells: list[str], names: list[str], of_picture: int) -> Row:
    picture = cells[of_picture].strip() if of_picture < len(cells) else ""
    chosen = {
        name: cell
        for at, (name, cell) in enumerate(zip(names, cells, strict=False))
        if at != of_picture and name and cell.strip()
    }
    nameless = any(cell.strip() for at, cell in enumerate(cells) if at >= len(names) or not names[at])
    problem = "It has a cell in a column without a name." if nameless else ""
    return Row(line, picture, chosen, problem)


def picture_column(names: list[str]) -> int:
    """Which of these names the picture."""
    lower = [name.lower() for name in names]
    return next((lower.index(name) for name in PICTURE_COLUMNS if name in lower), 0)


# JSON Lines


def _objects(lines: _Lines) -> Iterator[Row]:
    count = 0
    for text in lines:
        if not text.strip():
            continue
        count += 1
        if count > MAX_ROWS:
            raise BadList(lines.number, f"The list has more than {MAX_ROWS:,} rows. Split it.")
        yield _object(lines.number, text)


def _object(line: int, text: str) -> Row:
    try:
        found = values.load(text)
    except BadParameters as error:
        is_json = not error.detail.endswith("are not JSON.")
        return Row(line, "", {}, error.detail if is_json else NO_OBJECT)
    if not isinstance(found, dict) or not found:
        return Row(line, "", {}, NO_OBJECT)
    name = list(found)[picture_column(list(found))]
    picture = found.pop(name)
    if not isinstance(picture, str):
        return Row(line, "", {}, f"“{fit_to_show(name)}” names no picture: it is no text.")
    return Row(line, picture, {name: value for name, value in found.items() if value is not None})
