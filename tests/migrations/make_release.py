"""Writes down the database of the release about to be made: `python -m tests.migrations.make_release 0.1.0`.

Run it once for each release whose schema is new; what it has written is never changed again, for it stands for the
databases that people have.
"""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from leyline.line import failures
from leyline.line.database import APPLICATION_ID
from leyline.line.store import TaskStore
from leyline.watching.links import Links
from tests.integration.store_contract import NOW, added, moves_of, succeed

RELEASES = Path(__file__).parent


async def live(store: TaskStore) -> None:
    """A task in each state, with all that a task may have."""
    moves = moves_of(store)
    done, failed, canceled, expired, _, _ = await added(moves, *range(6))
    await succeed(moves, await moves.claim(), run_seconds=31.5)
    await moves.fail(await moves.claim(), failures.ModelCrashed())
    await moves.cancel(canceled)
    await succeed(moves, await moves.claim())
    await moves.remove_files(expired)
    await moves.claim()
    await moves.count_view(done.task_id)
    await Links(store.database).add(done.task_id, label="a friend", expires_at=NOW + 60, max_views=3, now=NOW)
    await added(moves, 6, owner=None, idempotency_key="key", retry_of=failed.task_id)
    await moves.pause(True)


def dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join([f"PRAGMA application_id={APPLICATION_ID};", *connection.iterdump(), ""])


async def main(release: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leyline.db"
        store = TaskStore(path)
        await live(store)
        store.close()
        (RELEASES / f"{release}.sql").write_text(dump(path))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
