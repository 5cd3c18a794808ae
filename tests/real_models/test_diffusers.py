"""The model `diffusers` with real pipelines of four families, tiny and untrained, on the processor."""

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from model_proc.diffusion import loading
from model_proc.diffusion.asking import Asking
from model_proc.diffusion.loading import NotLoaded, _is_of_both
from model_proc.diffusion.model import DiffusersModel
from model_proc.loop import is_out_of_memory
from model_proc.model import Canceled
from model_proc.parameters import schema_of
from tests.real_models.tiny_pipelines import PIPELINES, save

pytestmark = pytest.mark.filterwarnings("default")  # the libraries' own

PICTURE = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
QUICK: dict[str, Any] = {"size": 32, "steps": 2, "frames": 9}


class FakeClip:
    fps = 30

    def __init__(self) -> None:
        self.frames: list[Any] = []

    def write(self, frame: Any) -> None:
        self.frames.append(frame)


class Told(list[tuple[float, str]]):
    """What was reported; `end` may say when enough was."""

    def end(self) -> bool:
        return False

    def __call__(self, progress: float, stage: str = "generating") -> None:
        self.append((progress, stage))
        if self.end():
            raise Canceled


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each pipeline as it lies on a disk."""
    return {name: save(name, tmp_path_factory.mktemp(name)) for name in PIPELINES}


@pytest.fixture(scope="session")
def models(folders: dict[str, Path]) -> dict[str, DiffusersModel]:
    """Each pipeline, loaded."""
    made = {name: DiffusersModel(str(folder), **QUICK) for name, folder in folders.items()}
    for model in made.values():
        model.load()
    return made


@pytest.fixture(params=PIPELINES)
def model(request: pytest.FixtureRequest, models: dict[str, DiffusersModel]) -> DiffusersModel:
    return models[request.param]


@pytest.fixture
def ltx(models: dict[str, DiffusersModel]) -> DiffusersModel:
    return models["ltx"]


def video(model: DiffusersModel, told: Told | None = None, **chosen: Any) -> FakeClip:
    clip = FakeClip()
    model.generate(PICTURE, clip, Told() if told is None else told, model.Parameters(**{"seed": 1, **chosen}))
    return clip


def same(one: FakeClip, other: FakeClip) -> bool:
    return all(np.array_equal(*frames) for frames in zip(one.frames, other.frames, strict=True))


# What people can choose

PROMPTS = ["prompt", "negative_prompt"]
DECLARED = {
    "svd": ["frames", "size", "fps", "steps", "guidance", "motion", "seed"],
    "wan": [*PROMPTS, "frames", "size", "steps", "guidance", "seed"],
    "ltx": [*PROMPTS, "frames", "size", "fps", "steps", "guidance", "seed"],
    "cogvideox": [*PROMPTS, "steps", "guidance", "seed"],  # of one size and length only
}


@pytest.mark.parametrize("name", PIPELINES)
def test_just_what_a_pipeline_takes_is_declared(models: dict[str, DiffusersModel], name: str) -> None:
    schema = json.loads(schema_of(models[name].Parameters))
    assert list(schema["properties"]) == DECLARED[name]
    assert schema["properties"]["steps"]["default"] == 2, "as the option says"


def test_lengths_and_sizes_are_those_that_the_pipeline_can_make(models: dict[str, DiffusersModel]) -> None:
    found = {name: json.loads(schema_of(model.Parameters))["properties"] for name, model in models.items()}
    for name, step in (("svd", 1), ("wan", 4), ("ltx", 8)):
        assert (found[name]["frames"]["default"], found[name]["frames"]["x-step"]) == (9, step)
    for name, step in (("svd", 8), ("wan", 16), ("ltx", 32)):
        assert (found[name]["size"]["default"], found[name]["size"]["x-step"]) == (32, step)
    assert found["ltx"]["frames"]["maximum"] == 161, "the pipeline's own default"


def test_without_options_the_defaults_are_the_pipelines_own(folders: dict[str, Path]) -> None:
    model = DiffusersModel(str(folders["svd"]))
    model.load()
    assert defaults_of(model) == {
        **{"frames": 8, "size": 576, "fps": 7, "steps": 25, "guidance": 3.0, "motion": 127, "seed": None}
    }


def defaults_of(asked: Any) -> dict[str, Any]:
    return {field.name: field.default for field in dataclasses.fields(asked.Parameters)}


def asking_like(name: str) -> Asking:
    """What a pipeline of the library is asked by its true signature, without its weights."""
    call = getattr(diffusers, name).__call__
    return Asking(type(name, (), {"__call__": call})(), {}, 4)


def test_the_wan_of_words_and_pictures_has_its_own_speed_and_size(tmp_path: Path, folders: dict[str, Path]) -> None:
    shutil.copytree(folders["wan"], tmp_path, dirs_exist_ok=True)
    index = json.loads((tmp_path / "model_index.json").read_text())
    index |= {"_class_name": "WanPipeline", "expand_timesteps": True}  # as it is published
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    model = DiffusersModel(str(tmp_path))
    model.load()
    defaults = defaults_of(model)
    assert (defaults["frames"], defaults["size"]) == (121, 704)
    assert model._asking.fps(model.Parameters()) == 24
    assert model._asking.arguments((1600, 900), model.Parameters())[1] == (1264, 704)


def test_a_negative_prompt_is_asked_for_only_where_it_is_heard() -> None:
    assert "negative_prompt" not in defaults_of(asking_like("HunyuanVideoImageToVideoPipeline"))
    assert "negative_prompt" in defaults_of(asking_like("HunyuanSkyreelsImageToVideoPipeline"))


def test_a_length_that_a_signature_leaves_open_is_the_familys() -> None:
    ltx2 = asking_like("LTX2ImageToVideoPipeline")
    defaults = defaults_of(ltx2)
    assert (defaults["frames"], defaults["fps"]) == (121, 24)


# Videos


def test_each_makes_a_video_of_the_pictures_shape_by_steps(model: DiffusersModel) -> None:
    clip, told = FakeClip(), Told()
    model.generate(PICTURE, clip, told, model.Parameters(seed=1))
    assert len(clip.frames) == 9
    height, width, channels = clip.frames[0].shape
    assert (channels, clip.frames[0].dtype) == (3, np.uint8)
    assert 1.4 < width / height < 2.1
    assert clip.fps == {"Stab": 7, "WanI": 16, "LTXI": 25, "CogV": 8}[type(model._pipeline).__name__[:4]]
    assert list(dict.fromkeys(stage for _, stage in told)) == ["preparing", "denoising", "decoding", "encoding"]
    assert {percent for percent, stage in told if stage == "denoising"} == {44.0}, "one of two steps"
    assert [percent for percent, _ in told] == sorted(percent for percent, _ in told)
    assert told[-1][0] == 100


def test_the_seed_alone_decides(ltx: DiffusersModel) -> None:
    assert same(video(ltx, seed=7), video(ltx, seed=7))
    assert not same(video(ltx, seed=7), video(ltx, seed=8))


def test_what_was_chosen_is_heard(ltx: DiffusersModel) -> None:
    usual = {"prompt": "a calm sea"}
    for changed in ({"prompt": "a storm"}, {"guidance": 20.0}, {"steps": 1}, {"negative_prompt": "blur"}):
        assert not same(video(ltx, **usual), video(ltx, **usual | changed)), changed
    assert len(video(ltx, frames=17).frames) == 17
    assert video(ltx, size=64).frames[0].shape == (64, 96, 3)
    assert video(ltx, fps=12).fps == 12


def test_motion_is_heard(models: dict[str, DiffusersModel]) -> None:
    short = {"frames": 2, "steps": 1}
    assert not same(video(models["svd"], **short), video(models["svd"], **short, motion=255))


def test_a_pipeline_that_tells_of_no_step_is_heard_by_its_bar(
    ltx: DiffusersModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ltx._asking, "reports_steps", False)
    monkeypatch.setattr(ltx._pipeline, "progress_bar", ltx._pipeline.progress_bar)  # put back afterwards
    told = Told()
    video(ltx, told, steps=4)
    assert {percent for percent, stage in told if stage == "denoising"} == {22.0, 44.0, 66.0}


# Cancel


class Counted:
    """How often this network ran."""

    def __init__(self, network: Any) -> None:
        self.runs = 0
        self._hook = network.register_forward_pre_hook(self)

    def __call__(self, *_: object) -> None:
        self.runs += 1

    def remove(self) -> None:
        self._hook.remove()


@pytest.fixture
def steps(ltx: DiffusersModel) -> Iterator[Counted]:
    counted = Counted(ltx._pipeline.transformer)
    yield counted
    counted.remove()


def test_a_cancel_ends_it_after_the_step(ltx: DiffusersModel, steps: Counted) -> None:
    class AfterTheFirstStep(Told):
        def end(self) -> bool:
            return self[-1][1] == "denoising"

    clip = FakeClip()
    with pytest.raises(Canceled):
        ltx.generate(PICTURE, clip, AfterTheFirstStep(), ltx.Parameters(seed=1, steps=50))
    assert steps.runs == 1
    assert not clip.frames
    assert len(video(ltx).frames) == 9, "and the next one is made"


def test_a_cancel_is_heard_in_the_middle_of_a_step(ltx: DiffusersModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_proc.diffusion.model.ALIVE_SECONDS", 0)
    ended: list[bool] = []
    network = ltx._pipeline.transformer
    hook = network.register_forward_hook(lambda *_: ended.append(True))
    begun: list[bool] = []
    other = network.transformer_blocks[0].register_forward_pre_hook(lambda *_: begun.append(True))

    class InTheBlock(Told):
        def end(self) -> bool:
            return bool(begun)

    try:
        with pytest.raises(Canceled):
            ltx.generate(PICTURE, FakeClip(), InTheBlock(), ltx.Parameters(seed=1))
    finally:
        hook.remove()
        other.remove()
    assert begun and not ended


def test_it_says_that_it_lives_while_it_decodes(ltx: DiffusersModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model_proc.diffusion.model.ALIVE_SECONDS", 0)
    told = Told()
    video(ltx, told)
    assert [stage for _, stage in told].count("decoding") > 10


# Memory


def test_without_memory_the_run_ends_as_such_and_the_next_is_made(ltx: DiffusersModel) -> None:
    hook = ltx._pipeline.transformer.register_forward_pre_hook(lambda *_: torch.empty(10**15))
    with pytest.raises(RuntimeError) as raised:
        video(ltx)
    hook.remove()
    assert is_out_of_memory(raised.value), "PyTorch's real error"
    assert is_out_of_memory(torch.OutOfMemoryError()), "the card's"
    assert len(video(ltx).frames) == 9


def test_decoding_is_done_in_pieces(models: dict[str, DiffusersModel]) -> None:
    for name in ("wan", "ltx", "cogvideox"):
        vae = models[name]._pipeline.vae
        assert vae.use_slicing and vae.use_tiling
    assert decoded(models["svd"], 0, frames=9) == [4, 4, 1]
    latents = decoded(models["ltx"], 2, frames=33)
    assert latents == [3, 3, 3, 2, 1], "overlapping, and never all five at once"


def decoded(model: DiffusersModel, axis: int, **chosen: Any) -> list[int]:
    """How much the decoder was given each time while a video was made."""
    pieces: list[int] = []
    hook = model._pipeline.vae.decoder.register_forward_pre_hook(
        lambda _, given: pieces.append(given[0].shape[axis])
    )
    assert len(video(model, steps=1, **chosen).frames) == chosen["frames"]
    hook.remove()
    return pieces


def test_numbers_that_are_none_are_no_video(ltx: DiffusersModel) -> None:
    hook = ltx._pipeline.transformer.register_forward_hook(lambda *given: (given[2][0] * float("nan"),))
    with pytest.raises(ArithmeticError, match="another dtype"):
        video(ltx)
    hook.remove()


def test_numbers_of_half_size_work_too(folders: dict[str, Path]) -> None:
    model = DiffusersModel(str(folders["ltx"]), dtype="bfloat16", attention_slicing=True, vae_tiling=False, **QUICK)
    model.load()
    assert model._pipeline.transformer.dtype == torch.bfloat16
    assert len(video(model).frames) == 9


# Loading


def not_loaded(**options: Any) -> str:
    with pytest.raises(NotLoaded) as raised:
        DiffusersModel(**options).load()
    return str(raised.value)


def test_weights_that_are_not_here_are_not_fetched_but_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(*_: object, **__: object) -> None:
        raise AssertionError("nobody allowed that")

    monkeypatch.setattr("socket.socket.connect", fetched)
    said = not_loaded(repo="Lightricks/LTX-Video")
    assert "not all on this machine" in said
    assert '`hf download Lightricks/LTX-Video --include "*/*" --include model_index.json`' in said
    assert "--model-option download=true" in said
    assert "LTX-Video --revision v2 --include" in not_loaded(repo="Lightricks/LTX-Video", revision="v2")


def test_a_hub_out_of_reach_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("socket.socket.connect", unreachable)
    said = not_loaded(repo="Lightricks/LTX-Video", download=True)
    assert "could not be downloaded" in said and "the hub is out of reach" in said


def test_what_is_no_pipeline_is_told(tmp_path: Path, folders: dict[str, Path]) -> None:
    assert (
        not_loaded(repo=str(tmp_path))
        == f"The folder {tmp_path} holds no pipeline of diffusers: it has no model_index.json."
    )
    assert not_loaded(repo=str(tmp_path / "none")) == f"There is no folder {tmp_path / 'none'}."
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "model_index.json").write_bytes((folders["ltx"] / "model_index.json").read_bytes())
    assert not_loaded(repo=str(broken)).startswith(f"The pipeline in {broken} is not whole: ")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({}, "is no pipeline of diffusers: its model_index.json names none."),
        ([], "is no pipeline of diffusers: its model_index.json names none."),
        ({"_class_name": ["pipeline", "Own"]}, "brings a program of its own, which is not run: take one without."),
        (
            {"_class_name": "FuturePipeline"},
            f"is a FuturePipeline, which diffusers {diffusers.__version__} does not know.",
        ),
    ],
)
def test_an_index_that_names_no_known_pipeline_is_told(tmp_path: Path, index: Any, said: str) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    assert not_loaded(repo=str(tmp_path)) == f"{tmp_path} {said}"


def test_the_patterns_that_are_recommended_take_the_pipelines_files_alone(folders: dict[str, Path]) -> None:
    from huggingface_hub.utils import filter_repo_objects

    own = [str(path.relative_to(folders["ltx"])) for path in folders["ltx"].rglob("*") if path.is_file()]
    others = ["ltx-video-2b-v0.9.safetensors", "README.md"]
    patterns = [word.strip('"') for word in loading.OWN_FILES.split() if word != "--include"]
    assert sorted(filter_repo_objects([*own, *others], allow_patterns=patterns)) == sorted(own)


def test_a_pipeline_of_words_alone_is_refused(tmp_path: Path, folders: dict[str, Path]) -> None:
    from diffusers import CogVideoXPipeline

    CogVideoXPipeline.from_pretrained(folders["cogvideox"]).save_pretrained(tmp_path)
    assert "is a CogVideoXPipeline, which makes nothing of a picture" in not_loaded(repo=str(tmp_path))


def test_weights_of_words_and_pictures_are_loaded_for_pictures(tmp_path: Path, folders: dict[str, Path]) -> None:
    """As `Lightricks/LTX-Video` and `Wan-AI/Wan2.2-TI2V-5B-Diffusers` are published."""
    from diffusers import LTXPipeline

    LTXPipeline.from_pretrained(folders["ltx"]).save_pretrained(tmp_path)
    model = DiffusersModel(repo=str(tmp_path), **QUICK)
    model.load()
    assert video(model).frames
    of_wan = {"_class_name": "WanPipeline", "expand_timesteps": True}
    assert _is_of_both(of_wan) and not _is_of_both({**of_wan, "expand_timesteps": False})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"device": "cuda"}, "There is no device cuda here that PyTorch can use; there is cpu."),
        ({"device": "abacus"}, "There is no device abacus here that PyTorch can use; there is cpu."),
        ({"offload": "model"}, "offload=model needs a graphics card"),
        ({"quantization": "4bit"}, "quantization=4bit needs bitsandbytes: pip install bitsandbytes"),
    ],
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a graphics card here")
def test_what_this_machine_cannot_do_is_told(folders: dict[str, Path], options: Any, said: str) -> None:
    assert not_loaded(repo=str(folders["ltx"]), **options).startswith(said)


def test_the_device_and_the_numbers_are_found() -> None:
    assert loading.found_device(torch, "cpu") == "cpu"
    assert loading.found_dtype(torch, "auto", "cpu") == torch.float32
    assert loading.found_dtype(torch, "float16", "cpu") == torch.float16


def test_a_model_is_known_without_loading_its_libraries() -> None:
    code = "import sys, model_proc.diffusion.model; print('torch' in sys.modules or 'diffusers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
