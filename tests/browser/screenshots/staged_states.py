"""The states of the main page, each as a server would tell of it: which tasks there are, and what happens then.

The pictures and the finished videos are real ones of `room`; what runs and waits is told anew for each screen, so
that no countdown has run out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser import staged
from tests.browser.chromium import Page
from tests.browser.staged import Task

MINUTES = 60
CARD = "return Boolean(document.querySelector(arguments[0]))"
TO = "document.querySelector(arguments[0]).scrollIntoView({ block: arguments[1] ?? 'start' })"
TOP = "scrollTo(0, 0)"
FATES = "window.fates = arguments[0]"


@dataclass
class Room:
    """A page, and what its owner has."""

    page: Page
    made: list[Task]  # finished videos
    files: list[Path]
    folder: Path

    def image(self, number: int) -> Any:
        return self.made[number % len(self.made)]["image"]

    def running(self, number: int, seconds: float = 19, **changes: Any) -> Task:
        return staged.running(100 + number, seconds, **{"image": self.image(number), "progress": 39.4, **changes})

    def waiting(self, number: int, position: int, size: int, **changes: Any) -> Task:
        told = {"image": self.image(number), **changes}
        return staged.waiting(100 + number, position, size, 19 + 30 * position, **told)

    def task(self, number: int, status: str, **changes: Any) -> Task:
        return staged.task(100 + number, status, **{"image": self.image(number), **changes})

    def line(self, count: int, done: int = 3) -> list[Task]:
        """So many in line behind the one that is made, after some that are done."""
        ahead = [self.waiting(8 + n, n, count) for n in range(1, count + 1)]
        return [*self.made[:done], self.running(8), *ahead]

    def failed(self, number: int, code: str, **changes: Any) -> Task:
        said = {"model_out_of_memory": "The model ran out of memory on this picture. A smaller one may work."}
        title = said.get(code, "The model could not make a video of this picture.")
        error = {"code": code, "title": title, "detail": None}
        return self.task(number, "failed", video_url=None, error=error, **changes)

    def press(self, selector: str) -> None:
        """Click it, where it is there, whatever lies over it."""
        self.page.script("document.querySelector(arguments[0])?.click()", selector)

    def look_at(self, selector: str, block: str = "start") -> None:
        self.page.script(TO, selector, block)

    def send(self, **fates: str) -> None:
        """Choose pictures, of which each comes as far as its fate says."""
        names = {path.stem.replace(" ", "_"): path for path in self.files}
        self.page.script(FATES, {names[name].name: fate for name, fate in fates.items()})
        self.page.choose(*[names[name] for name in fates])


@dataclass
class State:
    """Tell of these tasks, do this once, and this on each screen."""

    tasks: Callable[[Room], list[Task]] = lambda room: []
    once: Callable[[Room], Any] = lambda room: None
    each: Callable[[Room], Any] = lambda room: room.page.script(TOP)
    told: tuple[str | None, bool] = (None, False)  # how the model is, and whether the line is paused

    def tell(self, room: Room) -> None:
        model, paused = self.told
        staged.tell(room.page, self.tasks(room), model, paused)
        staged.drawn(room.page)

    def begin(self, room: Room) -> None:
        staged.stage(room.page)
        self.tell(room)
        self.once(room)
        staged.drawn(room.page)

    def again(self, room: Room) -> None:
        self.tell(room)
        self.each(room)


def kinds(room: Room) -> list[Task]:
    """One of each kind that is over or on its way."""
    return [
        room.made[1],
        room.failed(5, "model_out_of_memory"),
        room.failed(6, "model_error", attempt=3),
        room.task(7, "canceled", video_url=None),
        {**room.made[2], "pinned": True, "views": 3},
        {**room.made[4], "video_url": None, "video": None, "expires_at": staged.at(-5)},
        room.running(9, progress=None, eta=None, stage="warming up"),
        room.waiting(10, 1, 2, eta=None, eta_reason="model_loading"),
        room.waiting(11, 2, 2, eta=None, eta_reason="paused", attempt=2),
    ]


def cancel_running(room: Room) -> None:
    room.press('[data-state="processing"] [data-action="cancel"]')
    room.page.until(lambda: room.page.script(CARD, '[data-state="grace"]'), "its grace")


def refuse_many(room: Room) -> None:
    spoiled = [room.folder / f"Notes of the {day}.txt" for day in range(1, 15)]
    for path in spoiled:
        path.write_text("not a picture")
    room.page.choose(*spoiled)
    room.page.one(".refusals-more:not([hidden])")


def refuse_one(room: Room) -> None:
    notes = room.folder / "Travel notes.txt"
    notes.write_text("not a picture")
    room.page.choose(notes)
    room.page.card("refused")


def drop_sending(room: Room) -> None:
    room.send(Ridge="sending")
    room.page.card("sending")
    room.press('[data-state="sending"] [data-action="cancel"]')
    room.page.one(".toast")


def drag(room: Room) -> None:
    data = {"items": [], "files": [str(room.files[0])], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        room.page.cdp("Input.dispatchDragEvent", type=kind, x=100, y=200, data=data)


def cards(room: Room) -> None:
    room.look_at(".shelf-bar")


def scrolled(room: Room) -> None:
    room.look_at(".card[data-state=succeeded]", "center")


STATES: dict[str, State] = {
    "empty": State(),
    "loading": State(told=("loading", False)),
    "uploading": State(once=lambda room: room.send(Ridge="sending", The_lake="waiting")),
    "checking": State(
        lambda room: [room.made[2]],
        lambda room: room.send(Ridge="checking", The_lake="waiting"),
    ),
    "retrying": State(once=lambda room: room.send(Ridge="retrying", The_lake="waiting")),
    "refused": State(lambda room: [room.made[0]], refuse_one),
    "refused-many": State(lambda room: [room.running(3)], refuse_many),
    "waiting": State(lambda room: [room.waiting(4, 1, 1)]),
    "processing": State(lambda room: [room.running(4)]),
    "processing-tall": State(lambda room: [room.running(1)]),
    "line": State(lambda room: room.line(6)),
    "line-cards": State(lambda room: room.line(6), each=cards),
    "line-scrolled": State(lambda room: room.line(12, 12), each=scrolled),
    "fifty": State(lambda room: room.line(49)),
    "unknown": State(lambda room: [room.running(3, progress=None, eta=None), room.waiting(4, 1, 1)]),
    "grace": State(lambda room: room.line(3), cancel_running, cards),
    "undo": State(lambda room: room.line(2), drop_sending),
    "finished": State(lambda room: room.made[:1]),
    "finished-tall": State(lambda room: room.made[1:2]),
    "finished-two": State(lambda room: room.made[:2]),
    "finished-three": State(lambda room: room.made[3:6]),
    "kinds": State(kinds, each=cards),
    "paused": State(lambda room: room.line(4), told=("ready", True)),
    "model-failed": State(lambda room: [room.waiting(4, 1, 1, eta=None)], told=("failed", False)),
    "dragging": State(lambda room: room.line(2), each=drag),
    "keys": State(lambda room: room.line(4), lambda room: room.page.click(".keys-open")),
}  # fmt: skip
