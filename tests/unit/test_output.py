"""What a child prints, made into lines: bounded, fit to be shown, and those that matter kept."""

from time import process_time

import pytest

from leyline.processes.output import LAST_BYTES, LAST_LINES, LINES_A_SECOND, LINES_AT_ONCE, MAX_LINE_LENGTH, Output


class Heard:
    """An output, and what it told."""

    def __init__(self) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self.left_out: list[int] = []
        self.output = Output(self._told, clock=lambda: self.now)

    def _told(self, line: str, left_out: int) -> None:
        if left_out:
            self.left_out.append(left_out)
        else:
            self.lines.append(line)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_lines_are_told_as_they_end_however_they_come(heard):
    for piece in (b"first\nse", b"cond", b"\n\nthi", b"rd"):
        heard.output.take(piece)
    assert heard.lines == ["first", "second"]
    assert heard.output.last_lines == ["first", "second", "third"]
    heard.output.end()
    assert heard.lines == heard.output.last_lines == ["first", "second", "third"]


def test_lines_of_one_run_are_not_anothers(heard):
    heard.output.take(b"of the load\nhalf")
    heard.output.begin()
    heard.output.take(b"of the run\n")
    assert heard.lines == ["of the load", "half", "of the run"]
    assert heard.output.last_lines == ["of the run"]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"\r 10%|#   |\r 50%|##  |\r100%|####|\n", ["100%|####|"]),
        (b"windows\r\nlines\r\n", ["windows", "lines"]),
        (b"only\rdrawn over\r", ["drawn over"]),
        (b"    return 1 / 0\n", ["    return 1 / 0"]),
        (b"\x1b[31mred\x1b[0m \x1b]0;title\x07and \x1b[2Kmore\x00\x07\n", ["red and more"]),
        ("gpj.\u202eexe \u2066\u00fc \u2713\n".encode(), ["gpj.exe ü ✓"]),
        (b"\xff\xfe\n", ["\ufffd\ufffd"]),
        (b"\n \n\x1b[0m\n", []),
    ],
)
def test_a_line_is_told_as_a_terminal_would_show_it_in_the_end(heard, printed, shown):
    heard.output.take(printed)
    heard.output.end()
    assert [line.strip() for line in heard.lines] == [line.strip() for line in shown]
    assert heard.output.last_lines == heard.lines
    for byte in printed:  # in whatever pieces it comes
        heard.output.take(bytes([byte]))
    heard.output.end()
    assert heard.lines[len(shown) :] == heard.lines[: len(shown)]


def test_indentation_stays(heard):
    heard.output.take(b"    return 1 / 0\n")
    assert heard.lines == ["    return 1 / 0"]


def test_a_line_without_end_takes_no_memory_and_is_one_short_line(heard):
    began = process_time()
    for _ in range(1000):
        heard.output.take(b"x" * 16_384)
    assert process_time() - began < 2
    assert len(heard.output._begun) < 4 * MAX_LINE_LENGTH + 2
    heard.output.end()
    assert heard.lines == ["x" * MAX_LINE_LENGTH]


def test_a_flood_is_told_in_part_with_how_many_were_left_out_and_its_end_is_kept(heard):
    for number in range(100):
        heard.output.take(b"".join(b"line %d\n" % (100 * number + each) for each in range(100)))
    assert heard.lines == [f"line {number}" for number in range(LINES_AT_ONCE)]
    assert heard.output.last_lines == [f"line {number}" for number in range(10_000 - LAST_LINES, 10_000)]
    heard.now += 1
    heard.output.take(b"and on\n" * 100)
    assert heard.left_out == [10_000 - LINES_AT_ONCE]
    assert heard.lines[LINES_AT_ONCE:] == ["and on"] * LINES_A_SECOND
    heard.output.end()
    assert heard.left_out[1:] == [100 - LINES_A_SECOND]


def test_last_lines_are_few_bytes(heard):
    heard.output.take((("ü" * 400 + "\n") * 30).encode())
    assert 0 < sum(len(line.encode()) for line in heard.output.last_lines) <= LAST_BYTES


def test_empty_lines_by_the_million_cost_next_to_nothing(heard):
    began = process_time()
    for _ in range(64):
        heard.output.take(b"\n" * 16_384)
    assert process_time() - began < 1
    assert (heard.lines, heard.left_out) == ([], [])
