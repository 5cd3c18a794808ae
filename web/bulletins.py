"""What many are told, said once: each change is represented and encoded for the first who hears of it, and the same
bytes go to everybody else.

What it looks like is left to `representation`, who may hear it to `live`. Danger: the bytes are the same for all,
so nothing that depends on who hears it may be in them.
"""

import copy
import hashlib
import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, TypeVar

from leyline.line.events import Events
from leyline.line.tasks import Task, TaskStatus
from web.frames import framed
from web.representation import Place, Representation

T = TypeVar("T")

MOST_KEPT = 256  # bulletins, of 1 kB each; what is not kept is said anew
FRESH_SECONDS = 1.0  # estimates drift: who hears of the same change later is told the newest


class Bulletin(NamedTuple):
    """A frame as it goes over the wire, and where the task that it tells of stands; None where not in line."""

    frame: bytes
    place: Place | None = None


class Answer(NamedTuple):
    """A task as HTTP has it: the body, and its entity tag."""

    body: bytes
    etag: str


class Bulletins:
    """The newest bulletin of each kind for those who see this server as `representation` has it."""

    def __init__(self, representation: Representation, events: Events) -> None:
        self.representation = representation
        self._events = events
        self._kept: OrderedDict[Hashable, tuple[Hashable, float, Any]] = OrderedDict()

    def below(self, prefix: str) -> "Bulletins":
        """The same for who sees this server below a path."""
        if not prefix:
            return self
        prefixed = copy.copy(self)
        prefixed.representation = self.representation.below(prefix)
        return prefixed

    async def task(self, task_id: str) -> Bulletin:
        """All of the task, or that it is gone."""
        task = await self.representation.row(task_id)
        if task is None:
            return self.gone(task_id)
        return self._once(("task", task_id), self._stamp(task), lambda: self._whole(task), _fresh_seconds(task))

    def answer(self, task: Task) -> Answer:
        """All of the task, for who asks for it."""
        return self._once(
            ("answer", task.task_id), self._stamp(task), lambda: self._answer(task), _fresh_seconds(task)
        )

    async def progress(self, task_id: str) -> Bulletin | None:
        """What changes while it runs; None when it does not run any more."""
        if task_id not in self._events.live:
            return None
        task = await self.representation.row(task_id)
        return self.progress_of(task) if task else None

    def progress_of(self, task: Task) -> Bulletin | None:
        """The same of the task whose row this is, at once."""
        return self._once(
            ("progress", task.task_id), self._stamp(task), lambda: self._progress(task), FRESH_SECONDS
        )

    def gone(self, task_id: str) -> Bulletin:
        """The task was deleted."""
        data = {"task_id": task_id}
        return self._once(("gone", task_id), None, lambda: Bulletin(framed(text("task_gone", data))))

    def model(self) -> bytes:
        """The model's state, and which schema it has."""
        model = self.representation.named_model()
        return self._once(("model",), _json(model), lambda: framed(text("model", model)))

    def line(self, position: int) -> bytes:
        """The line's public numbers for all who would join it at this position.

        They are the same bytes until all are told of the line again, for as many positions as are kept.
        """
        stamp = self._events.times_told
        return self._once(("line", position), stamp, lambda: framed(f"{self._public(position)}[]}}}}"))

    def line_and(self, position: int, own: list[dict[str, Any]]) -> bytes:
        """The same with what is news of the `own` tasks of who hears it."""
        return framed(f"{self._public(position)}{_json(own)}}}}}")

    def _public(self, position: int) -> str:
        def say() -> str:
            return f'{{"event":"queue","data":{_json(self.representation.line(position))[:-1]},"tasks":'

        return self._once(("public", position), self._events.times_told, say)

    def _whole(self, task: Task) -> Bulletin:
        place = None if task.finished else self.representation.place(task.task_id)
        return Bulletin(framed(text("task_status", self.representation.full(task))), place)

    def _answer(self, task: Task) -> Answer:
        body = _json(self.representation.full(task)).encode()
        return Answer(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def _progress(self, task: Task) -> Bulletin | None:
        progress = self.representation.progress(task)
        if progress is None:
            return None
        return Bulletin(framed(text("task_status", progress)), self.representation.place(task.task_id))

    def _stamp(self, task: Task) -> Hashable:
        """Another one as soon as anything else would be said of the task."""
        line = self._events.line_version if task.status is TaskStatus.QUEUED else None
        models = None if task.finished else self.representation.models_stamp
        return self.representation.version(task), line, models

    def _once(
        self, key: tuple[Hashable, ...], stamp: Hashable, say: Callable[[], T], fresh_seconds: float = math.inf
    ) -> T:
        """What is kept under the key, where its stamp is this one and it is fresh; else it is said anew."""
        key = (*key, self.representation.path)
        now, kept = time.monotonic(), self._kept.get(key)
        if kept and kept[0] == stamp and now - kept[1] < fresh_seconds:
            self._kept.move_to_end(key)
            again: T = kept[2]
            return again
        said = say()
        self._kept[key] = stamp, now, said
        self._kept.move_to_end(key)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return said


def _fresh_seconds(task: Task) -> float:
    """How long what is said of it holds where nothing happens."""
    return math.inf if task.finished else FRESH_SECONDS


def text(event: str, data: dict[str, Any]) -> str:
    """A message to a client."""
    return _json({"event": event, "data": data})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
