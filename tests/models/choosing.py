"""Models that people can choose something of, and some that say so badly."""

import dataclasses
import json
import os
import time
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


class Chooses:
    """Something of each kind; each run adds a line to the file that CHOSEN names: what it was given, as JSON."""

    @dataclass(frozen=True)
    class Parameters:
        prompt: str = field(
            default="", metadata={"title": "Prompt", "help": "What should happen.", "max_length": 200, "lines": 4}
        )
        direction: Literal["out", "in"] = field(
            default="in", metadata={"title": "Move", "help": "Whereto.", "labels": {"in": "Into the picture"}}
        )
        seconds: float = field(
            default=6.0,
            metadata={
                "title": "Length",
                "help": "In seconds.",
                "minimum": 1,
                "maximum": 12,
                "step": 0.5,
                "unit": "s",
            },
        )
        frames: int = field(
            default=8, metadata={"title": "Frames", "help": "How many.", "minimum": 2, "maximum": 64, "step": 2}
        )
        loop: bool = field(default=True, metadata={"title": "Loop", "help": "Whether it ends where it began."})
        seed: int | None = field(
            default=None, metadata={"title": "Seed", "help": "Empty: another each time.", "seed": True}
        )

    def load(self):
        pass

    def generate(self, image, clip, report, parameters):
        assert type(parameters) is type(self).Parameters
        with open(os.environ["CHOSEN"], "a") as file:  # noqa: PTH123 - as plain as a model's file is
            file.write(json.dumps(dataclasses.asdict(parameters)) + "\n")
        for shade in (0, 200):
            clip.write(np.full((16, 16, 3), shade, np.uint8))


class TakesItsTime(Chooses):
    """Loads until the file that SLOW_LOAD_UNTIL names is there."""

    def load(self):
        while not os.path.exists(os.environ["SLOW_LOAD_UNTIL"]):  # noqa: PTH110
            time.sleep(0.02)


class ChoosesLess(Chooses):
    """The same model after a change: no direction any more, shorter videos, and a strength."""

    Parameters = dataclasses.make_dataclass(
        "Parameters",
        [
            *((each.name, each.type, each) for each in dataclasses.fields(Chooses.Parameters)[:1]),
            (
                "seconds",
                float,
                field(default=2.0, metadata={"title": "Length", "help": "Short.", "minimum": 1, "maximum": 4}),
            ),
            (
                "strength",
                int,
                field(default=5, metadata={"title": "Strength", "help": "How much.", "minimum": 0, "maximum": 9}),
            ),
        ],
        frozen=True,
    )


class FallsOver(Chooses):
    """Dies in its first run, once it has said what it was given."""

    def generate(self, image, clip, report, parameters):
        super().generate(image, clip, report, parameters)
        with open(os.environ["CHOSEN"]) as file:  # noqa: PTH123
            if len(file.readlines()) == 1:
                os._exit(9)


class SaysNoTitle(Chooses):
    """Its one field misses what people would read."""

    Parameters = dataclasses.make_dataclass("Parameters", [("loop", bool, field(default=True))])


class NamesInGerman(Chooses):
    """Its one field has a name that no client could be sure to write."""

    Parameters = dataclasses.make_dataclass(
        "Parameters", [("größe", bool, field(default=True, metadata={"title": "Size", "help": "How large."}))]
    )


class TakesNothing(Chooses):
    """Declares what it does not take."""

    def generate(self, image, clip, report):
        raise AssertionError("never loaded")


class SaysTooMuch(Chooses):
    """Its schema is longer than the pipe carries."""

    Parameters = dataclasses.make_dataclass(
        "Parameters",
        [
            (
                f"choice_{number}",
                bool,
                field(default=True, metadata={"title": "Choice", "help": "A long explanation." * 40}),
            )
            for number in range(60)
        ],
    )
