import dataclasses
import time

import numpy as np
import pytest

from model_proc.model import Canceled
from model_proc.parallax import ParallaxModel, choices
from model_proc.simulated import SimulatedModel

PICTURE = np.random.default_rng(1).integers(0, 255, (90, 160, 3), np.uint8)
QUICK = {"model_seconds": 0.05, "clip_seconds": 1.0, "clip_height": 180}
TRIES = 5  # the machine may be busy with other things


class FakeClip:
    fps = 30

    def __init__(self) -> None:
        self.frames: list[np.ndarray] = []
        self.times: list[float] = []

    def write(self, frame: np.ndarray) -> None:
        self.frames.append(frame)
        self.times.append(time.monotonic())


class Told(list[tuple[float, str]]):
    def __call__(self, progress: float, stage: str = "generating") -> None:
        self.append((progress, stage))


def loaded(parameters: dict[str, float | str]) -> SimulatedModel:
    model = SimulatedModel(parameters)
    model.load()
    return model


def fast() -> ParallaxModel:
    model = ParallaxModel(seconds=1, height=64)
    model.load()
    return model


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(*frames) for frames in zip(one, other, strict=True))


def generated(parameters: dict[str, float | str]) -> tuple[FakeClip, Told, float]:
    model, clip, told = loaded(parameters), FakeClip(), Told()
    began = time.monotonic()
    model.generate(PICTURE, clip, told)
    return clip, told, time.monotonic() - began


@pytest.mark.alone
def test_takes_its_time_and_hardly_more():
    for _ in range(TRIES):
        _, _, seconds = generated({**QUICK, "model_seconds": 0.8})
        assert seconds >= 0.8
        if seconds <= 1.0:
            return
    raise AssertionError(seconds)


def test_work_that_needs_longer_is_never_cut_short():
    clip, _, _ = generated({**QUICK, "model_seconds": 0})
    assert len(clip.frames) == 30


def test_clip_has_the_length_and_shape_that_were_asked_for():
    clip, _, _ = generated({**QUICK, "clip_seconds": 0.5})
    assert len(clip.frames) == 15
    assert clip.frames[0].shape == (180, 320, 3)


@pytest.mark.alone
def test_frames_are_spread_evenly_over_the_time():
    for _ in range(TRIES):
        clip, _, _ = generated({"model_seconds": 1.2, "clip_seconds": 0.5, "clip_height": 64})
        if np.diff(clip.times).max() < 0.16:  # 1.2 s / 15 frames = 0.08 s each
            return
    raise AssertionError(np.diff(clip.times))


def test_stages_are_told_in_the_order_in_which_they_happen():
    _, told, _ = generated({**QUICK, "model_seconds": 0.5})
    assert list(dict.fromkeys(stage for _, stage in told)) == ["looking at the picture", "generating"]


def test_progress_grows_with_time_from_nothing_to_all():
    _, told, _ = generated({**QUICK, "model_seconds": 0.5})
    progress = [percent for percent, _ in told]
    assert progress[0] == 0
    assert progress[-1] == 100
    assert progress == sorted(progress)


@pytest.mark.alone
def test_cancel_is_heard_while_it_waits():
    assert any(seconds_to_hear_a_cancel() < 0.3 for _ in range(TRIES))


def seconds_to_hear_a_cancel() -> float:
    class Order(Told):
        def __call__(self, progress: float, stage: str = "generating") -> None:
            super().__call__(progress, stage)
            if time.monotonic() > ordered_at:
                raise Canceled

    model = loaded({"model_seconds": 60, "clip_seconds": 1, "clip_height": 64})
    ordered_at = time.monotonic() + 0.25
    with pytest.raises(Canceled):
        model.generate(PICTURE, FakeClip(), Order())
    return time.monotonic() - ordered_at


# What people choose


def video(model, picture=PICTURE, **chosen):
    clip = FakeClip()
    model.generate(picture, clip, Told(), parameters=model.Parameters(**chosen))
    return clip.frames


@pytest.mark.parametrize("model", [loaded(QUICK), fast()], ids=["simulated", "parallax"])
def test_a_seed_makes_the_same_video_again_and_another_one_another(model):
    assert same(video(model, seed=5), video(model, seed=5))
    assert not same(video(model, seed=5), video(model, seed=6))


def test_without_a_seed_each_picture_has_its_own_way():
    model = fast()
    other = PICTURE.copy()
    other[0, 0] ^= 1
    assert same(video(model), video(model))
    assert not same(video(model), video(model, other))


@pytest.mark.parametrize("model", [loaded(QUICK), fast()], ids=["simulated", "parallax"])
def test_the_length_is_as_chosen(model):
    assert len(video(model, seconds=0.4)) == 12
    assert len(video(model)) == 30


def test_direction_strength_and_loop_are_heard():
    model = fast()
    pictures = [
        video(model, seed=1, direction=direction, strength=strength, loop=loop)[10]
        for direction in ("in", "left")
        for strength in (25, 100)
        for loop in (True, False)
    ]
    assert len({picture.tobytes() for picture in pictures}) == 8


def test_one_way_ends_at_its_end():
    model = fast()
    there = video(model, direction="left", loop=False, seed=1)
    back = video(model, direction="right", loop=False, seed=1)
    assert np.abs(there[0].astype(int) - back[-1]).max() <= 1
    assert np.abs(there[-1].astype(int) - back[0]).max() <= 1


def test_parallax_is_as_fast_as_the_machine():
    model, told = fast(), Told()
    model.generate(PICTURE, clip := FakeClip(), told)
    assert (clip.fps, len(clip.frames), clip.frames[0].shape) == (30, 30, (64, 114, 3))
    assert told[0] == (0, "looking at the picture")
    assert told[-1] == (100, "generating")
    assert len(told) == 31, "it waits for nothing in between"


@pytest.mark.parametrize("wrong", [{"seconds": 0}, {"seconds": 4000}, {"height": 8}, {"height": 9999}, {"fps": 0}])
def test_an_option_of_parallax_that_cannot_be_is_told(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ParallaxModel(**wrong)


@pytest.mark.parametrize("usual", [0.2, 1, 6, 7.25, 60])
def test_the_usual_length_is_one_that_may_be_chosen(usual):
    (length,) = [each for each in dataclasses.fields(choices(usual)) if each.name == "seconds"]
    assert length.default == usual
    assert length.metadata["minimum"] <= usual <= length.metadata["maximum"]
    steps = (usual - length.metadata["minimum"]) / length.metadata.get("step", usual)
    assert "step" not in length.metadata or steps == round(steps)
