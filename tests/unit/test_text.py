"""Other people's words: nothing steers a screen or an eye, and nobody's spelling is broken."""

import pytest

from leyline.intake.names import LONGEST_NAME, NAMELESS, clean_name
from leyline.text import fit_to_show

SPELLED = {
    "Persian": "می‌خواهم.jpg",
    "Persian, abbreviated": "۱۴۰۳ ه‍.ش.jpg",
    "Sinhala": "ශ්‍රී ලංකා",
    "family": "👨‍👩‍👧‍👦",
    "heart on fire": "❤️‍🔥",
    "health worker": "👩🏽‍⚕️",
    "keycap": "1️⃣",
    "country": "🇨🇭🇮🇷",
    "Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "newer than this Python": "\U0001fae9",
    "macOS's own space": "Screenshot at 3.04\u202fPM.png",
    "decomposed": "Zu\u0308rich",
    "two spaces": "a  b",
    "verse": "\u06dd٢٥٥",
}
STEERS = {
    "gpj\u202e.exe": "gpj.exe",
    "\u2066a\u2069\u200e\u200f\u061cb": "ab",
    "a\x00\x1b[2J\x7f\x9bb": "a[2Jb",
    "a\u200bb\ufeff\u00adc\u2060": "abc",
    "a\u200db\u200c.jpg": "ab.jpg",
    "ه\u200d\u200d\u200c": "ه\u200d",
    "\u200d👧": "👧",
    "\U000e0068\U000e0069 hidden": "hidden",
    "🏴\U000e0067\U000e0062": "🏴",
    " one \n\t two\r\nthree\u2028four\x85five ": "one two three four five",
    "a\ud800b": "a\ufffdb",
    "\U000f0000\ufdd0": "",
}


@pytest.mark.parametrize("text", SPELLED.values(), ids=SPELLED)
def test_what_belongs_to_the_spelling_stays(text: str) -> None:
    assert fit_to_show(text) == text


@pytest.mark.parametrize(("text", "shown"), STEERS.items(), ids=map(ascii, STEERS))
def test_what_steers_a_screen_or_an_eye_is_cut(text: str, shown: str) -> None:
    assert fit_to_show(text) == shown
    fit_to_show(text).encode()


@pytest.mark.parametrize("name", ["family", "heart on fire", "health worker", "country", "Scotland", "decomposed"])
def test_a_cut_goes_through_no_letter_emoji_or_flag(name: str) -> None:
    whole = SPELLED[name]
    letters = {"country": ["🇨🇭", "🇮🇷"], "decomposed": ["Z", "u\u0308", *"rich"]}.get(name, [whole])
    ends = {len("".join(letters[:count])) for count in range(len(letters) + 1)}
    for most in range(1, len(whole) + 4):
        before = "x" * 3
        shown = fit_to_show(before + whole + "yyy", len(before) + most).removeprefix(before)
        assert len(shown) <= most
        assert len(shown.rstrip("y")) in ends


def test_what_nobody_writes_is_cut_all_the_same() -> None:
    assert len(fit_to_show("a" + "\u0301" * 4096, 100)) <= 100
    assert fit_to_show("word " * 100, 9) == "word word"
    assert fit_to_show(ValueError("a\nb")) == "a b"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("C:\\pictures\\beach.jpg", "beach.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a\u202egpj.exe\n", "agpj.exe"),
        ("x" * 500, "x" * LONGEST_NAME),
        ("🇨🇭" * 100, "🇨🇭" * (LONGEST_NAME // 2)),
        ("a" + "🇨🇭" * 100, "a" + "🇨🇭" * ((LONGEST_NAME - 1) // 2)),
        (".hidden", ".hidden"),
        ("_.jpg", "_.jpg"),
        *((nothing, NAMELESS) for nothing in ("", "\x00\x1f", ".", "...", ". .", "…", "a/..", "\u202e...\u200d")),
    ],
)
def test_a_name_is_fit_to_be_shown_and_says_something(sent: str, shown: str) -> None:
    assert clean_name(sent) == shown
