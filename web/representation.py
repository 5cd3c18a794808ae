"""The task and the line as people see them. A task is its row overlaid with its live state and where it
stands, the same object everywhere.

How it gets to them is left to the handlers. Owners and paths never appear here.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from leyline.errors import NotFound
from leyline.line import failures
from leyline.line.events import Events, Live
from leyline.line.fleet import Fleet
from leyline.line.known_schema import KnownSchema
from leyline.line.standings import Eta, EtaReason, Line, Standing
from leyline.line.store import TaskStore
from leyline.line.tasks import LIVE_CHANGES_PER_MOVE, Task, TaskStatus
from leyline.settings import FAIR, FIRST_COME, Settings
from leyline.times import timestamp

PATH = "/api/video"
MAX_BATCH_ID_LENGTH = 64
SHORT_DIGEST = 12  # hex digits by which a schema is told from any other


class Place(NamedTuple):
    """What is told of where a task stands. Without how many wait, which everybody is told for all."""

    position: int | None
    ready_at: float | None
    basis: str | None  # or why nobody knows

    @classmethod
    def of(cls, standing: Standing) -> "Place":
        known = standing.eta
        if isinstance(known, Eta):
            return cls(standing.position, known.ready_at, known.basis.value)
        return cls(standing.position, None, known.value)


class Representation:
    """Makes JSON objects of tasks, of the line and of the model's state."""

    def __init__(
        self,
        store: TaskStore,
        events: Events,
        line: Line,
        fleet: Fleet,
        known: KnownSchema,
        settings: Settings,
    ) -> None:
        self._store = store
        self._events = events
        self._line = line
        self._fleet = fleet
        self._known = known
        self._model_name, self._model_about = settings.model, settings.model_about
        self._max_attempts = settings.max_attempts
        self.path = PATH  # before each task's address

    def below(self, prefix: str) -> "Representation":
        """The same for who sees this server below a path: each address begins with it."""
        if not prefix:
            return self
        prefixed = copy.copy(self)
        prefixed.path = prefix + PATH
        return prefixed

    async def visible(self, task_id: str, owner: str | None) -> Task:
        """The task, if this caller may see it; else `NotFound`, the same as for one that never was.

        A task made with a session is its owner's alone; one made without is for whoever has its random id.
        """
        task = await self.row(task_id)
        if task is None or task.owner not in (None, owner):
            raise NotFound("There is no such task, or it is not yours.")
        return task

    async def all_visible(self, task_ids: list[str], owner: str | None) -> list[Task]:
        """These tasks, in this order, if this caller may see each of them; else `NotFound`."""
        found = {task.task_id: task for task in await self._store.some(task_ids) if task.owner in (None, owner)}
        if not found.keys() >= set(task_ids):
            raise NotFound("One of these tasks is not there, or it is not yours.")
        return [found[task_id] for task_id in dict.fromkeys(task_ids)]

    async def row(self, task_id: str) -> Task | None:
        """The task as it was told last, whoever asks."""
        return await self._events.rows.read(task_id, self._store.get)

    def full(self, task: Task) -> dict[str, Any]:
        """The whole task."""
        live = self._live(task)
        standing = None if task.finished else self._line.standing(task.task_id)
        return whole(task, live, standing, self._max_attempts, self.path)

    def progress(self, task: Task) -> dict[str, Any] | None:
        """Only what changes while a task runs; None when it does not run any more."""
        live = self._live(task)
        if live is None:
            return None
        standing = self._line.standing(task.task_id)
        return {"task_id": task.task_id, **changing(task, live, self.path), **eta(standing)}

    async def outputs(self, task: Task) -> dict[str, Any]:
        """What the model printed last in each run of the task, for the operator; the run at work comes last."""
        runs: list[dict[str, Any]] = [
            {"run": each.run, "ended_at": timestamp(each.ended_at), "lines": each.lines}
            for each in await self._store.outputs(task.task_id)
        ]
        if self._live(task):
            lines = self._fleet.last_lines(task.task_id, task.run)
            runs.append({"run": task.run, "ended_at": None, "lines": lines})
        return {"task_id": task.task_id, "runs": runs}

    def version(self, task: Task) -> int:
        """The task's `version` at this moment."""
        return version(task, self._live(task))

    def model(self) -> dict[str, Any]:
        """All model processes together: in words, and how many are in each state."""
        fleet = self._fleet
        counts = {state.value: number for state, number in fleet.counts.items()}
        return {"state": fleet.state.value, "detail": fleet.detail, "processes": counts}

    @property
    def models_stamp(self) -> tuple[str, str]:
        """Another one as soon as times become known by the states of the model processes, or unknown."""
        return self._fleet.state, self._fleet.takers_state

    def named_model(self) -> dict[str, Any]:
        """The same with its name, and which schema there is: another word as soon as that changes."""
        schema = self._known.schema
        return {
            **self.model(),
            "name": self._model_name,
            "schema": schema.digest[:SHORT_DIGEST] if schema else None,
        }

    def whole_model(self) -> dict[str, Any]:
        """All that people are told of the model: what it is, how it is, and what may be chosen."""
        schema = self._known.schema
        about = {"name": self._model_name, **self.model(), "about": self._model_about}
        return {**about, "schema": schema.body if schema else None}

    def position_for(self, client: str, network: str | None) -> int:
        """Where a picture of this client would stand that was sent now."""
        return self._line.position_for(client, network)

    def line(self, position: int | None = None) -> dict[str, Any]:
        """The line's public numbers, for who would stand at this `position`: by default, one who has none in it."""
        position = position or self._line.position_for()
        newcomer = self._line.for_newcomer(position)
        run_seconds = round(self._line.run_seconds, 1)
        return {
            "waiting": self._line.waiting,
            "running": self._line.running,
            "paused": self._line.paused,
            "order": FAIR if self._line.is_fair else FIRST_COME,
            "position": position,
            "run_seconds": run_seconds,
            "drain_seconds": run_seconds,  # its name in the first release
            "ready_at": timestamp(newcomer.ready_at) if isinstance(newcomer, Eta) else None,
            "eta_reason": reason(newcomer),
        }

    def in_line(self, owner: str | None, task_ids: set[str]) -> list[str]:
        """The owner's tasks, and those watched by id, that run or wait."""
        return self._line.of_owner(owner, task_ids)

    def standings(self, owner: str | None) -> list[dict[str, Any]]:
        """Where the owner's tasks stand in line."""
        return [self._standing(task_id) for task_id in self._line.of_owner(owner)]

    def moved(
        self, task_ids: list[str], places: dict[str, Place], deep: bool
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        """Which of these tasks in line stand elsewhere than at these `places`; without `deep`, of those near the
        front only."""
        for task_id in task_ids:
            if (deep or self._line.is_near(task_id)) and (standing := self._line.standing(task_id)):
                place = Place.of(standing)
                if place != places.get(task_id):
                    yield place, {"task_id": task_id, "queue": queue(standing), **eta(standing)}

    def place(self, task_id: str) -> Place | None:
        """Where it stands; None where it is not in line."""
        standing = self._line.standing(task_id)
        return Place.of(standing) if standing else None

    def everybody(self) -> list[dict[str, Any]]:
        """Where all tasks stand, first to last: for the operator."""
        return [self._standing(task_id) for task_id in self._line.everybody()]

    def first(self, running: int, waiting: int) -> list[dict[str, Any]]:
        """The same of at most so many who run, and of the first who wait."""
        return [self._standing(task_id) for task_id in self._line.first(running, waiting)]

    def _standing(self, task_id: str) -> dict[str, Any]:
        standing = self._line.standing(task_id)
        return {"task_id": task_id, "queue": queue(standing), **eta(standing)}

    def _live(self, task: Task) -> Live | None:
        live = self._events.live.get(task.task_id)
        return live if live and live.run == task.run and task.status is TaskStatus.PROCESSING else None


def whole(
    task: Task, live: Live | None, standing: Standing | None, max_attempts: int, path: str = PATH
) -> dict[str, Any]:
    """Every field, in the documented order."""
    address = f"{path}/{task.task_id}"
    return {
        "task_id": task.task_id,
        "client_id": task.client_id,
        "batch_id": task.batch_id,
        "status": task.status.value,
        **changing(task, live, path),
        "attempt": task.attempt,
        "max_attempts": max_attempts,
        "cancel_requested": task.cancel_requested,
        "queue": queue(standing),
        **eta(standing),
        "image": {
            "name": task.image_name,
            "width": task.image_width,
            "height": task.image_height,
            "bytes": task.image_bytes,
            "thumbnail_url": None if task.files_removed else f"{address}/thumbnail",
        },
        "parameters": json.loads(task.parameters) if task.parameters else None,
        "video_url": f"{address}/video" if _has_video(task) else None,
        "video": video(task),
        "views": task.views,
        "retry_of": task.retry_of,
        "error": error(task),
        "created_at": timestamp(task.created_at),
        "started_at": timestamp(task.started_at),
        "finished_at": timestamp(task.finished_at),
        "expires_at": timestamp(task.kept_until),
        "trashed_at": timestamp(task.trashed_at),
        "pinned": task.pinned,
    }


def changing(task: Task, live: Live | None, path: str) -> dict[str, Any]:
    """The fields that change while a task runs, and the version that orders them."""
    progress = live.progress if live else 100.0 if task.status is TaskStatus.SUCCEEDED else 0.0
    revision = live.preview_revision if live else 0
    return {
        "version": version(task, live),
        "stage": live.stage if live else None,
        "progress": None if progress is None else round(progress, 1),
        "preview": {"url": f"{path}/{task.task_id}/preview?revision={revision}", "revision": revision}
        if revision
        else None,
        "watchable": {"segments": live.segments, "seconds": round(live.seconds, 3)}
        if live and live.segments
        else None,
    }


def version(task: Task, live: Live | None) -> int:
    return task.moves * LIVE_CHANGES_PER_MOVE + (live.changes if live else 0)


def queue(standing: Standing | None) -> dict[str, int] | None:
    if standing is None or standing.position is None:
        return None
    return {"position": standing.position, "size": standing.size}


def eta(standing: Standing | None) -> dict[str, Any]:
    """When it will be ready, or why nobody knows; neither for a task that has ended."""
    known = standing.eta if standing else None
    ready = {"ready_at": timestamp(known.ready_at), "basis": known.basis.value} if isinstance(known, Eta) else None
    return {"eta": ready, "eta_reason": reason(known)}


def reason(known: Eta | EtaReason | None) -> str | None:
    return known.value if isinstance(known, EtaReason) else None


def video(task: Task) -> dict[str, Any] | None:
    if not _has_video(task):
        return None
    return {
        "width": task.video_width,
        "height": task.video_height,
        "seconds": task.video_seconds,
        "bytes": task.video_bytes,
        "sound": task.video_sound,
    }


def error(task: Task) -> dict[str, Any] | None:
    if task.error_code is None:
        return None
    failure = failures.named(task.error_code)
    return {
        "code": task.error_code,
        "title": failure.title(),
        "detail": task.error_detail or failure.title(),
        "retryable": failure.retryable,
    }


def _has_video(task: Task) -> bool:
    return task.status is TaskStatus.SUCCEEDED and not task.files_removed
