"""The files of a task, by key: temporary name, fsync, rename, delete. The only file that knows the folders.

What the files mean, and when they may go, is left to the callers. Danger: every method here blocks on
the disk; call them in a thread. A file counts as kept only when its folder has been synced as well.
"""

import contextlib
import errno
import logging
import os
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO
from uuid import uuid4

from leyline.data_folder import sync
from leyline.errors import StartupError

log = logging.getLogger("leyline.media")

FOLDER_MODE, FILE_MODE = 0o700, 0o600
OF_TASK = re.compile(r"([0-9a-f]{32})(?:-\d|\.(?!part$))")
PROBE_BYTES = 64 * 1024
COPY_BYTES = 1024 * 1024  # at a time
NO_COPY_EITHER = (errno.ENOENT, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)  # where no link can be made


class Part:
    """A file in the making: in the end kept under its own name, or removed; else the next start sweeps it away."""

    def __init__(self, path: Path) -> None:
        self.path = path  # for a message to a child; nobody else opens it
        self._file: IO[bytes] | None = None

    def append(self, data: bytes) -> None:
        """Write all of `data` at the end, into a new file at first; OSError when the disk does not take it."""
        if self._file is None:
            self.path.parent.mkdir(FOLDER_MODE, exist_ok=True)  # somebody may have removed it by hand
            self._file = self.path.open("xb", buffering=0)
            self.path.chmod(FILE_MODE)
        left = memoryview(data)
        while left:  # a disk that fills up takes a part of it first, and only then says so
            left = left[self._file.write(left) :]

    def close(self) -> None:
        """Nothing is appended any more."""
        if self._file:
            self._file.close()

    def remove(self) -> None:
        """Close and remove the file; fine when there is none."""
        with contextlib.suppress(OSError):
            self.close()
        _remove(self.path)


