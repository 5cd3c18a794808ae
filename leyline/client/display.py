"""What a person sees of a submission: lines redrawn in place on a terminal, plain lines elsewhere.

The words are left to `wording`, drawing on a terminal to rich. Danger: what is shown is other people's text, and
rich's markup and a terminal's escapes would be obeyed; so it is always a `Text` of what is fit to be shown.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from leyline.client.picture import Picture
from leyline.client.submission import Submission
from leyline.client.wording import named, ready_at, reckoning, summary, words
from leyline.flags import tell
from leyline.text import fit_to_show

NAME_WIDTH, OWN_WIDTH, BAR_WIDTH, WORDS_WIDTH, WHEN_WIDTH = 28, 26, 16, 20, 13  # columns of the terminal
MAX_ROWS = 12
REDRAW_SECONDS = 0.1
GOOD, BAD, NEITHER = ("✓", "green"), ("✗", "red"), ("–", "yellow")
MARKS = {"queued": GOOD, "processing": GOOD, "succeeded": GOOD, "refused": BAD, "failed": BAD}


class Outlet:
    """Where lines go, as long as somebody can hear them: not a pipe whose reader left, nor a full disk."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.encoding = out.encoding
        self.unheard: OSError | None = None  # why nothing more can be shown: the pictures go on all the same

    def write(self, text: str) -> None:
        self._attempt(lambda: self._out.write(text))

    def flush(self) -> None:
        self._attempt(self._out.flush)

    def _attempt(self, act: Callable[[], object]) -> None:
        if self.unheard:
            return
        try:
            act()
        except OSError as error:
            self.unheard = error
            with contextlib.suppress(OSError):  # or Python would try to write the rest at its end, and complain
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())


class Lines:
    """What all ways of showing share; `changed` is called at each change of a picture."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        self._submission = submission
        self.out = Outlet(out)

    def changed(self, picture: Picture) -> None:
        raise NotImplementedError

    def all_sent(self) -> None:
        """Called once all that was missing has been sent."""
        self.remark(reckoning(self._submission))

    def remark(self, sentence: str) -> None:
        """Say something for people, of all pictures; "" is nothing."""
        if sentence:
            self.say(sentence)

    def warn(self, sentence: str) -> None:
        """Say something that nobody expects."""
        self.remark(sentence)

    def linked(self, url: str, videos: int) -> None:
        """Called once there is one viewing link to all."""
        self.remark(f"{'The video' if videos == 1 else f'All {videos} videos'} on one page: {url}")

    def tick(self) -> None:
        """Called each second."""

    def close(self) -> None:
        """Called once, after the last change."""

    def say(self, line: str) -> None:
        """Print a line."""
        print(line, file=self.out, flush=True)


class PlainLines(Lines):
    """For pipes and logs: one line each time that a picture's phase changes, nothing is redrawn."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        super().__init__(submission, out)
        self._told: dict[Picture, str] = {}

    def changed(self, picture: Picture) -> None:
        before, news = self._told.get(picture), picture.pause or picture.phase
        if news in (before, "sending") or (picture.was_done and not picture.link_url):
            return
        self._told[picture] = news
        self._tell(picture, is_first_of_task=bool(picture.task) and before not in ("queued", "processing"))

    def show(self, picture: Picture) -> None:
        """Its line, as it is."""
        self._tell(picture, is_first_of_task=True)

    def _tell(self, picture: Picture, *, is_first_of_task: bool) -> None:
        addresses = picture.addresses if is_first_of_task or picture.phase == "succeeded" else []
        when = f", ready {ready_at(picture)}" if ready_at(picture) else ""
        said = f"{named(picture)}: {words(picture)}{when}"
        self.say(fit_to_show("  ".join([said, *addresses])))


class Problems(Lines):
    """For cron: only what went wrong, and beside what the command prints."""

    def __init__(self, submission: Submission, out: TextIO) -> None:
        super().__init__(submission, out)
        self._told: set[Picture] = set()

    def changed(self, picture: Picture) -> None:
        is_wrong = picture.problem or (picture.ended and picture.phase != "succeeded")
        if is_wrong and picture not in self._told:
            self._told.add(picture)
            tell(fit_to_show("  ".join([f"{named(picture)}: {words(picture)}", *picture.addresses])))

    def warn(self, sentence: str) -> None:
        tell(sentence)

    def say(self, line: str) -> None:
        """Nothing, for nothing is wrong."""


class JsonLines(Lines):
    """For programs: one JSON object per picture, when nothing more will happen to it."""

    def __init__(self, submission: Submission, out: TextIO, *, remarks: bool = True) -> None:
        super().__init__(submission, out)
        self._told: set[Picture] = set()
        self._remarks = remarks

    def remark(self, sentence: str) -> None:
        """Beside the objects."""
        if sentence and self._remarks:
            tell(sentence)

    def changed(self, picture: Picture) -> None:
        if self._submission.is_over(picture) and picture not in self._told:
            self.show(picture)

    def linked(self, url: str, videos: int) -> None:
        self.say(json.dumps({"link_url": url, "videos": videos}))

    def close(self) -> None:
        """Somebody who left early learns of what stays in line."""
        for picture in self._submission.pictures:
            if picture.task and picture not in self._told:
                self.show(picture)

    def show(self, picture: Picture) -> None:
        """Its object, as it is."""
        self._told.add(picture)
        error: dict[str, Any] = {"code": picture.problem_code, "detail": picture.problem}
        if picture.errors:
            error["errors"] = [{"pointer": at, "detail": said} for at, said in picture.errors.items()]
        told = {
            "picture": str(picture.path),
            "parameters": picture.parameters,
            "earlier": picture.is_earlier,
            "page_url": picture.page_url,
            "link_url": picture.link_url,
            "task": picture.task,
            "error": error if picture.problem else None,
        }
        self.say(json.dumps(told))


