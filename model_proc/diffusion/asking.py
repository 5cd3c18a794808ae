"""What people can choose for a pipeline, found from its own signature, and the call that it makes of a choice.

Danger: a default of a signature may be None, which means that the pipeline's configuration says it; and may be what
another model of the same class was trained on.
"""

import dataclasses
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model_proc.diffusion.fitting import (
    LEAST_SIDE,
    Size,
    fitted_frames,
    fitted_size,
    frame_step,
    is_of_one_size,
    latent_side,
    nearest,
    side_multiple,
)

USUAL_SIZE, USUAL_FRAMES = (832, 480), 49  # where neither signature nor configuration says
FPS_ARGUMENTS = ("fps", "frame_rate", "target_fps")
PROMPT_LENGTH = 1500


@dataclass(frozen=True)
class Trained:
    """What a family was trained on: `fps` where its signature has none, the others in place of the signature's."""

    fps: int = 24
    frames: int | None = None
    size: Size | None = None


FAMILIES = {  # by how the names of their classes begin
    "Wan": Trained(fps=16),
    "CogVideoX": Trained(fps=8),
    "LTX2": Trained(frames=121),
    "I2VGenXL": Trained(fps=16),
}
WAN_OF_BOTH = Trained(fps=24, frames=121, size=(1280, 704))  # the 5B of words and pictures, whose class is Wan's


