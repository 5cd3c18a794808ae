"""A model that lets people choose something of each kind, and makes a second of video of it at once."""

from dataclasses import dataclass, field
from typing import Literal

import cv2


class Prompted:
    """Writes thirty small frames, whatever was chosen."""

    @dataclass(frozen=True)
    class Parameters:
        prompt: str = field(
            default="",
            metadata={"title": "Prompt", "help": "What should happen in the video.", "max_length": 200, "lines": 4},
        )
        avoid: str = field(
            default="", metadata={"title": "Avoid", "help": "What should not be seen.", "max_length": 40}
        )
        direction: Literal["in", "out", "around"] = field(
            default="in",
            metadata={"title": "Move", "help": "Where the camera goes.", "labels": {"in": "In", "out": "Out"}},
        )
        seconds: float = field(
            default=6.0,
            metadata={
                "title": "Length",
                "help": "How long the video is.",
                "minimum": 1,
                "maximum": 12,
                "step": 0.5,
                "unit": "s",
            },
        )
        strength: float = field(
            default=0.5, metadata={"title": "Strength", "help": "How far it goes.", "minimum": 0, "maximum": 1}
        )
        loop: bool = field(default=True, metadata={"title": "Loop", "help": "Ends where it began."})
        light: Literal["day", "dusk", "night", "fog", "snow", "rain"] = field(
            default="day", metadata={"title": "Light", "help": "The time and the weather."}
        )
        seed: int | None = field(
            default=None, metadata={"title": "Seed", "help": "The same seed makes the same video.", "seed": True}
        )

    def load(self):
        pass

    def generate(self, image, clip, report, parameters):
        frame = cv2.resize(image, (64, 48))
        for number in range(30):
            clip.write(frame)
            report(100 * (number + 1) / 30)
