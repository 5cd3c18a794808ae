"""The states that a real server is behind: watching, the wall, the trash, links, and the pages beside the main one.

Each begins at the page as its owner opens it, and leaves nothing that another would see.
"""

from collections.abc import Callable

from tests.browser.chromium import Page
from tests.browser.screenshots.staged_states import Room

PLAYS = "return document.querySelector('video')?.currentTime > arguments[0]"
SELECT = "document.querySelectorAll('.tile-check').forEach((box, n) => n % 4 === 1 && n < 20 && box.click())"
PAUSE = "document.querySelector('video').pause()"
PUT_AWAY = """
  const ids = arguments[0];
  return Promise.all(ids.map((id) => fetch(`/api/video/${id}/trash`, { method: "POST" }))).then(() => true);
"""
SEARCH = """
  const field = document.querySelector(".wall-search");
  field.value = arguments[0];
  field.dispatchEvent(new Event("input", { bubbles: true }));
"""
CHOSEN = """
  const select = [...document.querySelectorAll(".wall-select")].at(arguments[0]);
  select.value = arguments[1];
  select.dispatchEvent(new Event("change"));
"""
SHARE = """
  const [task_ids, options] = arguments;
  const body = JSON.stringify({ task_ids, ...options });
  return fetch("/api/links", { method: "POST", body }).then((answer) => answer.json()).then(({ url }) => url);
"""
ENOUGH = 1.2  # seconds of a video, after which its picture has moved


def plays(page: Page, seconds: float = ENOUGH) -> None:
    page.until(lambda: page.script(PLAYS, seconds), "it plays")
    page.script(PAUSE)


def playing(room: Room) -> None:
    room.page.click(".card-play")
    plays(room.page)
    room.look_at(".card:has(video)", "center")


def theatre(room: Room) -> None:
    room.page.click(".card [data-action=theatre]")
    plays(room.page)


def before_and_after(room: Room) -> None:
    theatre(room)
    room.page.click(".theatre-tool")
    room.page.one(".compare-slider")


def wall(room: Room) -> None:
    room.page.click('[data-filter="videos"]')
    room.page.until(lambda: room.page.script("return document.querySelectorAll('.tile').length > 9"), "tiles")


def wall_selection(room: Room) -> None:
    wall(room)
    room.page.script(SELECT)
    room.page.one(".wall-bar")


def wall_search(room: Room) -> None:
    wall(room)
    room.page.script(SEARCH, "lake")


def wall_nothing(room: Room) -> None:
    wall(room)
    room.page.script(SEARCH, "giraffe")


def wall_batches(room: Room) -> None:
    wall(room)
    room.page.script(CHOSEN, -1, "batch")


def wall_pinned(room: Room) -> None:
    wall(room)
    room.press(".tile:nth-of-type(2) .tile-pin")
    room.page.one(".tile[data-pinned]")


def trash(room: Room) -> None:
    room.page.script(PUT_AWAY, [task["task_id"] for task in room.made[-3:]])
    room.page.click('[data-filter="trash"]')
    room.page.one(".card[data-state=trashed]")


def deleted(room: Room) -> None:
    """A notice that something can be undone, below the wall."""
    room.page.click(".card [data-action=delete]")
    room.page.one(".toast .undo")


def changes(room: Room) -> None:
    room.page.one(".card-parameters")
    card_choices(room)
    room.page.click(".card [data-action=changes]")
    room.page.one("dialog[open]")


def choosing(room: Room) -> None:
    room.page.click(".form-more summary")


def card_choices(room: Room) -> None:
    room.page.script("document.querySelectorAll('.card-parameters').forEach((each) => (each.open = true))")


def link_dialog(room: Room) -> None:
    room.page.click('.card [data-action="link"]')
    room.page.one("#link-message").send_keys("Look what the sea did today — Hannes")
    room.page.click("dialog[open] label:has([value=blurred])")


def link_made(room: Room) -> None:
    link_dialog(room)
    room.page.one("#link-label").send_keys("For Ada")
    room.page.click("dialog[open] .primary")
    room.page.one("dialog[open] .links li")


def bell(room: Room) -> None:
    room.page.script("Notification.requestPermission = async () => 'denied'")
    room.page.click(".bell")
    room.page.one(".toast")


def connecting(room: Room) -> None:
    room.page.click(".foot .connect")
    room.page.one("#login-code")


def about(room: Room) -> None:
    room.page.driver.get(f"{room.page.url}/about")
    room.page.one("main section")


def docs(room: Room) -> None:
    room.page.driver.get(f"{room.page.url}/api/docs")
    room.page.one("main")


def linked(count: int, first: int = 0, play: bool = False, **options: str) -> Callable[[Room], None]:
    """The page of a link to so many videos."""

    def open_page(room: Room) -> None:
        ids = [task["task_id"] for task in room.made[first : first + count]]
        url = room.page.script(SHARE, ids, {"message": "The whole week at the lake. — Hannes", **options})
        room.page.driver.get(url)
        room.page.one(".card-play")
        if play:
            room.page.click(".card-play")
            plays(room.page)

    return open_page


# Where there are many videos, which nobody plays.
STATES: dict[str, Callable[[Room], None]] = {
    "finished-many": lambda room: None,
    "choosing": choosing,
    "card-choices": card_choices,
    "changes": changes,
    "wall": wall,
    "wall-selection": wall_selection,
    "wall-search": wall_search,
    "wall-nothing": wall_nothing,
    "wall-batches": wall_batches,
    "wall-pinned": wall_pinned,
    "bell": bell,
    "connecting": connecting,
    "about": about,
    "docs": docs,
    "deleted": deleted,
    "trash": trash,
}
# Where there are a few, large enough to be looked at.
WATCHED: dict[str, Callable[[Room], None]] = {
    "playing": playing,
    "theatre": theatre,
    "before-and-after": before_and_after,
    "link-dialog": link_dialog,
    "link-made": link_made,
    "link-one": linked(1, poster="blurred"),
    "link-plain": linked(1, poster="none"),
    "link-tall": linked(1, 1, poster="clear"),
    "link-playing": linked(1, play=True, poster="clear", label="For Anna"),
    "link-several": linked(7, poster="clear"),
    "link-several-playing": linked(7, play=True, poster="clear"),
}
