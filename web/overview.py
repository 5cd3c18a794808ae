"""Everything that the operator's page shows, as one JSON object in sections.

Reading it is left to the store, the line and the others whose it is; sending it to `admin`. Danger: it is made
anew each second for whoever looks, so each list in it is short and each statement behind it goes by an index.
Secrets are in none of it; whose a picture is, is told by a few digits of a digest.
"""

import asyncio
import math
import platform
import time
from collections.abc import Mapping
from itertools import islice
from typing import Any

import leyline
from leyline import settings as all_settings
from leyline.line.tasks import Task, TaskStatus
from leyline.times import timestamp
from web.parts import Parts
from web.representation import error
from web.workers import worker

MOST_RUNNING, MOST_IN_LINE = 50, 100  # of those who wait, the first
MOST_MODELS = 100
DISK_SECONDS = 5.0  # for so long what is said of the disk holds: who holds most is no small question
MOST_FAILURES, MOST_ENDED, MOST_TO_GO = 20, 60, 5
SHORT_DIGEST = 8
SECRET = "set"  # all that is said of one


class Overview:
    """Makes the sections."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._representation = parts.representation
        self._numbers = parts.numbers
        self._failed: tuple[list[str], list[dict[str, Any]]] = ([], [])  # the tasks, and what was said of them
        self._said_of_disk: tuple[float, dict[str, Any]] = (-math.inf, {})

    async def sections(self) -> dict[str, Any]:
        """All of it, as it is now."""
        line, failures, history, disk = await asyncio.gather(
            self._line(), self._failures(), self._history(), self._disk()
        )
        return {
            "server": self._server(),
            "line": line,
            "models": [worker(each, is_operator=True) for each in islice(self._parts.fleet.members, MOST_MODELS)],
            "failures": failures,
            "history": history,
            "disk": disk,
            "people": await self._people(),
            "settings": self._settings(),
        }

    def _server(self) -> dict[str, Any]:
        return {
            "version": leyline.__version__,
            "python": platform.python_version(),
            "started_at": timestamp(self._parts.started_at),
        }

    async def _line(self) -> dict[str, Any]:
        shown = self._representation.first(MOST_RUNNING, MOST_IN_LINE)
        rows = {task.task_id: task for task in await self._parts.store.some(each["task_id"] for each in shown)}
        tasks = [self._in_line(rows[each["task_id"]], each) for each in shown if each["task_id"] in rows]
        return {
            **self._representation.line(),
            "limit": self._parts.settings.max_waiting,
            "tasks": tasks,
        }

    def _in_line(self, task: Task, standing: dict[str, Any]) -> dict[str, Any]:
        told = {**_named(task), **standing, "created_at": timestamp(task.created_at)}
        running = self._representation.progress(task)
        if running is None:
            return told
        own = {"stage": running["stage"], "progress": running["progress"], "started_at": timestamp(task.started_at)}
        return {
            **told,
            **own,
            "attempt": task.attempt,
            "cancel_requested": task.cancel_requested,
            "lines": self._parts.fleet.last_lines(task.task_id, task.run),
        }

    async def _failures(self) -> list[dict[str, Any]]:
        failed = await self._parts.store.failed(MOST_FAILURES)
        task_ids = [task.task_id for task in failed]
        if task_ids == self._failed[0]:  # what has failed says nothing more
            return self._failed[1]
        outputs = await asyncio.gather(*(self._parts.store.outputs(task_id) for task_id in task_ids))
        said = [
            {
                **_named(task),
                "finished_at": timestamp(task.finished_at),
                "error": error(task),
                "runs": [{"run": run.run, "lines": run.lines} for run in runs],
            }
            for task, runs in zip(failed, outputs, strict=True)
        ]
        self._failed = task_ids, said
        return said

    async def _history(self) -> list[dict[str, Any]]:
        """The last tasks that ended, the first of them first: how long each waited and was at work, in seconds."""
        return [
            {
                "task_id": task.task_id,
                "status": task.status.value,
                "finished_at": timestamp(task.finished_at),
                "waited": _span(task.created_at, task.started_at or task.finished_at),
                "worked": _span(task.started_at, task.finished_at) if task.status is TaskStatus.SUCCEEDED else None,
            }
            for task in reversed(await self._parts.store.ended(MOST_ENDED))
        ]

    async def _disk(self) -> dict[str, Any]:
        said_at, said = self._said_of_disk
        if time.monotonic() < said_at + DISK_SECONDS:
            return said
        self._said_of_disk = time.monotonic(), await self._measured_disk()
        return self._said_of_disk[1]

    async def _measured_disk(self) -> dict[str, Any]:
        retention, settings = self._parts.retention, self._parts.settings
        for_room = await retention.first_to_go_for_room()
        return {
            "free": await asyncio.to_thread(self._parts.media.free_bytes),
            "reserve": settings.disk_reserve_mb * 1_000_000,
            "kept": retention.kept_bytes,
            "limit": settings.keep_gb * 1e9,
            "has_room": await asyncio.to_thread(retention.has_room),
            "next": [
                {**_named(each.task), "why": each.why, "at": timestamp(each.at)}
                for each in await retention.next_to_go(MOST_TO_GO)
            ],
            "for_room": _named(for_room) if for_room else None,
        }

    async def _people(self) -> dict[str, Any]:
        answers, count = self._parts.answers, self._numbers.registry.get_sample_value
        return {
            "sockets": len(self._parts.sockets.open),
            "views_lately": await self._parts.watching.told_lately(),
            "views": int(count("leyline_views_total") or 0),
            "uploads": int(count("leyline_uploads_total", {"outcome": "accepted"}) or 0),
            "refusals": dict(answers.by_code.most_common()),
        }

    def _settings(self) -> list[dict[str, Any]]:
        """Each setting in force; of a secret one whether there is any."""
        told = []
        for row in all_settings.rows():
            value = getattr(self._parts.settings, row.name)
            is_default = value == row.default
            if row.metadata["is_secret"]:
                value = SECRET if value else ""
            told.append({"name": all_settings.variable(row.name), "value": _plain(value), "is_default": is_default})
        return told


def _named(task: Task) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "name": task.image_name,
        "whose": (task.owner or task.client)[:SHORT_DIGEST],
        "bytes": (task.video_bytes or 0) + task.image_bytes,
    }


def _span(begin: float | None, end: float | None) -> float | None:
    return None if begin is None or end is None else round(max(end - begin, 0), 1)


def _plain(value: Any) -> str | float | int:
    return value if isinstance(value, int | float) else str(value)


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that are not what they were."""
    return {name: section for name, section in now.items() if before.get(name) != section}