class Asking:
    """What this pipeline can be asked. `usual` replaces its defaults, under the names that people see."""

    def __init__(self, pipeline: Any, usual: Mapping[str, Any], decode_chunk: int) -> None:
        self._takes = inspect.signature(pipeline.__call__).parameters
        self._decode_chunk = decode_chunk
        self._usual = {name: value for name, value in usual.items() if value is not None}
        self.multiple, self.step = side_multiple(pipeline), frame_step(pipeline)
        self._is_of_one_size = is_of_one_size(pipeline)
        family = _family(pipeline)
        self._size = family.size or self._own_size(pipeline)
        self._frames = family.frames or self._own_frames(pipeline)
        self._fps_argument = next((name for name in FPS_ARGUMENTS if name in self._takes), "")
        self._fps = round(self._default(self._fps_argument) or family.fps)
        self.steps = self._default("num_inference_steps") or 50
        self.reports_steps = "callback_on_step_end" in self._takes
        self.Parameters = dataclasses.make_dataclass("Parameters", self._fields(), frozen=True)

    def arguments(self, picture: Size, chosen: Any) -> tuple[dict[str, Any], Size]:
        """The call's arguments for a picture of this size, without picture and generator; and the video's size."""
        width, height = self._video_size(picture, getattr(chosen, "size", None))
        found = {
            "prompt": getattr(chosen, "prompt", None),
            "negative_prompt": getattr(chosen, "negative_prompt", None) or None,
            "num_inference_steps": getattr(chosen, "steps", None),
            "guidance_scale": getattr(chosen, "guidance", None),
            "max_guidance_scale": getattr(chosen, "guidance", None),
            "min_guidance_scale": min(1.0, getattr(chosen, "guidance", 1.0)),
            "num_frames": self.frames(chosen),
            self._fps_argument: self.fps(chosen),
            "motion_bucket_id": getattr(chosen, "motion", None),
            "width": width,
            "height": height,
            "decode_chunk_size": self._decode_chunk,
            "output_type": "pt",
        }
        taken = {name: value for name, value in found.items() if name in self._takes and value is not None}
        return taken, (width, height)

    def frames(self, chosen: Any) -> int:
        """How many frames that makes."""
        return fitted_frames(getattr(chosen, "frames", self._frames), self.step)

    def fps(self, chosen: Any) -> int:
        """How many of them pass in a second."""
        return int(getattr(chosen, "fps", None) or self._usual.get("fps") or self._fps)

    def _video_size(self, picture: Size, shorter_side: int | None) -> Size:
        if self._is_of_one_size:
            return self._size
        width, height = self._size
        shorter = shorter_side or min(width, height)
        area = shorter * shorter * max(width, height) / min(width, height)
        return fitted_size(picture, round(area), self.multiple)

    # What is found out

    def _default(self, argument: str) -> Any:
        found = self._takes.get(argument)
        return None if found is None or found.default is found.empty else found.default

    def _own_size(self, pipeline: Any) -> Size:
        width, height = self._default("width"), self._default("height")
        if not (width and height):  # then the pipeline takes what its configuration says, in latents
            config = getattr(getattr(pipeline, "transformer", None), "config", None)
            sides = getattr(config, "sample_width", None), getattr(config, "sample_height", None)
            width, height = (side * latent_side(pipeline) if type(side) is int else None for side in sides)
        return (width, height) if width and height else USUAL_SIZE

    def _own_frames(self, pipeline: Any) -> int:
        if self._is_of_one_size:
            return int(pipeline.transformer.config.sample_frames)
        configured = getattr(getattr(getattr(pipeline, "unet", None), "config", None), "num_frames", None)
        return int(self._default("num_frames") or configured or USUAL_FRAMES)

    def _hears_negative_prompt(self) -> bool:
        """Some ignore it unless they are told to weigh it, which would double their time."""
        weight = self._default("true_cfg_scale")
        return "negative_prompt" in self._takes and (weight is None or weight > 1)

    # What people are shown

    def _fields(self) -> list[Any]:
        return [field for field in self._all_fields() if field]

    def _all_fields(self) -> list[Any]:
        takes, usual = self._takes, self._usual
        guidance = self._default("guidance_scale") or self._default("max_guidance_scale")
        return [
            "prompt" in takes
            and _text("prompt", "Prompt", "What is seen, and what happens.", usual.get("prompt", ""), lines=4),
            self._hears_negative_prompt()
            and _text(
                "negative_prompt", "Not wanted", "What must not be seen.", usual.get("negative_prompt", ""), lines=2
            ),
            "num_frames" in takes and not self._is_of_one_size and self._frames_field(),
            "height" in takes and not self._is_of_one_size and self._size_field(),
            self._fps_argument
            and _number(
                int, "fps", "Frames per second", "More of them move faster.", usual.get("fps", self._fps), 1, 60, 1
            ),
            "num_inference_steps" in takes
            and _number(
                *(int, "steps", "Steps", "More of them take longer and look better."),
                *(usual.get("steps", self.steps), 1, max(100, usual.get("steps", 0)), 1),
            ),
            guidance is not None
            and _number(
                *(float, "guidance", "Guidance", "How strictly it keeps to what is asked."),
                *(round(float(usual.get("guidance", guidance)), 1), 0.0, max(20.0, usual.get("guidance", 0)), 0.1),
            ),
            "motion_bucket_id" in takes
            and _number(
                int, "motion", "Motion", "How much moves.", self._default("motion_bucket_id") or 127, 1, 255, 1
            ),
            "generator" in takes
            and _field(
                *(int | None, "seed", "Seed"),
                *("The same seed makes the same video again. Empty: another one for each picture.", None),
                seed=True,
            ),
        ]

    def _frames_field(self) -> Any:
        usual = fitted_frames(self._usual.get("frames", self._frames), self.step)
        most = max(usual, fitted_frames(self._frames, self.step))
        least = min(usual, self.step + 1)
        return _number(int, "frames", "Frames", "How many the video has.", usual, least, most, self.step)

    def _size_field(self) -> Any:
        own = nearest(min(self._size), self.multiple)
        usual = nearest(self._usual.get("size", own), self.multiple)
        least = min(usual, nearest(LEAST_SIDE, self.multiple))
        help = "The shorter side of the video, where the picture has the usual shape."
        return _number(int, "size", "Size", help, usual, least, max(usual, own), self.multiple, unit="px")


def _family(pipeline: Any) -> Trained:
    if getattr(getattr(pipeline, "config", None), "expand_timesteps", False):
        return WAN_OF_BOTH
    of_class = type(pipeline).__name__
    return next((trained for name, trained in FAMILIES.items() if of_class.startswith(name)), Trained())


def _text(name: str, title: str, help: str, default: str, lines: int) -> Any:
    return _field(str, name, title, help, default, max_length=PROMPT_LENGTH, lines=lines)


def _number(
    kind: type,
    name: str,
    title: str,
    help: str,
    default: float,
    least: float,
    most: float,
    step: float,
    **said: Any,
) -> Any:
    return _field(kind, name, title, help, default, minimum=least, maximum=most, step=step, **said)


def _field(kind: Any, name: str, title: str, help: str, default: Any, **said: Any) -> Any:
    return name, kind, dataclasses.field(default=default, metadata={"title": title, "help": help, **said})
