"""Sizes and lengths that a pipeline can make."""

from types import SimpleNamespace

import pytest

from model_proc.diffusion.fitting import (
    fitted_frames,
    fitted_size,
    frame_step,
    is_of_one_size,
    nearest,
    side_multiple,
)


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        ((1600, 900), (848, 480)),
        ((900, 1600), (480, 848)),
        ((1000, 1000), (624, 624)),
        ((4000, 100), (1088, 368)),
        ((1, 4000), (368, 1088)),
    ],
)
def test_a_video_has_the_pictures_shape_and_always_about_as_many_pixels(picture, size):
    assert fitted_size(picture, 832 * 480, 16) == size


@pytest.mark.parametrize("multiple", [8, 16, 32, 64, 96])
@pytest.mark.parametrize("picture", [(1, 1), (2048, 3), (640, 427), (3, 2048)])
def test_both_sides_are_multiples(picture, multiple):
    for area in (1, 512 * 512, 1280 * 720):
        assert all(side % multiple == 0 and side >= 32 for side in fitted_size(picture, area, multiple))


def test_a_side_is_never_nothing():
    assert (nearest(1, 8), nearest(1, 96), nearest(101, 8)) == (32, 96, 104)


@pytest.mark.parametrize(
    ("frames", "step", "fitted"),
    [(81, 4, 81), (80, 4, 81), (82, 4, 81), (1, 4, 5), (161, 8, 161), (13, 8, 17), (14, 1, 14)],
)
def test_a_length_is_whole_steps_and_one(frames, step, fitted):
    assert fitted_frames(frames, step) == fitted


def pipeline(transformer=None, unet=None, **said):
    configured = {
        name: SimpleNamespace(config=SimpleNamespace(**each))
        for name, each in (("transformer", transformer), ("unet", unet))
        if each is not None
    }
    return SimpleNamespace(**said, **configured)


@pytest.mark.parametrize(
    ("of", "multiple", "step"),
    [
        (
            pipeline(
                transformer={"patch_size": (1, 2, 2)}, vae_scale_factor_spatial=8, vae_scale_factor_temporal=4
            ),
            16,
            4,
        ),
        (
            pipeline(
                transformer={"patch_size": (1, 2, 2)}, vae_scale_factor_spatial=16, vae_scale_factor_temporal=4
            ),
            32,
            4,
        ),
        (
            pipeline(
                transformer={"patch_size": 1}, vae_spatial_compression_ratio=32, vae_temporal_compression_ratio=8
            ),
            *(32, 8),
        ),
        (pipeline(transformer={"patch_size": 2}, vae_scale_factor_spatial=8, vae_scale_factor_temporal=4), 16, 4),
        (pipeline(unet={"block_out_channels": (320, 640, 1280, 1280)}, vae_scale_factor=8), 64, 1),
        (pipeline(transformer={}), 16, 1),
        (pipeline(), 8, 1),
    ],
    ids=["wan", "wan 2.2 5B", "ltx", "cogvideox", "svd", "no patch", "nothing"],
)
def test_what_a_pipeline_needs_is_found_in_it(of, multiple, step):
    assert (side_multiple(of), frame_step(of)) == (multiple, step)


def test_places_learned_by_heart_are_of_one_size():
    assert is_of_one_size(pipeline(transformer={"use_learned_positional_embeddings": True}))
    assert not is_of_one_size(pipeline(transformer={"use_learned_positional_embeddings": False}))
    assert not is_of_one_size(pipeline(unet={}))