class Media:
    """The pictures and videos below one data folder. Folders are 0700 and files 0600."""

    def __init__(self, root: Path) -> None:
        """Make the folders that are missing; `StartupError` when they cannot be, or lie on several disks."""
        self.root = root
        self._pictures, self._videos, self._parts = root / "pictures", root / "videos", root / "tmp"
        try:
            self.make_folders()
        except OSError as error:
            raise StartupError(
                f"The folder {error.filename or root} cannot be made: {error.strerror}. "
                "See what stands in its place, and whether this user may write there."
            ) from error
        self._check_disk(self._pictures)
        self._check_disk(self._videos)

    def make_folders(self) -> None:
        """Make the folders that are missing; somebody may have removed them by hand."""
        missing = [folder for folder in (self._pictures, self._videos, self._parts) if not folder.is_dir()]
        for folder in missing:
            folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        if missing:
            sync(self.root)

    def _check_disk(self, folder: Path) -> None:
        """`StartupError` when no part can be renamed into this folder. No file is needed to ask: Linux compares
        the mounts first, and two mounts of one disk are as far apart as two disks."""
        try:
            self.part().path.rename(folder / self.part().path.name)
        except OSError as error:
            if error.errno == errno.EXDEV:
                raise StartupError(
                    f"{folder} lies on another disk than {self._parts}, and no file can be moved there at once. "
                    f"Keep these folders on one disk: mount or link {self.root} as a whole."
                ) from error

    def check_for(self, database: Path) -> None:
        """`StartupError` when files are here but no database knows of them: a new one would have them removed."""
        if not database.exists() and any(self.kept()):
            raise StartupError(
                f"The database {database} is missing, but there are pictures or videos beside it. "
                "Put a backup in its place, or move the whole data folder away to begin anew."
            )

    def takes_files(self) -> bool:
        """Whether a file can be written and made durable now. Room alone does not say: a quota, no more inodes,
        a disk that became read-only."""
        probe = self.part()
        try:
            self.make_folders()
            probe.append(bytes(PROBE_BYTES))
            sync(probe.path)
        except OSError:
            return False
        finally:
            probe.remove()
        return True

    # Where files lie

    def part(self) -> Part:
        """A new file in the making; there is none before something is written to it."""
        return Part(self._parts / f"{uuid4().hex}.part")

    def picture(self, task_id: str) -> Path:
        return self._pictures / f"{task_id}.jpg"

    def thumbnail(self, task_id: str) -> Path:
        return self._pictures / f"{task_id}.thumbnail.jpg"

    def poster(self, task_id: str) -> Path:
        """Of a picture that is larger than a poster; any other is its own."""
        return self._pictures / f"{task_id}.poster.jpg"

    def _stills(self, task_id: str) -> tuple[Path, ...]:
        return self.picture(task_id), self.thumbnail(task_id), self.poster(task_id)

    def video(self, video_key: str) -> Path:
        return self._videos / f"{video_key}.mp4"

    def glimpses(self, video_key: str) -> Path:
        """A few small stills of a finished video, in one zip."""
        return self._videos / f"{video_key}.glimpses"

    def video_part(self, video_key: str) -> Path:
        """Where the model process writes the video of a run."""
        return self._parts / f"{video_key}.part"

    def preview(self, video_key: str) -> Path:
        """Where the model process leaves the newest still of a run."""
        return self._parts / f"{video_key}.preview.jpg"

    # Keeping

    def keep_picture(self, task_id: str, picture: Part, thumbnail: Part, poster: Part | None = None) -> None:
        """Make a task's picture and its smaller ones durable under their own names, from parts."""
        self.make_folders()
        kept = [(picture, self.picture(task_id)), (thumbnail, self.thumbnail(task_id))]
        if poster and poster.path.exists():
            kept.insert(0, (poster, self.poster(task_id)))  # who has a picture has all of it
        for part, path in kept:
            sync(part.path)
            part.path.rename(path)
        sync(self._pictures)

    def keep_same_picture(self, task_id: str, source_task_id: str) -> None:
        """Give a new task the picture of an older one, as files of its own; FileNotFoundError without one."""
        smaller = [self.poster] if self.poster(source_task_id).exists() else []
        for path in (*smaller, self.picture, self.thumbnail):
            try:
                os.link(path(source_task_id), path(task_id))
            except OSError as error:
                if error.errno in NO_COPY_EITHER:
                    raise
                self._keep_copy(path(source_task_id), path(task_id))  # this disk knows no links, or no more of them
        sync(self._pictures)

    def _keep_copy(self, source: Path, kept: Path) -> None:
        part = self.part()
        try:
            with source.open("rb") as file:
                while piece := file.read(COPY_BYTES):
                    part.append(piece)
            sync(part.path)
            part.path.rename(kept)
        finally:
            part.remove()

    def keep_video(self, video_key: str) -> int:
        """Make the video that the model process wrote durable under its own name; its size in bytes."""
        self.make_folders()
        part, kept = self.video_part(video_key), self.video(video_key)
        sync(part)
        part.rename(kept)
        sync(self._videos)
        return kept.stat().st_size

    def replace_video(self, video_key: str, part: Part) -> None:
        """Put another file of the same video in its place, durably; FileNotFoundError when it is gone."""
        kept = self.video(video_key)
        sync(part.path)
        kept.stat()  # deleted meanwhile, it must not come back
        part.path.rename(kept)
        sync(self._videos)

    def keep_copy(self, copy_key: str, video_key: str, part: Part) -> None:
        """Make a copy of a video durable under a name of its own; FileNotFoundError when the video is gone."""
        sync(part.path)
        self.video(video_key).stat()
        part.path.chmod(FILE_MODE)
        part.path.rename(self.video(copy_key))
        sync(self._videos)

    def keep_glimpses(self, video_key: str, part: Part) -> None:
        """Make a video's small stills durable; FileNotFoundError when the video is gone."""
        sync(part.path)
        self.video(video_key).stat()
        part.path.rename(self.glimpses(video_key))
        sync(self._videos)

    # Removing: all of these are fine when there is nothing to remove

    def remove_parts(self, *parts: Path) -> None:
        """One that cannot be removed keeps no other; what no row promises is swept at the next start."""
        for part in parts:
            _remove(part)

    def remove_parts_of(self, video_key: str) -> None:
        """What a run left unfinished: its video's part, its preview, and the part of that."""
        self.remove_parts(*self._parts.glob(f"{video_key}.*"))

    def remove_run(self, video_key: str) -> None:
        """All that a run left behind, its video too if it had got that far."""
        self.remove_parts_of(video_key)
        self.remove_parts(self.video(video_key))

    def remove_task(self, task_id: str) -> None:
        """Every file of a task."""
        self.remove_parts(*self._stills(task_id), *self._videos.glob(f"{task_id}-*"))

    def remove_copies(self, video_key: str) -> None:
        """The copies that links have of a video; who watches by one has it made anew."""
        self.remove_parts(*self._videos.glob(f"{video_key}.*.mp4"))

    def remove_copies_of(self, link_id: str) -> None:
        """The copies that this link has of its videos."""
        self.remove_parts(*self._videos.glob(f"*.{link_id}.mp4"))

    def sweep_parts(self) -> None:
        """Remove everything unfinished; only while nothing else runs."""
        self.remove_parts(*(leftover for leftover in self._parts.iterdir() if leftover.is_file()))

    def kept(
        self, but_not_pictures_of: Callable[[str], bool] = lambda task_id: False
    ) -> Iterator[tuple[str, str | None, Path]]:
        """Every kept file as (task_id, video_key or None, path), for finding files without a task."""
        for name in _names(self._pictures):
            task_id = name.partition(".")[0]
            if not but_not_pictures_of(task_id):
                yield task_id, None, self._pictures / name
        for name in _names(self._videos):
            video_key = name.partition(".")[0]
            yield video_key.rpartition("-")[0], video_key, self._videos / name

    def copies(self) -> Iterator[tuple[str, Path]]:
        """(link_id, path) of every copy that a link has of its video."""
        for path in self._videos.glob("*.*.mp4"):
            yield path.name.split(".")[1], path

    def bytes_of_copies(self) -> dict[str, int]:
        """Disk space of the copies that links have of their videos, by task; of those tasks that have any."""
        held = Counter[str]()
        for _, path in self.copies():
            held[path.name.partition("-")[0]] += round(_bytes_of(path))
        return dict(held)

    def pictures(self) -> set[str]:
        """The tasks that have their picture; looked up once for all, not once for each."""
        return {name.removesuffix(".jpg") for name in _names(self._pictures) if name.count(".") == 1}

    # Asking

    def read_thumbnail(self, task_id: str) -> bytes:
        """OSError when it is not there, or damaged."""
        return self.thumbnail(task_id).read_bytes()

    def read_poster(self, task_id: str) -> bytes:
        """The picture in at most 1280 pixels; the picture itself where there is none, as of earlier releases."""
        try:
            return self.poster(task_id).read_bytes()
        except FileNotFoundError:
            return self.picture(task_id).read_bytes()

    def read_preview(self, video_key: str) -> bytes:
        """The newest still of a run; OSError when there is none yet, or no more."""
        return self.preview(video_key).read_bytes()

    def ready_for_run(self, task_id: str) -> bool:
        """Whether the task's picture is there; and there is a folder for what the run will write."""
        self.make_folders()
        return self.has_picture(task_id)

    def has_picture(self, task_id: str) -> bool:
        return self.picture(task_id).is_file()

    def bytes_of(self, task_id: str, video_key: str) -> float:
        """Disk space of a task's kept files, and its share of those that it has together with its retries."""
        videos = self._videos.glob(f"{video_key}.*")  # with its links' copies, and its small stills
        return sum(map(_bytes_of, (*self._stills(task_id), *videos)))

    def total_bytes(self) -> float:
        """Disk space of all kept files; a picture that several tasks have counts once."""
        return sum(_bytes_of(path) for _, _, path in self.kept())

    def free_bytes(self) -> int:
        """Free disk space for new files."""
        return shutil.disk_usage(self.root).free


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        task_id = task_of(path.name)
        of_task = f" task={task_id}" if task_id else ""
        log.error("event=removal_failed file=%s error=%r%s", path.name, error.strerror, of_task)


def task_of(name: str) -> str | None:
    """The task whose file has this name; None for an upload's, which is none yet, and whatever is not ours."""
    found = OF_TASK.match(name)
    return found[1] if found else None


def _names(folder: Path) -> Iterator[str]:
    """The files in a folder; a disk of its own has lost+found beside them."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                yield entry.name


def _bytes_of(path: Path) -> float:
    with contextlib.suppress(OSError):  # it may be removed at any moment
        status = path.stat()
        return status.st_size / status.st_nlink
    return 0
