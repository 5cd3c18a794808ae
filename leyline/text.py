"""Other people's words made fit to be shown: file names, labels, a model's stages, a server's sentences.

Where they are shown is left to whoever asks. Danger: a terminal obeys control characters, and a reader's eye
those of direction ("gpj.exe" can look like "exe.jpg"); but the joiners of Persian and of emoji, which are as
invisible, are part of how a word is spelled. The child processes use this too: standard library only.
"""

import re
import unicodedata

BETWEEN_LINES = re.compile(r"\s*[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]\s*")
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")  # bytes of a file's name that are no text, or JSON cut short
# Single characters, but a flag such as Scotland's whole: a black flag and its name in tags.
PIECES = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,8}\U000e007f|.")
JOINERS = frozenset("\u200c\u200d")
VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")  # signs around numbers
EMOJI = range(0x1F000, 0x1FB00)  # also those that are newer than this Python
SKIN_TONES = range(0x1F3FB, 0x1F400)
FLAG_LETTERS = range(0x1F1E6, 0x1F200)  # a country's flag is two of them
TAGS = range(0xE0020, 0xE0080)


def fit_to_show(text: object, most: int | None = None) -> str:
    """The text as one line, without control and direction characters, of at most `most` characters.

    UTF-8 can carry it, and its cut goes through no letter, emoji or flag. "" where nothing is left.
    """
    line = BETWEEN_LINES.sub(" ", HALF_A_CHARACTER.sub("\ufffd", str(text)))
    shown = (line if line.isprintable() else _without_what_is_hidden(line)).strip()
    return shown if most is None else shown[: _cut(shown, most)].rstrip()


def _without_what_is_hidden(line: str) -> str:
    shown = ""
    for piece in PIECES.findall(line):
        if len(piece) > 1 or _is_shown(piece, before=shown[-1:]):
            shown += piece
    return shown


def _is_shown(character: str, before: str) -> bool:
    if character in JOINERS:  # only within what can be joined, once
        return before > "\x7f" and unicodedata.category(before)[0] in "LMS"
    visible = unicodedata.category(character)[0] != "C" or character in VISIBLE_FORMATS
    return visible or ord(character) in EMOJI


def _cut(text: str, most: int) -> int:
    """Where to cut the text, at `most` or before, so that what belongs together stays together."""
    at = most
    while 0 < at < len(text) and _continues(text, at):
        at -= 1
    return at or most


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    character, number = text[at], ord(text[at])
    if character in JOINERS or text[at - 1] == "\u200d" or number in SKIN_TONES or number in TAGS:
        return True
    if number in FLAG_LETTERS:
        letters_before = len(text[:at]) - len(text[:at].rstrip("".join(map(chr, FLAG_LETTERS))))
        return letters_before % 2 == 1
    return unicodedata.category(character)[0] == "M"