class LiveLines(Lines):
    """For terminals: what is over scrolls up and stays; below it, what moves is redrawn in place."""

    def __init__(self, submission: Submission, out: TextIO, *, colors: bool) -> None:
        super().__init__(submission, out)
        self._told: set[Picture] = set()
        self._drawn_at = 0.0
        self._console = Console(
            file=cast(TextIO, self.out),
            force_terminal=True,
            color_system="auto" if colors else None,
            highlight=False,
        )
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def changed(self, picture: Picture) -> None:
        if picture.was_done and not picture.link_url:
            self._told.add(picture)
        elif self._submission.is_over(picture) and picture not in self._told:
            self._told.add(picture)
            self.tick()  # first, so that it is taken away before its ending is printed
            self._console.print(self._ending(picture))
        elif time.monotonic() - self._drawn_at > REDRAW_SECONDS:
            self.tick()

    def remark(self, sentence: str) -> None:
        """Above what moves."""
        if sentence:
            self._console.print(Text(fit_to_show(sentence), overflow="fold"))

    def tick(self) -> None:
        self._drawn_at = time.monotonic()
        self._live.update(self._moving(), refresh=True)

    def close(self) -> None:
        """Take away what is redrawn; the endings stay."""
        self._live.stop()

    def _moving(self) -> RenderableType:
        """A row for each of the first that are on their way, and a last one on all."""
        pictures = self._submission.pictures
        moving = [picture for picture in pictures if picture not in self._told and picture.phase != "unsent"]
        shown = moving[: max(1, min(MAX_ROWS, self._console.height - 4))]
        lines = [f"  … and {len(moving) - len(shown)} more in line"] if len(moving) > len(shown) else []
        lines.append(f"  {summary(self._submission)}")
        below = (Text(line, "dim", no_wrap=True, overflow="ellipsis") for line in lines)
        return Group(*([self._table(shown)] if shown else []), *below)

    def _table(self, pictures: list[Picture]) -> Table:
        """Name, bar, words, time and address, as many of them as the terminal has room for."""
        room = self._console.width - NAME_WIDTH - WORDS_WIDTH
        columns: list[Callable[[Picture], RenderableType]] = [_name, _said]
        if room >= BAR_WIDTH:
            columns.insert(1, _bar)
        if room >= WHEN_WIDTH:
            columns.append(_when)
        if any(picture.own for picture in pictures) and room >= BAR_WIDTH + WHEN_WIDTH + OWN_WIDTH:
            columns.insert(1, _own)
            room -= OWN_WIDTH
        if room >= BAR_WIDTH + WHEN_WIDTH + max(len(picture.page_url or "") for picture in pictures):
            columns.append(_address)
        table = Table.grid(padding=(0, 2))
        for column in columns:  # only what is said gives way: a column that may not wrap keeps its width
            widest = OWN_WIDTH - 2 if column is _own else None
            widest = min(NAME_WIDTH, self._console.width // 3) if column is _name else widest
            table.add_column(no_wrap=column is not _said, overflow="ellipsis", max_width=widest)
        for picture in pictures:
            table.add_row(*(column(picture) for column in columns))
        return table

    def _ending(self, picture: Picture) -> Table:
        mark, color = MARKS.get(picture.phase, NEITHER)
        said = f"{fit_to_show(named(picture))}  {fit_to_show(words(picture))}"
        addresses = [Text(fit_to_show(address), "dim", overflow="fold") for address in picture.addresses]
        ending = Table.grid(padding=(0, 1, 0, 0))
        ending.add_row(Text(mark, color), Group(Text(said, overflow="fold"), *addresses))  # whole, however narrow
        return ending


def _name(picture: Picture) -> RenderableType:
    return Text(f"  {fit_to_show(picture.path.name)}")


def _own(picture: Picture) -> RenderableType:
    return Text(fit_to_show(picture.own), "italic")


def _bar(picture: Picture) -> RenderableType:
    if picture.pause:
        return Text("")
    percent = _percent(picture)
    is_busy = percent is None and picture.phase == "processing"  # nobody knows its share: the bar says just that
    return ProgressBar(100, percent or 0, BAR_WIDTH, pulse=is_busy)


def _said(picture: Picture) -> RenderableType:
    percent = _percent(picture)
    said = words(picture) if percent is None else f"{percent:2.0f} % {words(picture)}"
    return Text(fit_to_show(said), no_wrap=True, overflow="ellipsis")


def _when(picture: Picture) -> RenderableType:
    return Text(ready_at(picture), "dim")


def _address(picture: Picture) -> RenderableType:
    return Text(fit_to_show(picture.page_url or ""), "dim")


def _percent(picture: Picture) -> float | None:
    if picture.phase == "sending":
        return None if picture.pause else 100 * (picture.sent or 0)
    progress = (picture.task or {}).get("progress") if picture.phase == "processing" else None
    return None if progress is None else float(progress)


def display_for(
    submission: Submission, environ: Mapping[str, str], *, as_json: bool, is_quiet: bool = False
) -> Lines:
    """What suits standard output; NO_COLOR and TERM=dumb are respected."""
    out = sys.stdout or open(os.devnull, "w")  # noqa: SIM115, PTH123 - it was closed before we began
    if as_json:
        return JsonLines(submission, out, remarks=not is_quiet)
    if is_quiet:
        return Problems(submission, out)
    if out.isatty() and environ.get("TERM") not in ("dumb", "unknown"):
        return LiveLines(submission, out, colors=not environ.get("NO_COLOR"))
    return PlainLines(submission, out)
