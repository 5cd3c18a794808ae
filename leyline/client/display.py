"""What a person sees of a submission: lines redrawn in place on a terminal, plain lines elsewhere.

The words are left to `wording`. Danger: a line that is wider than the terminal wraps, and the next frame
is then drawn in the wrong place; so every line that is redrawn is cut to fit.
"""

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping
from typing import TextIO

import click

from leyline.client.submission import Picture, Submission
from leyline.client.wording import columns, fit, printable, ready_at, summary, words

NAME_WIDTH = 28
BAR_WIDTH = 16
WORDS_WIDTH, LEAST_WORDS_WIDTH = 28, 8
WHEN_WIDTH = 13  # two spaces, Mon 12:30 or 12:30:00, and two more
WIDTH_WITH_BAR = 72
MAX_ROWS = 12
REDRAW_SECONDS = 0.1
GOOD, BAD, NEITHER = ("✓", "green"), ("✗", "red"), ("–", "yellow")
MARKS = {"queued": GOOD, "processing": GOOD, "succeeded": GOOD, "refused": BAD, "failed": BAD}


class Lines:
    """What all ways of showing share; `changed` is called at each change of a picture."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        self._submission = submission
        self._out = out

    def changed(self, picture: Picture) -> None:
        raise NotImplementedError

    def tick(self) -> None:
        """Called each second."""

    def close(self) -> None:
        """Called once, after the last change."""

    def _print(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class PlainLines(Lines):
    """For pipes and logs: one line each time that a picture's phase changes, nothing is redrawn."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        super().__init__(submission, out)
        self._told: dict[Picture, str] = {}

    def changed(self, picture: Picture) -> None:
        before, news = self._told.get(picture), picture.pause or picture.phase
        if news in (before, "sending"):
            return
        self._told[picture] = news
        is_first_of_task = picture.task and before not in ("queued", "processing")
        addresses = picture.addresses if is_first_of_task or picture.phase == "succeeded" else []
        when = f", ready {ready_at(picture)}" if ready_at(picture) else ""
        said = f"{picture.path.name}: {words(picture)}{when}"
        self._print(printable("  ".join([said, *addresses])))


