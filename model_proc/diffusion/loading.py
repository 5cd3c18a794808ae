"""A pipeline from a folder or the hub's cache, on its device, within its memory.

What it is asked is `asking`'s. Danger: weights are tens of gigabytes, and nobody may fetch them by surprise:
nothing here goes to the network without `download`.
"""

import contextlib
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

DType = Literal["auto", "bfloat16", "float16", "float32"]
Offload = Literal["none", "model", "sequential"]
Quantization = Literal["none", "8bit", "4bit"]

INDEX = "model_index.json"  # what makes a folder a pipeline's
# Repositories whose weights make videos of pictures too, though they name the pipeline of words alone.
OF_BOTH = {
    "LTXPipeline": "LTXImageToVideoPipeline",
    "LTX2Pipeline": "LTX2ImageToVideoPipeline",
    "SkyReelsV2DiffusionForcingPipeline": "SkyReelsV2DiffusionForcingImageToVideoPipeline",
    "WanPipeline": "WanImageToVideoPipeline",  # where each frame has a step of its own, see `_is_of_both`
}
INSTALL = "pip install -e '.[diffusers]' in Leyline's folder"
OWN_FILES = f'--include "*/*" --include {INDEX}'  # what hf is told, or it fetches every other program's weights too


class NotLoaded(Exception):
    """The pipeline cannot be loaded as things stand; the message says what to do."""


@dataclass(frozen=True)
class Wanted:
    """Which pipeline, and how; see `DiffusersModel`."""

    repo: str
    revision: str | None
    variant: str | None
    download: bool
    dtype: DType
    device: str
    offload: Offload
    quantization: Quantization
    attention_slicing: bool
    vae_tiling: bool


def loaded(wanted: Wanted) -> Any:
    """The pipeline, ready to be called; else `NotLoaded`."""
    try:
        import diffusers
        import torch
    except ImportError as error:
        raise NotLoaded(f"{error.name} is not installed: {INSTALL}") from None
    device = found_device(torch, wanted.device)
    dtype = found_dtype(torch, wanted.dtype, device)
    diffusers.utils.logging.disable_progress_bar()  # a log is no terminal
    _quieten_transformers()
    pipeline = _from_pretrained(diffusers, wanted, dtype)
    name = type(pipeline).__name__
    if "image" not in inspect.signature(pipeline.__call__).parameters:
        raise NotLoaded(
            f"{wanted.repo} is a {name}, which makes nothing of a picture: take one for image to video."
        )
    pipeline.set_progress_bar_config(disable=True)
    _spare_memory(pipeline, wanted)
    _place(pipeline, wanted, device)
    return pipeline


def found_device(torch: Any, wanted: str) -> str:
    """The device that is wanted, or the best that there is for `auto`; `NotLoaded` where it is not there."""
    there = [kind for kind in ("cuda", "xpu", "mps") if _is_there(torch, kind)]
    if wanted == "auto":
        return there[0] if there else "cpu"
    kind, _, number = wanted.partition(":")
    if kind not in (*there, "cpu"):
        raise NotLoaded(
            f"There is no device {wanted} here that PyTorch can use; there is {', '.join((*there, 'cpu'))}."
        )
    if number and not (number.isdecimal() and int(number) < (getattr(torch, kind).device_count() if there else 1)):
        raise NotLoaded(f"There is no device {wanted} here.")
    return wanted


def found_dtype(torch: Any, wanted: DType, device: str) -> Any:
    """The numbers that are wanted, or the smallest that this device is good at for `auto`."""
    if wanted != "auto":
        return getattr(torch, wanted)
    if device == "cpu":
        return torch.float32
    if device.startswith("cuda") and not torch.cuda.is_bf16_supported():
        return torch.float16
    return torch.bfloat16


def _is_there(torch: Any, kind: str) -> bool:
    backend = torch.backends.mps if kind == "mps" else getattr(torch, kind, None)
    return backend is not None and bool(backend.is_available())


def _from_pretrained(diffusers: Any, wanted: Wanted, dtype: Any) -> Any:
    folder = Path(wanted.repo).expanduser()
    if folder.is_dir():
        if not (folder / INDEX).is_file():
            raise NotLoaded(f"The folder {folder} holds no pipeline of diffusers: it has no {INDEX}.")
    elif _is_path(wanted.repo):
        raise NotLoaded(f"There is no folder {folder}.")
    where = str(folder) if folder.is_dir() else wanted.repo
    cached: dict[str, Any] = {"local_files_only": not wanted.download}
    if wanted.revision:
        cached["revision"] = wanted.revision
    options = {**cached, "dtype": dtype, **_quantized(diffusers, wanted, dtype)}
    if wanted.variant:
        options["variant"] = wanted.variant
    try:
        index = diffusers.DiffusionPipeline.load_config(where, **cached)
        name = _known_name(diffusers, wanted, index)
        of_pictures = OF_BOTH.get(name, "") if _is_of_both(index) else ""
        return getattr(diffusers, of_pictures or "DiffusionPipeline").from_pretrained(where, **options)
    except ImportError as error:
        raise NotLoaded(f"{wanted.repo} needs a package that is not installed: {error}") from error
    except OSError as error:  # as are the hub's own errors, and those of a network
        if folder.is_dir():
            raise NotLoaded(f"The pipeline in {folder} is not whole: {error}") from error
        raise NotLoaded(_not_here(wanted)) from error


