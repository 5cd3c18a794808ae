"""A model that does what the folder that DIRECTED names says, wherever it runs."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


class Directed:
    """Writes frames until the file `done` is there, and dies, fails or grows large when a file says so.

    What it made stays there under another name, `made-RUN`, so that it can be compared with what has arrived.
    """

    def load(self):
        self.folder = Path(os.environ["DIRECTED"])
        (self.folder / f"loaded-{os.getpid()}").touch()

    def generate(self, image, clip, report):
        print(f"sees {image.shape[1]} x {image.shape[0]} on {os.environ.get('CUDA_VISIBLE_DEVICES', 'any')}")
        number = 0
        while True:
            clip.write(np.full((120, 160, 3), number % 200, np.uint8))
            number += 1
            report(min(number / 10, 90))
            if self.told("crash"):
                os.kill(os.getpid(), signal.SIGKILL)
            if self.told("fail"):
                raise RuntimeError("as it was told")
            if (self.folder / "done").exists():
                break
            time.sleep(0.005)
        for _ in range(int(os.environ.get("DIRECTED_MB", "0"))):
            clip._file.write(os.urandom(4096) * 256)
            report(91)
        made = sum(1 for _ in self.folder.glob("made-*"))
        os.link(clip._path, self.folder / f"made-{made}-{os.getpid()}")

    def told(self, what):
        """Whether it was told so; once."""
        try:
            (self.folder / what).unlink()
        except FileNotFoundError:
            return False
        return True


class Varied(Directed):
    """Lets people choose other things where VARIED is set, as another release of it would."""

    @dataclass(frozen=True)
    class Parameters:
        shades: int = field(
            default=8,
            metadata={
                "title": "Shades",
                "help": "How many.",
                "minimum": 2,
                "maximum": 99 if os.environ.get("VARIED") else 64,
            },
        )

    def generate(self, image, clip, report, parameters):
        super().generate(image, clip, report)