class JsonLines(Lines):
    """For programs: one JSON object per picture, when nothing more will happen to it."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        super().__init__(submission, out)
        self._told: set[Picture] = set()

    def changed(self, picture: Picture) -> None:
        if self._submission.is_over(picture) and picture not in self._told:
            self._tell(picture)

    def close(self) -> None:
        """Somebody who left early learns of what stays in line."""
        for picture in self._submission.pictures:
            if picture.task and picture not in self._told:
                self._tell(picture)

    def _tell(self, picture: Picture) -> None:
        self._told.add(picture)
        error = {"code": picture.problem_code, "detail": picture.problem} if picture.problem else None
        told = {
            "picture": str(picture.path),
            "page_url": picture.page_url,
            "link_url": picture.link_url,
            "task": picture.task,
            "error": error,
        }
        self._print(json.dumps(told))


class LiveLines(Lines):
    """For terminals: what is over scrolls up and stays; below it, what moves is redrawn in place."""

    def __init__(self, submission: Submission, out: TextIO, *, colors: bool) -> None:
        super().__init__(submission, out)
        self._colors = colors
        self._told: set[Picture] = set()
        self._drawn_rows = 0
        self._drawn_at = 0.0

    def changed(self, picture: Picture) -> None:
        width, height = shutil.get_terminal_size()
        if self._submission.is_over(picture) and picture not in self._told:
            self._told.add(picture)
            self._draw(self._ending(picture, width), self._moving(width, height))
        elif time.monotonic() - self._drawn_at > REDRAW_SECONDS:
            self._draw([], self._moving(width, height))

    def tick(self) -> None:
        self._draw([], self._moving(*shutil.get_terminal_size()))

    def close(self) -> None:
        """Take away what is redrawn; the endings stay."""
        self._draw([], [])

    def _draw(self, endings: list[str], moving: list[str]) -> None:
        """One write for all, so that no half-drawn frame is seen; each line clears what was under it."""
        up = f"\x1b[{self._drawn_rows}F" if self._drawn_rows else ""
        lines = "".join(f"{line}\x1b[K\n" for line in [*endings, *moving])
        self._out.write(f"{up}{lines}\x1b[J")
        self._out.flush()
        self._drawn_rows, self._drawn_at = len(moving), time.monotonic()

    def _moving(self, width: int, height: int) -> list[str]:
        """A row for each of the first that are on their way, and a last one on all."""
        pictures = self._submission.pictures
        moving = [picture for picture in pictures if picture not in self._told and picture.phase != "unsent"]
        rows = [self._row(picture, width) for picture in moving[: max(1, min(MAX_ROWS, height - 4))]]
        if len(moving) > len(rows):
            rows.append(self._style(f"  … and {len(moving) - len(rows)} more in line", dim=True))
        return [*rows, self._style(fit(f"  {summary(self._submission)}", width - 1), dim=True)]

    def _row(self, picture: Picture, width: int) -> str:
        """Name, bar, words, time and address, as many of them as the width has room for."""
        percent, when, address = self._percent(picture), ready_at(picture), picture.page_url or ""
        row = f"  {fit(printable(picture.path.name), self._name_width(width))}  "
        room = width - 1 - columns(row)
        if width >= WIDTH_WITH_BAR and not picture.pause:
            row += self._bar(percent) + "  "
            room -= BAR_WIDTH + 2
        said = printable(words(picture) if percent is None else f"{percent:2.0f} % {words(picture)}")
        if not when or room < LEAST_WORDS_WIDTH + WHEN_WIDTH:
            return row + fit(said, room)
        room -= WHEN_WIDTH
        address_fits = room >= WORDS_WIDTH + len(address)
        row += fit(said, min(room, WORDS_WIDTH)) + self._style(fit(f"  {when}", WHEN_WIDTH), dim=True)
        return row + self._style(address, dim=True) if address_fits else row

    def _percent(self, picture: Picture) -> float | None:
        if picture.phase == "sending":
            return None if picture.pause else 100 * (picture.sent or 0)
        return float((picture.task or {})["progress"]) if picture.phase == "processing" else None

    def _bar(self, percent: float | None) -> str:
        full = round(BAR_WIDTH * (percent or 0) / 100)
        return self._style("█" * full, fg="cyan") + self._style("░" * (BAR_WIDTH - full), dim=True)

    def _ending(self, picture: Picture, width: int) -> list[str]:
        mark, color = MARKS.get(picture.phase, NEITHER)
        name = printable(picture.path.name)
        one_line = f"{fit(name, self._name_width(width))}  {printable(words(picture))}"
        lines = [one_line]
        if 2 + columns(one_line) > width:
            lines = [name, *textwrap.wrap(printable(words(picture)), width - 3)]
        addresses = [printable(address) for address in picture.addresses]
        in_one_line = "  ".join(["", *addresses])
        if 2 + columns(lines[-1]) + columns(in_one_line) <= width:
            lines[-1] += self._style(in_one_line, dim=True)
        else:
            lines += [self._style(address, dim=True) for address in addresses]
        return [f"{self._style(mark, fg=color)} {lines[0]}", *(f"  {line}" for line in lines[1:])]

    def _name_width(self, width: int) -> int:
        longest = max(columns(printable(picture.path.name)) for picture in self._submission.pictures)
        return min(longest, NAME_WIDTH, max(8, width // 3))

    def _style(self, text: str, **style: object) -> str:
        return click.style(text, **style) if self._colors else text  # type: ignore[arg-type]


def display_for(submission: Submission, environ: Mapping[str, str], *, as_json: bool) -> Lines:
    """What suits standard output; NO_COLOR and TERM=dumb are respected."""
    if as_json:
        return JsonLines(submission, sys.stdout)
    if sys.stdout.isatty() and environ.get("TERM") != "dumb":
        return LiveLines(submission, sys.stdout, colors=not environ.get("NO_COLOR"))
    return PlainLines(submission, sys.stdout)
