from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from model_proc.motion import Move, clip_size
from model_proc.relief import guess_relief
from tests.photographs import photograph

MOMENTS = np.linspace(0, 1, 25)


def ramp(width: int, height: int) -> np.ndarray:
    """Grows from left to right in red and from top to bottom in green."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.dstack([red, green, red * 0 + 128]).astype(np.uint8)


@pytest.mark.parametrize(
    ("picture", "clip"),
    [
        ((1600, 900), (1280, 720)),
        ((900, 1600), (720, 1280)),
        ((1000, 1000), (720, 720)),
        ((1, 1), (720, 720)),
        ((20, 20), (720, 720)),
        ((1, 60_000), (720, 2160)),
        ((60_000, 1), (2160, 720)),
        ((5000, 1000), (2160, 720)),
        ((801, 533), (1082, 720)),
    ],
)
def test_clip_keeps_the_pictures_shape_within_reason(picture, clip):
    assert clip_size(*picture, 720) == clip


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (20, 20), (1, 60_000), (60_000, 1), (33, 47), (400, 90)])
def test_picture_of_any_shape_moves(size):
    move = Move(ramp(*size), 90)
    frame = move.frame(0.4)
    assert frame.shape == (move.size[1], move.size[0], 3)
    assert frame.dtype == np.uint8
    assert all(side % 2 == 0 for side in move.size)


def test_first_frame_is_the_picture_itself():
    picture = photograph(0)
    move = Move(picture, 360)
    still = cv2.resize(picture, move.size, interpolation=cv2.INTER_AREA)
    assert np.abs(move.frame(0).astype(int) - still).mean() < 3


def test_colours_stay_the_pictures():
    picture = photograph(2, 128, 128)
    for moment in (0, 0.3, 0.5, 0.8):
        frame = Move(picture, 128).frame(moment)
        assert np.abs(frame.mean(axis=(0, 1)) - picture.mean(axis=(0, 1))).max() < 12


def test_move_ends_where_it_began():
    move = Move(photograph(1, 1024, 768), 180)
    assert np.array_equal(move.frame(0), move.frame(1))
    assert np.abs(move.frame(0).astype(int) - move.frame(179 / 180)).mean() < 1


def test_something_moves():
    move = Move(photograph(0), 180)
    assert np.abs(move.frame(0).astype(int) - move.frame(0.5)).mean() > 5


def test_near_things_move_more_than_far_ones():
    grain = np.random.default_rng(2).integers(0, 20, (240, 240, 3))
    picture = (np.full((240, 240, 3), (90, 140, 220)) + grain).astype(np.uint8)
    picture[60:240, 90:150] //= 4
    relief = guess_relief(picture)
    assert relief[200, 128] > relief[40, 20] + 0.3


def test_move_never_leaves_the_picture():
    # Past an edge the picture would be seen mirrored, and a ramp would fall again.
    for size in ((300, 200), (200, 300), (200, 200)):
        move = Move(ramp(*size), 120)
        for moment in MOMENTS:
            frame = move.frame(moment).astype(int)
            assert np.diff(frame[..., 0], axis=1).min() >= -1
            assert np.diff(frame[..., 1], axis=0).min() >= -1


def test_long_picture_is_shown_whole_before_a_darker_one():
    picture = np.full((40, 400, 3), 200, np.uint8)
    frame = Move(picture, 120).frame(0)
    assert frame.shape == (120, 360, 3)
    assert (frame[60] == 200).all()
    assert frame[5].max() < 100


def test_motion_is_smooth_below_the_pixel():
    x = np.arange(320)
    bump = 255 * np.exp(-((x - 260) ** 2) / (2 * 8**2))
    picture = np.repeat(np.repeat(bump[None, :, None], 240, axis=0), 3, axis=2).astype(np.uint8)
    move = Move(picture, 240)
    rows = [move.frame(number / 180)[120, :, 0].astype(float) for number in range(181)]
    path = np.array([(row * x).sum() / row.sum() for row in rows])
    steps = np.diff(path)
    assert np.ptp(path) > 3
    assert np.abs(steps).max() < 1
    assert np.abs(np.diff(steps)).max() < 0.05


def test_neighbouring_frames_differ_evenly():
    move = Move(photograph(0), 180)
    frames = [move.frame(number / 60).astype(int) for number in range(61)]
    changes = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
    assert np.abs(np.diff(changes)).max() < 0.25 * changes.max()


def test_text_hardly_bends():
    page = Pillow.new("RGB", (640, 400), "white")
    for y in range(40, 380, 20):
        page.paste((20, 20, 30), (40, y, 600, y + 3))
    assert np.ptp(guess_relief(np.array(page))) < 0.25


@pytest.mark.parametrize("seed", range(5))
def test_upright_posts_hardly_bow(seed):
    """A post as high as a quarter of the picture: how far its middle's relief is from that of its ends."""
    relief = guess_relief(photograph(seed))
    half = len(relief) // 8
    bow = (relief[: -2 * half] + relief[2 * half :]) / 2 - relief[half:-half]
    assert np.abs(bow).max() < 0.16
    assert np.ptp(relief) > 0.6, "near and far are still apart"
