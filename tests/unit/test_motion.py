from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from model_proc.motion import Move, clip_size
from model_proc.path import DIRECTIONS, CameraPath, chosen
from model_proc.relief import guess_relief
from tests.photographs import photograph

MOMENTS = np.linspace(0, 1, 25)
INTO = CameraPath("in")
STRONGEST = 1.5
EACH = pytest.mark.parametrize("direction", DIRECTIONS)


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
    move = Move(ramp(*size), 90, INTO)
    frame = move.frame(0.4)
    assert frame.shape == (move.size[1], move.size[0], 3)
    assert frame.dtype == np.uint8
    assert all(side % 2 == 0 for side in move.size)


def test_first_frame_is_the_picture_itself():
    picture = photograph(0)
    move = Move(picture, 360, INTO)
    still = cv2.resize(picture, move.size, interpolation=cv2.INTER_AREA)
    assert np.abs(move.frame(0).astype(int) - still).mean() < 3


def test_colours_stay_the_pictures():
    picture = photograph(2, 128, 128)
    for moment in (0, 0.3, 0.5, 0.8):
        frame = Move(picture, 128, INTO).frame(moment)
        assert np.abs(frame.mean(axis=(0, 1)) - picture.mean(axis=(0, 1))).max() < 12


@EACH
def test_a_loop_ends_where_it_began_at_the_same_pace(direction):
    move = Move(photograph(1, 1024, 768), 180, CameraPath(direction))
    assert np.array_equal(move.frame(0), move.frame(1))
    (last, first, second) = (move.travel(moment)[0] for moment in (179 / 180, 0, 1 / 180))
    assert np.abs((second - first) - (first - last)).max() < 0.0003, "no jolt where it goes on"


@EACH
def test_the_camera_goes_where_it_was_told(direction):
    """Seen in the frames themselves, by their optical flow."""
    move = Move(photograph(0), 180, CameraPath(direction, loop=direction == "around"))
    begin, end = move.frame(0), move.frame(0.5 if direction == "around" else 1)
    across, down = flow(begin, end)
    outwards = (across[:, -60:].mean() - across[:, :60].mean()) + (down[-40:].mean() - down[:40].mean())
    match direction:
        case "in":
            assert outwards > 10
        case "out":
            assert outwards < -10
        case "left":
            assert across.mean() > 10, "the camera goes left, what it sees goes right"
        case "right":
            assert across.mean() < -10
        case "around":
            assert abs(down.mean()) > 4, "up there, down here"
            aside, _ = flow(move.frame(0.25), move.frame(0.75))
            assert abs(aside.mean()) > 4, "left there, right here"


@EACH
def test_it_moves_more_than_two_hundredths_of_the_width_each_second(direction):
    """The loop of one kind that there was before moved by 0.8."""
    move = Move(photograph(0), 180, CameraPath(direction))
    frames = [move.frame(number / 24) for number in range(25)]
    paces = [np.hypot(*flow(a, b)).mean() / move.size[0] for a, b in pairwise(frames)]
    assert sum(paces) / 6 > 0.02, "in six seconds"


def test_strength_is_how_far_it_goes():
    weak, usual, strong = (travelled(CameraPath("right", strength)) for strength in (0.25, 1, STRONGEST))
    assert weak < 0.4 * usual
    assert strong > 1.3 * usual


def test_a_seed_draws_the_direction_and_what_varies_within_one():
    assert {chosen(seed).direction for seed in range(40)} == set(DIRECTIONS)
    assert chosen(7) == chosen(7)
    assert len({chosen(seed, "in") for seed in range(10)}) > 5
    assert all(chosen(seed, "left").direction == "left" for seed in range(10))


@EACH
@pytest.mark.parametrize("seed", range(3))
def test_nothing_tears_or_folds_at_any_strength(direction, seed):
    """What lies side by side stays so, and nothing is stretched to twice its size."""
    move = Move(photograph(seed), 180, chosen(seed, direction, STRONGEST))
    for moment in MOMENTS:
        across, down = move.travel(moment)
        steps = np.diff(across, axis=1) * across.shape[1], np.diff(down, axis=0) * down.shape[0]
        assert min(step.min() for step in steps) > 0.5
        assert max(step.max() for step in steps) < 1.5


@EACH
def test_lines_of_text_stay_straight(direction):
    page = Pillow.new("RGB", (640, 400), "white")
    for y in range(40, 380, 20):
        page.paste((20, 20, 30), (40, y, 600, y + 3))
    move = Move(np.array(page), 400, CameraPath(direction, STRONGEST))
    for moment in MOMENTS:
        across, down = move.travel(moment)
        for line in (*down[::10], *across.T[::10]):
            along = np.arange(len(line))
            bend = line - np.polyval(np.polyfit(along, line, 1), along)
            assert np.abs(bend).max() < 0.006, "a share of the picture's side: two pixels of 400"


def travelled(path):
    """How far what is seen in the middle goes, as a share of the picture's width."""
    move = Move(photograph(0), 180, path)
    middles = [float(move.travel(moment)[0].mean()) for moment in MOMENTS]
    return np.ptp(middles)


def flow(begin, end):
    """How many pixels to the right, and down, each place has gone."""
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (begin, end)]
    found = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)
    return found[..., 0], found[..., 1]


def test_near_things_move_more_than_far_ones():
    grain = np.random.default_rng(2).integers(0, 20, (240, 240, 3))
    picture = (np.full((240, 240, 3), (90, 140, 220)) + grain).astype(np.uint8)
    picture[60:240, 90:150] //= 4
    relief = guess_relief(picture)
    assert relief[200, 128] > relief[40, 20] + 0.3


@EACH
@pytest.mark.parametrize("strength", [0.25, 1, STRONGEST])
def test_move_never_leaves_the_picture(direction, strength):
    for size in ((300, 200), (200, 300), (200, 200)):
        for lean in (-1, 1):
            move = Move(ramp(*size), 120, CameraPath(direction, strength, lean, lean))
            for moment in MOMENTS:
                for places in move.travel(moment):
                    assert places.min() >= 0
                    assert places.max() <= 1


def test_long_picture_is_shown_whole_before_a_darker_one():
    picture = np.full((40, 400, 3), 200, np.uint8)
    frame = Move(picture, 120, INTO).frame(0)
    assert frame.shape == (120, 360, 3)
    assert (frame[60] == 200).all()
    assert frame[5].max() < 100


def test_motion_is_smooth_below_the_pixel():
    x = np.arange(320)
    bump = 255 * np.exp(-((x - 220) ** 2) / (2 * 8**2))
    picture = np.repeat(np.repeat(bump[None, :, None], 240, axis=0), 3, axis=2).astype(np.uint8)
    move = Move(picture, 240, INTO)
    rows = [move.frame(number / 180)[120, :, 0].astype(float) for number in range(181)]
    path = np.array([(row * x).sum() / row.sum() for row in rows])
    steps = np.diff(path)
    assert np.ptp(path) > 3
    assert np.abs(steps).max() < 1
    assert np.abs(np.diff(steps)).max() < 0.09  # OpenCV knows 32 places within a pixel


def test_neighbouring_frames_differ_evenly():
    move = Move(photograph(0), 180, INTO)
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
