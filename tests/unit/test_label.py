"""A label in a picture: readable at any size, in any script that a font here has, and never as boxes."""

import numpy as np
import pytest

from model_proc import label
from model_proc.label import Label, NotDrawable, font_for

GREY = 110
SIZES = [(1280, 720), (720, 1280), (320, 180), (64, 48), (2048, 2), (16, 16), (2, 2), (1920, 1080)]
LONG = "For everybody who was there when the lights went out, and for those who slept on"


def drawn(text: str, width: int = 640, height: int = 360) -> "np.ndarray":
    """A grey frame with the label, as PyAV has it: light first, then both colours."""
    planes = np.full((height * 3 // 2, width), GREY, np.uint8)
    Label(text, width, height).lay_on(planes)
    return planes


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("text", ["A", "For Anna", LONG])
def test_it_fits_into_a_picture_of_any_size(text: str, width: int, height: int) -> None:
    planes = drawn(text, width, height)
    assert planes.shape == (height * 3 // 2, width)
    if width >= 64 and height >= 48:
        light = planes[:height]
        assert light.max() > 200, "light letters"
        assert light.min() < 70, "and darkness behind them"


def test_most_of_the_picture_is_left_as_it_is() -> None:
    light = drawn("For Anna")[:360]
    touched = light != GREY
    assert 0.01 < touched.mean() < 0.1
    assert not touched[90:].any() and not touched[:, 320:].any(), "it stands in one corner"


def test_colours_go_behind_the_letters() -> None:
    planes = np.full((540, 640), 200, np.uint8)
    Label("For Anna", 640, 360).lay_on(planes)
    colours = planes[360:].reshape(2, 180, 320)
    assert np.abs(colours[:, 8:20, 10:60].astype(int) - 128).mean() < 40
    assert (colours[:, 100:, :] == 200).all()


def test_letters_are_as_large_as_the_picture_allows() -> None:
    def height_of_letters(width: int, height: int, text: str = "H") -> int:
        rows = np.flatnonzero((drawn(text, width, height)[:height] > 180).any(axis=1))
        return int(rows.max() - rows.min()) + 1

    assert height_of_letters(1280, 720) >= 30
    assert height_of_letters(320, 180) >= 7
    assert height_of_letters(1280, 720) > height_of_letters(640, 360)


def test_a_long_one_is_broken_between_words_and_is_all_there() -> None:
    font = label._opened(font_for(LONG), 20)
    lines = list(label.wrapped(LONG, font, 300))
    assert len(lines) > 2
    assert " ".join(lines) == LONG
    assert all(font.getlength(line) <= 300 for line in lines)


def test_a_word_longer_than_a_line_is_broken_in_itself() -> None:
    font = label._opened(font_for("w"), 20)
    lines = list(label.wrapped("w" * 80, font, 300))
    assert len(lines) > 3 and "".join(lines) == "w" * 80
    assert all(font.getlength(line) <= 300 for line in lines)


@pytest.mark.parametrize(
    "text", ["Für Zoë & Ångström", "Για την Άννα", "Для Анны", "عبد الله", "שלום", "Bà Nguyễn"]
)
def test_scripts_that_a_font_here_has_are_drawn(text: str) -> None:
    assert drawn(text).max() > 200


@pytest.mark.parametrize("text", ["𓀀𓁐", "Anna 𒀀", "ꡀ"])
def test_what_no_font_here_has_is_refused_and_not_drawn_as_boxes(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label, "FONT_FOLDERS", ())  # whatever this machine has, Pillow's own has Latin letters only
    with pytest.raises(NotDrawable):
        font_for(text)
    with pytest.raises(NotDrawable):
        Label(text, 640, 360)
    assert font_for("For Anna") is None


def test_what_must_be_laid_out_is_refused_where_nothing_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label.features, "check", lambda name: False)
    with pytest.raises(NotDrawable):
        font_for("שלום")
    font_for("For Anna")


def test_right_to_left_is_drawn_so() -> None:
    """The first letter of a Hebrew word stands at its right end."""
    first, second = drawn("אל")[:360], drawn("לא")[:360]
    assert (first != second).any()
    alone = drawn("א")[:360] > 180
    word = first > 180
    columns = np.flatnonzero(word.any(axis=0))
    width = np.flatnonzero(alone.any(axis=0))
    right = word[:, columns.max() - (width.max() - width.min()) : columns.max() + 1]
    left = alone[:, width.min() : width.max() + 1]
    assert (right == left).mean() > 0.97
