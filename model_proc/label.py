"""A label as it is drawn into a picture: in a font that has its letters, in a size that can be read, on few lines.

What a label may say is left to whoever asks. Danger: a font draws a box for a letter that it lacks, which looks as
if it had worked; so each letter is held against that box, and a label that no font can draw is drawn by none.
"""

import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont, features

FONT_FOLDERS = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts"),
    *("/System/Library/Fonts", "/Library/Fonts"),
)
FONT_KINDS = {".ttf", ".otf", ".ttc"}
PLAIN = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")  # tried first
MOST_FONTS = 2_000  # that are looked at for one label
NO_LETTER = "\U0010fffe"  # of which every font has nothing but its box
JOINED = {"R", "AL"}  # directions of letters that need more than to be put side by side
LAID_OUT = range(0x0900, 0x1100), range(0x1780, 0x1800)  # scripts from India to Cambodia: the same

PARTS_OF_HEIGHT = 16  # a letter's share of the picture's shorter side, where there is room
SMALLEST, SMALL, LARGEST = 9, 14, 64  # pixels: smaller cannot be read; where there is room; even on a wall
MOST_WIDTH, MOST_HEIGHT = 0.9, 0.5  # of the picture
SHADE = 150  # how dark it is behind the letters, of 255
WHITE, BLACK = 235, 16  # of video (BT.709, limited range)
NO_COLOUR = 128

Plane = NDArray[np.uint8]


class NotDrawable(Exception):
    """No font at hand has all of the label's letters, or can lay them out."""


class Label:
    """A label in a picture of this size, ready to be laid on frames. Raises `NotDrawable`."""

    def __init__(self, text: str, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._light, self._cover = _drawn(text, width, height)

    def lay_on(self, planes: Plane) -> None:
        """Draw it on one frame of 4:2:0 (height × 3/2 rows, as PyAV has it), in place."""
        rows, columns = self._cover.shape
        _mix(planes[:rows, :columns], self._light, self._cover)
        colours = planes[self._height :].reshape(2, self._height // 2, self._width // 2)
        half = self._cover.reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3), dtype=np.float32)
        for colour in colours:
            _mix(colour[: rows // 2, : columns // 2], NO_COLOUR, half)


def _mix(plane: Plane, over: NDArray[np.float32] | int, cover: NDArray[np.float32]) -> None:
    plane[:] = np.rint(plane * (1 - cover) + over * cover).astype(np.uint8)


def _drawn(text: str, width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The upper left corner of the picture with the label: how light, and how much of it covers what is below."""
    path = font_for(text)
    font, lines, pitch = _laid_out(text, path, width, height)
    margin = max(2, round(font.size / 2))
    long = max(font.getlength(line) for line in lines)
    columns = _even(min(width, int(long) + 3 * margin))
    rows = _even(min(height, len(lines) * pitch + 2 * margin))
    cover = Pillow.new("L", (columns, rows))
    light = Pillow.new("L", (columns, rows), 0)
    box = [margin, margin, max(margin, columns - 1), max(margin, rows - 1)]
    ImageDraw.Draw(cover).rounded_rectangle(box, radius=margin / 2, fill=SHADE)
    for number, line in enumerate(lines):
        at = (2 * margin, margin + margin // 2 + number * pitch)
        ImageDraw.Draw(cover).text(at, line, font=font, fill=255)
        ImageDraw.Draw(light).text(at, line, font=font, fill=255)
    shares = (np.asarray(plane, np.float32) / np.float32(255) for plane in (light, cover))
    share, covered = shares
    return BLACK + np.float32(WHITE - BLACK) * share, covered


def _even(size: int) -> int:
    return max(2, size // 2 * 2)


def _laid_out(
    text: str, path: Path | None, width: int, height: int
) -> tuple[ImageFont.FreeTypeFont, list[str], int]:
    """The largest font in which all of the text finds room, its lines, and from one line to the next in pixels."""
    size = max(SMALL, min(LARGEST, min(width, height) // PARTS_OF_HEIGHT))
    while True:
        font = _opened(path, size)
        pitch = max(1, sum(font.getmetrics()))
        most = max(1, int(MOST_HEIGHT * height / pitch))
        lines = list(wrapped(text, font, MOST_WIDTH * width - 2 * size))
        if len(lines) <= most:
            return font, lines, pitch
        if size <= SMALLEST:
            return font, [*lines[: most - 1], f"{lines[most - 1].rstrip()}…"], pitch
        size -= 1


def wrapped(text: str, font: ImageFont.FreeTypeFont, most: float) -> Iterator[str]:
    """The text in lines of at most `most` pixels, broken between words, and in a word that is longer by itself."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if font.getlength(longer) <= most:
            line = longer
            continue
        if line:
            yield line
        line = word
        while font.getlength(line) > most and len(line) > 1:
            fits = next((end for end in range(len(line) - 1, 1, -1) if font.getlength(line[:end]) <= most), 1)
            yield line[:fits]
            line = line[fits:]
    yield line


def font_for(text: str) -> Path | None:
    """The first font here that draws each letter of the text, None for Pillow's own; else `NotDrawable`."""
    if _must_be_laid_out(text) and not (features.check("raqm") and features.check("fribidi")):
        raise NotDrawable
    for path in [*islice(_fonts(), MOST_FONTS), None]:
        try:
            if _has_letters(_opened(path, 24), text):
                return path
        except (OSError, ValueError):  # a font that cannot be read
            continue
    raise NotDrawable


def _must_be_laid_out(text: str) -> bool:
    return any(
        unicodedata.bidirectional(letter) in JOINED
        or unicodedata.category(letter)[0] == "M"
        or any(ord(letter) in script for script in LAID_OUT)
        for letter in text
    )


def _fonts() -> Iterator[Path]:
    """All fonts of this machine, the plain ones first."""
    found = [
        path
        for folder in FONT_FOLDERS
        for path in sorted(Path(folder).expanduser().rglob("*"))
        if path.suffix.lower() in FONT_KINDS
    ]
    return iter(sorted(found, key=lambda path: PLAIN.index(path.name) if path.name in PLAIN else len(PLAIN)))


def _opened(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is not None:
        return ImageFont.truetype(path, size)
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise NotDrawable
    return font


def _has_letters(font: ImageFont.FreeTypeFont, text: str) -> bool:
    box = _shape(font, NO_LETTER)
    return all(_shape(font, letter) != box for letter in set(text) if unicodedata.category(letter)[0] not in "ZC")


def _shape(font: ImageFont.FreeTypeFont, letter: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(letter)
    return mask.size, bytes(mask)
