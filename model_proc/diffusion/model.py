"""The model of the name `diffusers`: one pipeline of that library, which makes a video of a picture and a prompt.

Loading is `loading`'s, the call's arguments `asking`'s. Danger: between two steps of a large pipeline minutes may
pass, in which it must still be heard that it lives and still hear that it was canceled; so a word is said before
each layer of its networks, whichever is at work.
"""

import contextlib
import gc
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from model_proc.diffusion.asking import Asking
from model_proc.diffusion.loading import DType, Offload, Quantization, Wanted, loaded
from model_proc.model import Clip, Image, Report

PREPARING, DENOISING, DECODING, ENCODING = "preparing", "denoising", "decoding", "encoding"
DENOISED, DECODED = 88.0, 95.0  # per cent of the way
ALIVE_SECONDS = 0.1  # from one sign of life to the next


class DiffusersModel:
    """An image-to-video pipeline of the diffusers library: Wan, LTX, CogVideoX, Stable Video Diffusion and others.

    `repo` is a folder or a repository of the Hugging Face hub; of one that is not in its cache nothing is fetched
    without `download`. `size` (shorter side in pixels), `frames`, `fps`, `steps`, `guidance`, `prompt` and
    `negative_prompt` replace the pipeline's own defaults. `decode_chunk` is how many frames are decoded at once.
    """

    def __init__(
        self,
        repo: str,
        revision: str | None = None,
        variant: str | None = None,
        download: bool = False,
        dtype: DType = "auto",
        device: str = "auto",
        offload: Offload = "none",
        quantization: Quantization = "none",
        attention_slicing: bool = False,
        vae_tiling: bool = True,
        decode_chunk: int = 4,
        size: int | None = None,
        frames: int | None = None,
        fps: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        prompt: str = "",
        negative_prompt: str = "",
    ) -> None:
        if not repo:
            raise ValueError("repo must be a folder, or a repository as owner/name")
        least = {"decode_chunk": decode_chunk, "size": size, "frames": frames, "fps": fps, "steps": steps}
        for name, number in least.items():
            if number is not None and number < 1:
                raise ValueError(f"{name} must be 1 or more, not {number}")
        how = (dtype, device, offload, quantization, attention_slicing, vae_tiling)
        self._wanted = Wanted(repo, revision, variant, download, *how)
        self._decode_chunk = decode_chunk
        self._usual: dict[str, Any] = {"size": size, "frames": frames, "fps": fps, "steps": steps}
        self._usual |= {"guidance": guidance, "prompt": prompt, "negative_prompt": negative_prompt}

    def load(self) -> None:
        """Load the weights, which takes minutes, and declare what this pipeline takes."""
        self._pipeline = loaded(self._wanted)
        self._asking = Asking(self._pipeline, self._usual, self._decode_chunk)
        self.Parameters = self._asking.Parameters

    def generate(self, image: Image, clip: Clip, report: Report, parameters: Any = None) -> None:
        chosen = self.Parameters() if parameters is None else parameters
        clip.fps = self._asking.fps(chosen)
        way = Way(report, getattr(chosen, "steps", self._asking.steps))
        try:
            with signs_of_life(way.go_on):
                self._write(self._made(image, chosen, way), clip, way)
        except BaseException as error:  # a canceled run leaves as much behind
            self._clear(error)
            raise

    def _made(self, image: Image, chosen: Any, way: "Way") -> Any:
        """The video's frames, as the pipeline returns them."""
        import torch
        from PIL import Image as Pillow
        from PIL import ImageOps

        arguments, size = self._asking.arguments((image.shape[1], image.shape[0]), chosen)
        if "width" in arguments:
            arguments["image"] = ImageOps.fit(Pillow.fromarray(image), size, Pillow.Resampling.LANCZOS)
        else:
            arguments["image"] = Pillow.fromarray(image)
        if (seed := getattr(chosen, "seed", None)) is not None:  # on the processor: the same on every device
            arguments["generator"] = torch.Generator("cpu").manual_seed(seed)
        if self._asking.reports_steps:
            arguments["callback_on_step_end"] = way.after_step
        else:
            self._pipeline.progress_bar = way.bar
        return self._pipeline(**arguments).frames[0]

    def _write(self, frames: Iterable[Any], clip: Clip, way: "Way") -> None:
        count = len(frames)  # type: ignore[arg-type]
        for number, frame in enumerate(frames, 1):
            clip.write(picture(frame))
            way.reach(DECODED + (100 - DECODED) * number / count, ENCODING)

    def _clear(self, error: BaseException) -> None:
        """Give back what a run that did not end holds; the frames of its calls hold most."""
        import torch

        traceback.clear_frames(error.__traceback__)
        self._pipeline.maybe_free_model_hooks()
        gc.collect()
        for device in (torch.cuda, getattr(torch, "xpu", None), getattr(torch, "mps", None)):
            if device is not None and getattr(device, "is_available", torch.backends.mps.is_available)():
                device.empty_cache()


class Way:
    """How far one run has come. Each of its methods raises when the run was canceled."""

    def __init__(self, report: Report, steps: int) -> None:
        self._report = report
        self._steps = steps
        self._done = 0
        self._said_at = 0.0
        self.reach(0, PREPARING)

    def reach(self, progress: float, stage: str) -> None:
        """Say so."""
        self._progress, self._stage = progress, stage
        self._said_at = time.monotonic()
        self._report(progress, stage)

    def go_on(self) -> None:
        """Say the same again, where that is due."""
        if time.monotonic() - self._said_at >= ALIVE_SECONDS:
            self.reach(self._progress, self._stage)

    def after_step(self, pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        """What a pipeline calls at the end of each step."""
        self._step()
        return tensors

    @contextlib.contextmanager
    def bar(self, iterable: Any = None, total: int | None = None) -> Iterator["Way"]:
        """In place of the bar that a pipeline without a callback draws of its steps."""
        self._steps = total or self._steps
        yield self

    def update(self, steps: int = 1) -> None:
        """What a pipeline calls to make its bar longer."""
        self._step()

    def _step(self) -> None:
        self._done = min(self._done + 1, self._steps)  # some go through all of them more than once
        is_last = self._done == self._steps
        self.reach(DENOISED * self._done / self._steps, DECODING if is_last else DENOISING)


@contextlib.contextmanager
def signs_of_life(go_on: Callable[[], None]) -> Iterator[None]:
    """Meanwhile `go_on` is called before each layer of each network, from whichever pipeline."""
    from torch.nn.modules.module import register_module_forward_pre_hook

    hook = register_module_forward_pre_hook(lambda module, arguments: go_on())
    try:
        yield
    finally:
        hook.remove()


def picture(frame: Any) -> Image:
    """A frame of a pipeline, (channels, height, width) from 0 to 1, or a Pillow picture, as the clip wants it."""
    if not hasattr(frame, "permute"):
        return np.asarray(frame.convert("RGB") if hasattr(frame, "convert") else frame * 255, np.uint8)
    numbers = frame.permute(1, 2, 0).float().cpu().numpy()
    if not np.isfinite(numbers).all():
        raise ArithmeticError("The pipeline made numbers that are none: another dtype, such as bfloat16, may help.")
    return np.asarray(np.rint(numbers.clip(0, 1) * 255), np.uint8)
