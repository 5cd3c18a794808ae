"""Where a camera goes during one video: the directions that people may choose, and a view for each moment.

What the camera sees is `motion`'s. Danger: a view that leaves the picture shows it mirrored at the edge, so each
move comes so much nearer that its own swing stays inside, at every strength.
"""

import math
import random
from dataclasses import dataclass
from typing import Literal, get_args

Direction = Literal["in", "out", "left", "right", "around"]

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
PIVOT = 0.45  # the relief that the camera looks at: it stays in place while the rest moves around it
THERE = 0.6  # share of a loop that goes there; the way back is shorter, so that one sees where it goes


@dataclass(frozen=True)
class View:
    """What the camera sees at one moment, in shares of the picture's width and height.

    `far` and `near`: how much nearer the farthest and the nearest have come, 0–1. `pan`: how far it looks aside.
    `sway` and `rise`: how far the nearest lies beside the farthest. `yaw` and `pitch`: how far it turned.
    """

    far: float = 0.0
    near: float = 0.0
    pan_x: float = 0.0
    pan_y: float = 0.0
    sway: float = 0.0
    rise: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


@dataclass(frozen=True)
class CameraPath:
    """One move: `strength` 1 is the usual one; `side` is -1 or 1, `lean` -1 … 1, which vary what is alike.

    With `loop` it ends where it began, at the same pace; without, it goes its way once and comes to rest.
    """

    direction: Direction
    strength: float = 1.0
    side: int = 1
    lean: float = 0.0
    loop: bool = True

    def view(self, moment: float) -> View:
        """The view at `moment`, 0–1."""
        match self.direction:
            case "in":
                return self._towards(self._way(moment), moment)
            case "out":
                return self._towards(1 - self._way(moment), moment)
            case "left":
                return self._aside(1 - 2 * self._way(moment))
            case "right":
                return self._aside(2 * self._way(moment) - 1)
            case "around":
                return self._around(2 * math.pi * moment * self.side)

    def _way(self, moment: float) -> float:
        """How much of the way there is done: 0 at the start, 1 at its end, and 0 again where it loops."""
        if not self.loop:
            return eased(moment)
        return eased(moment / THERE) if moment < THERE else eased((1 - moment) / (1 - THERE))

    def _towards(self, near: float, moment: float) -> View:
        # The swing grows with the nearness, which makes the view smaller: so the view never leaves the picture.
        swing = self.strength * near * self.side * (math.cos(2 * math.pi * moment) if self.loop else 1.0)
        much = self.strength * near
        return View(
            far=0.15 * much,
            near=0.22 * much,
            pan_x=0.030 * swing,
            pan_y=0.014 * self.lean * much,
            sway=0.020 * swing,
            rise=0.010 * much,
            yaw=0.02 * swing,
        )

    def _aside(self, place: float) -> View:
        """A camera on rails, at `place` from -1 (left) to 1 (right)."""
        much, way = self.strength, self.strength * place
        bow = 1 - place * place  # a little nearer in the middle of the rails, as on a bend around the picture
        return View(
            far=(0.165 + 0.02 * bow) * much,
            near=(0.175 + 0.03 * bow) * much,
            pan_x=0.055 * way,
            pan_y=0.010 * self.lean * way,
            sway=0.021 * way,
            yaw=0.05 * way,
        )

    def _around(self, angle: float) -> View:
        much, across, along = self.strength, math.sin(angle), math.cos(angle)
        return View(
            far=(0.145 + 0.015 * along) * much,
            near=(0.175 + 0.025 * along) * much,
            pan_x=0.032 * much * across,
            pan_y=0.022 * much * along,
            sway=0.023 * much * across,
            rise=0.012 * much * along,
            yaw=0.055 * much * across,
            pitch=0.030 * much * along,
        )


def chosen(seed: int, direction: Direction | None = None, strength: float = 1.0, loop: bool = True) -> CameraPath:
    """The path of this seed: whatever is not chosen, and what varies within a direction, is drawn from it."""
    chance = random.Random(seed)
    drawn = chance.choice(DIRECTIONS)
    side, lean = chance.choice((-1, 1)), chance.uniform(-1, 1)
    return CameraPath(direction or drawn, strength, side, lean, loop)


def eased(share: float) -> float:
    """0–1 to 0–1, at rest at both ends."""
    return (1 - math.cos(math.pi * share)) / 2
