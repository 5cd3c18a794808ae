"""What a data folder really holds, read from outside: its rows, and whether each has the files it promises.

Read it only when its server is dead, frozen or idle. The database is copied first, since opening it would do the
recovery that the next server has to do by itself.
"""

import contextlib
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import av
from PIL import Image

LIVE = ("queued", "processing")

Row = dict[str, Any]


def rows(data_dir: Path) -> list[Row]:
    """Every task in the order of acceptance, after an integrity check."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("leyline.db", "leyline.db-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(data_dir / name, folder)
        with contextlib.closing(sqlite3.connect(Path(folder) / "leyline.db")) as connection:
            connection.row_factory = sqlite3.Row
            assert connection.execute("PRAGMA integrity_check").fetchall()[0][0] == "ok"
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            return [dict(row) for row in connection.execute("SELECT * FROM tasks ORDER BY number")]


class Audit:
    """Checks one data folder again and again; a video that was found whole once is not decoded again."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._whole: set[str] = set()

    def promises(self) -> list[Row]:
        """Every row has its files: a picture while it is live, a video that decodes once it has succeeded."""
        found = rows(self._data_dir)
        for row in found:
            if row["status"] in LIVE:
                self._check_picture(row["task_id"])
            if row["status"] == "succeeded" and not row["files_removed"]:
                self._check_video(row)
        return found

    def rest(self) -> list[Row]:
        """All that, and nothing else: every task has ended, no task has two videos, and no file is left over."""
        found = self.promises()
        assert [row for row in found if row["status"] in LIVE] == []
        kept = [row["task_id"] for row in found if not row["files_removed"]]
        videos = [f"{row['task_id']}-{row['run']}.mp4" for row in found if row["status"] == "succeeded"]
        assert self._names("pictures") == {f"{name}{end}.jpg" for name in kept for end in ("", ".thumbnail")}
        assert self._names("videos") == set(videos)
        assert self._names("tmp") == set()
        return found

    def _names(self, folder: str) -> set[str]:
        return {path.name for path in (self._data_dir / folder).iterdir()}

    def _check_picture(self, task_id: str) -> None:
        for end in ("", ".thumbnail"):
            with Image.open(self._data_dir / "pictures" / f"{task_id}{end}.jpg") as picture:
                picture.load()

    def _check_video(self, row: Row) -> None:
        path = self._data_dir / "videos" / f"{row['task_id']}-{row['run']}.mp4"
        if path.name in self._whole:
            assert path.exists()
            return
        with av.open(str(path)) as video:
            assert sum(1 for _ in video.decode(video=0)) == round(row["video_seconds"] * 30)
        assert path.stat().st_size == row["video_bytes"]
        self._whole.add(path.name)
