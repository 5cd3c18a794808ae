"""What sizes and lengths a pipeline can make, and the nearest of them to what is wanted. Pure arithmetic.

Danger: a side or a length that is off by one pixel or frame is an error deep inside a pipeline, after minutes.
"""

import math
from typing import Any

Size = tuple[int, int]  # width, height

LEAST_SIDE = 32  # pixels; of anything smaller no pipeline makes a picture
LONGEST_ASPECT = 3.0  # of a video; a longer picture is cut


def fitted_size(picture: Size, area: int, multiple: int) -> Size:
    """The size of a video of the picture's shape, of about `area` pixels, both sides being multiples."""
    aspect = min(max(picture[0] / picture[1], 1 / LONGEST_ASPECT), LONGEST_ASPECT)
    width, height = math.sqrt(area * aspect), math.sqrt(area / aspect)
    return nearest(width, multiple), nearest(height, multiple)


def nearest(side: float, multiple: int) -> int:
    """The multiple that is nearest to `side`, from `LEAST_SIDE` up, or the smallest above that."""
    least = -(-LEAST_SIDE // multiple)
    return multiple * max(least, round(side / multiple))


def fitted_frames(frames: int, step: int) -> int:
    """The nearest length that is whole steps and one frame: a video's latents begin with a frame of their own."""
    return frames if step == 1 else max(1, round((frames - 1) / step)) * step + 1


def side_multiple(pipeline: Any) -> int:
    """What both sides must be multiples of: pixels of one latent, times latents of one patch or of all halvings."""
    latent = latent_side(pipeline)
    transformer = getattr(pipeline, "transformer", None)
    if transformer is not None:
        patch = getattr(transformer.config, "patch_size", None) or 1
        return math.lcm(latent * (patch if isinstance(patch, int) else patch[-1]), 16)
    unet = getattr(pipeline, "unet", None)
    halvings = len(getattr(unet.config, "block_out_channels", ())) - 1 if unet is not None else 0
    return math.lcm(latent * 2 ** max(0, halvings), 8)


def latent_side(pipeline: Any) -> int:
    """How many pixels one latent is wide and high."""
    return _first(pipeline, "vae_scale_factor_spatial", "vae_spatial_compression_ratio", "vae_scale_factor") or 8


def frame_step(pipeline: Any) -> int:
    """How many frames one latent stands for."""
    return _first(pipeline, "vae_scale_factor_temporal", "vae_temporal_compression_ratio") or 1


def is_of_one_size(pipeline: Any) -> bool:
    """Whether it has learned the places of one size and length by heart, and can make no other."""
    config = getattr(getattr(pipeline, "transformer", None), "config", None)
    return bool(getattr(config, "use_learned_positional_embeddings", False))


def _first(pipeline: Any, *names: str) -> int | None:
    return next((int(value) for name in names if (value := getattr(pipeline, name, None))), None)
