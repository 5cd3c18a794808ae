"""What is told of a clip while it is made: small stills, and how far its file has grown."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image as Pillow

from model_proc.clip.muxing import new_file
from model_proc.model import Image

PREVIEW_SIDE = 320  # longest side of a preview, in pixels
PREVIEW_SECONDS = 1.0  # least time from one preview to the next
GROWTH_SECONDS = 1.0  # least time from one word on the growing file to the next


class Previews:
    """Small stills of the newest frame, at most one a second, each replacing the last in one step."""

    def __init__(self, path: Path, on_preview: Callable[[int], None]) -> None:
        self._path = path
        self._on_preview = on_preview
        self._revision = 0
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def show(self, frame: Image) -> None:
        """Make a preview of the frame if it is time for one."""
        if not self.is_due:
            return
        self._due = time.monotonic() + PREVIEW_SECONDS
        still = Pillow.fromarray(frame)
        still.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
        part = self._path.with_name(f"{self._path.name}.part")
        with new_file(part) as file:
            still.save(file, "JPEG", quality=80)
        part.replace(self._path)
        self._revision += 1
        self._on_preview(self._revision)


class Growth:
    """Tells how far the file has grown: the first at once, then the newest at most once a second, until `close`."""

    def __init__(self, tell: Callable[[int, float], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._due = 0.0
        self._newest = 0, 0.0
        self._later: threading.Timer | None = None  # says what is held back, should the model fall silent after it
        self._open = True

    def tell(self, segments: int, seconds: float) -> None:
        with self._lock:
            self._newest = segments, seconds
            wait = self._due - time.monotonic()
            if not self._open or self._later:
                return
            if wait <= 0:
                self._tell_now()
                return
            self._later = threading.Timer(wait, self._tell_held_back)
            self._later.daemon = True
            self._later.start()

    def close(self) -> None:
        """Tell nothing any more."""
        with self._lock:
            self._open = False
            if self._later:
                self._later.cancel()

    def _tell_held_back(self) -> None:
        with self._lock:
            self._later = None
            if self._open:
                self._tell_now()

    def _tell_now(self) -> None:
        self._due = time.monotonic() + GROWTH_SECONDS
        self._tell(*self._newest)