def _known_name(diffusers: Any, wanted: Wanted, index: Any) -> str:
    """The class of the pipeline; `NotLoaded` where the index names none that this diffusers has."""
    name = index.get("_class_name") if isinstance(index, Mapping) else None
    if isinstance(name, list):  # of a file of the repository's own, and its class
        raise NotLoaded(f"{wanted.repo} brings a program of its own, which is not run: take one without.")
    if not name or not isinstance(name, str):
        raise NotLoaded(f"{wanted.repo} is no pipeline of diffusers: its {INDEX} names none.")
    if not hasattr(diffusers, name):
        raise NotLoaded(f"{wanted.repo} is a {name}, which diffusers {diffusers.__version__} does not know.")
    return name


def _is_of_both(index: Mapping[str, Any]) -> bool:
    """Of Wan's, those of words and pictures only: the others' weights expect words alone."""
    return index["_class_name"] != "WanPipeline" or bool(index.get("expand_timesteps"))


def _is_path(repo: str) -> bool:
    """Whether this can only be a folder, since the hub has `name` and `owner/name`."""
    return repo.startswith((".", "/", "~")) or repo.count("/") > 1 or os.sep != "/"


def _not_here(wanted: Wanted) -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    revision = f" --revision {wanted.revision}" if wanted.revision else ""
    fetch = f"`hf download {wanted.repo}{revision} {OWN_FILES}`"
    if wanted.download:
        return (
            f"The weights of {wanted.repo} are not all in {HF_HUB_CACHE}, and could not be downloaded: there is no "
            f"such repository, it asks for a licence or HF_TOKEN, or the hub is out of reach. {fetch} says which."
        )
    return (
        f"The weights of {wanted.repo} are not all on this machine: download them with {fetch}, which puts them "
        f"into {HF_HUB_CACHE}; or let Leyline do it with --model-option download=true."
    )


def _quantized(diffusers: Any, wanted: Wanted, dtype: Any) -> dict[str, Any]:
    if wanted.quantization == "none":
        return {}
    if not find_spec("bitsandbytes"):
        raise NotLoaded(f"quantization={wanted.quantization} needs bitsandbytes: pip install bitsandbytes")
    bits = wanted.quantization.removesuffix("bit")
    settings: dict[str, Any] = {f"load_in_{wanted.quantization}": True}
    if bits == "4":
        settings |= {"bnb_4bit_quant_type": "nf4", "bnb_4bit_compute_dtype": dtype}
    try:
        config = diffusers.PipelineQuantizationConfig(
            quant_backend=f"bitsandbytes_{bits}bit",
            quant_kwargs=settings,
            components_to_quantize=["transformer", "transformer_2", "unet"],
        )
    except (ImportError, ValueError) as error:
        raise NotLoaded(f"quantization={wanted.quantization} cannot be done here: {error}") from error
    return {"quantization_config": config}


def _quieten_transformers() -> None:
    with contextlib.suppress(ImportError):  # no pipeline of today does without, but one may
        from transformers.utils import logging

        logging.disable_progress_bar()


def _spare_memory(pipeline: Any, wanted: Wanted) -> None:
    vae: Any = getattr(pipeline, "vae", None)
    for piecewise in ("enable_slicing", "enable_tiling") if wanted.vae_tiling else ():
        if hasattr(vae, piecewise):
            try:
                getattr(vae, piecewise)()
            except NotImplementedError:  # some only inherit the name
                continue
    if wanted.vae_tiling and hasattr(vae, "use_framewise_decoding"):  # LTX's tiles are of all frames without
        vae.use_framewise_decoding = True
    if wanted.attention_slicing:
        pipeline.enable_attention_slicing()


def _place(pipeline: Any, wanted: Wanted, device: str) -> None:
    if wanted.offload == "none":
        pipeline.to(device)
        return
    if device == "cpu":
        raise NotLoaded(
            f"offload={wanted.offload} needs a graphics card: on the processor there is nothing to spare."
        )
    if wanted.offload == "model":
        pipeline.enable_model_cpu_offload(device=device)
    else:
        pipeline.enable_sequential_cpu_offload(device=device)
