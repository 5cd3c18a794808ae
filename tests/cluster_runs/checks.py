"""What must be true when all is over, read from the log, the database, the files and the processes."""

import re
from collections import Counter
from pathlib import Path

import av
import numpy as np

from tests.audit import Audit, Row
from tests.cluster_runs.machines import marked
from tests.pictures import colour
from tests.uploads import Uploads

COLOUR_TOLERANCE = 7
# What Python itself says in a child whose parent was killed before it had told the child what to do.
STILLBORN = re.compile(r"Traceback [^\n]+\n(?:  [^\n]+\n)+EOFError: Ran out of input\n")


def whole(data_dir: Path, uploads: Uploads) -> list[Row]:
    """Each upload is one task with one video, of its own picture, and there is nothing else in the data folder."""
    rows = Audit(data_dir).rest()
    sent = {each.task_id: each for each in uploads.sent}
    assert len(rows) == len(sent) == len(uploads.sent), "each upload is one task"
    for row in rows:
        assert row["status"] == "succeeded", f"{row['task_id']} ended as {row['status']}: {row['error_code']}"
        with av.open(str(data_dir / "videos" / f"{row['task_id']}-{row['run']}.mp4")) as video:
            frame = next(video.decode(video=0)).to_ndarray(format="rgb24")
        away = np.abs(frame.mean(axis=(0, 1)) - colour(sent[row["task_id"]].number)).max()
        assert away < COLOUR_TOLERANCE, f"the video of picture {sent[row['task_id']].number} is of another one"
    return rows


def ended_once(rows: list[Row], log: str) -> None:
    """A front door that dies between its commit and its word tells of none; nobody tells of two."""
    told = Counter(re.findall(r"event=(?:succeeded|failed|canceled) task=(\S+)", log))
    assert [task for task, times in told.items() if times > 1] == []
    assert set(told) <= {row["task_id"] for row in rows}


def in_order(rows: list[Row], log: str, members: int) -> int:
    """First starts come in the order of the line; by how many places one was away from its own, at most."""
    started = list(dict.fromkeys(re.findall(r"event=started task=(\S+)", log)))
    accepted = {row["task_id"]: place for place, row in enumerate(rows)}
    away = max(abs(place - accepted[task]) for place, task in enumerate(started))
    assert away <= members, f"a first start was {away} places from its own"
    return away


def attempts(rows: list[Row], blameless: set[str], killed_models: int) -> int:
    """Attempts count what the model did alone; how many more than one there were."""
    more = {row["task_id"]: row["attempt"] - 1 for row in rows if row["attempt"] > 1}
    assert not set(more) & blameless, "an attempt was counted though no model had died"
    assert sum(more.values()) <= killed_models, "more attempts than models that died"
    return sum(more.values())


def nothing_left(mark: str, disks: list[Path]) -> None:
    """No process of the run lives, and none of its machines keeps a file."""
    orphans = marked(mark)
    assert not orphans, [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in orphans]
    left = [str(path) for disk in disks for path in disk.rglob("*")]
    assert not left, f"files were left: {left}"


def nothing_untoward(logs: dict[str, str]) -> None:
    """Nobody has met a bug of ours."""
    for name, said in logs.items():
        log = STILLBORN.sub("", said)
        for word in ("event=bug", "Traceback"):
            at = log.find(word)
            assert at < 0, f"{name}: {log[max(at - 500, 0) : at + 2000]}"
