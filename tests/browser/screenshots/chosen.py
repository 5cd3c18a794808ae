"""Which of all pictures are kept with the documents, as docs/screenshots/NAME.webp: small, few of each state."""

from pathlib import Path

from PIL import Image

from tests.browser.screenshots.studio import OUT, USUAL

KEPT = Path(__file__).parent.parent.parent.parent / "docs" / "screenshots"
WIDEST = 1920
# As they look on a usual screen, by day.
USUALLY = (
    "empty", "uploading", "checking", "retrying", "refused", "refused-many", "processing", "line", "grace", "undo",
    "finished", "finished-tall", "finished-three", "kinds", "unknown", "paused", "reconnecting", "playing",
    "growing", "wall", "wall-search", "trash", "link-dialog", "link-made", "link-one", "link-several", "keys",
    "connecting", "about", "choices-open", "choices-refused", "choices-of-a-card", "choices-changed", "token",
    "admin-empty", "admin-busy", "admin-paused", "admin-failures", "admin-disk-low",
)  # fmt: skip
# And these otherwise: state, width, scheme.
OTHERWISE = {
    "line-dark": ("line", 1280, "dark"),
    "line-wide": ("line", 2560, "light"),
    "line-scrolled": ("line-scrolled", 768, "light"),
    "wall-selection-dark": ("wall-selection", 1280, "dark"),
    "wall-wide": ("wall", 2560, "light"),
    "theatre": ("theatre", 1280, "dark"),
    "before-and-after": ("before-and-after", 1280, "dark"),
    "choices-dark": ("choices-open", 1280, "dark"),
    "link-playing-dark": ("link-playing", 1280, "dark"),
    "admin-dark": ("admin-busy", 1280, "dark"),
    "phone": ("line", 390, "light"),
    "phone-cards": ("line-cards", 390, "light"),
    "phone-dark": ("line-cards", 390, "dark"),
    "phone-wall": ("wall", 390, "light"),
    "phone-theatre": ("theatre", 390, "dark"),
    "phone-link": ("link-several", 390, "light"),
    "phone-without-server": ("without-server", 390, "light"),
    "phone-admin": ("admin-busy", 390, "light"),
    "narrow": ("line", 320, "light"),
}


def keep() -> None:
    """Write those anew that have been taken, and let go of what is not chosen any more."""
    all_of_them = {**{name: (name, USUAL, "light") for name in USUALLY}, **OTHERWISE}
    for path in KEPT.glob("*.webp"):
        if path.stem not in all_of_them:
            path.unlink()
    for name, (state, width, scheme) in all_of_them.items():
        taken = OUT / state / f"{width}-{scheme}.webp"
        if taken.exists():
            image = Image.open(taken)
            image.thumbnail((WIDEST, WIDEST))
            image.save(KEPT / f"{name}.webp", quality=80, method=6)
