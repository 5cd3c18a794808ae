"""The page of a viewing link: what is seen before its video plays, and what a chat program's preview is told."""

import html
import io
import itertools
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.live_server import Api
from tests.visitors import Visitor, make_link, owned, share, token_of, visitor
from tests.watch_site import WatchSite
from web import link_page

ATTACKS = [
    "</title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)><meta content="',
    "' autofocus onfocus=alert(1) x='",
    "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "--><svg onload=alert(1)>",
    'data-link="" data-problem="" <meta name="robots" content="noindex">',
    "{{7*7}} ${7*7} %(x)s {0}",
]


class Read(HTMLParser):
    """A page as a program reads it that previews links: its tags, and its card by the names in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.card: dict[str, str] = {}
        self.root: dict[str, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        said = dict(attrs)
        if tag == "html":
            self.root = said
        if tag == "meta" and (name := said.get("property") or said.get("name")):
            self.card[name] = said.get("content") or ""


def add_picture(site: WatchSite, task_id: str, size: tuple[int, int] = (640, 480)) -> None:
    """The task's picture and thumbnail: a white word on red, which is read easily where it is seen."""
    image = Image.new("RGB", size, "#c02020")
    ImageDraw.Draw(image).text((40, 100), "SECRET", fill="white", font_size=120)
    media = site.server.media
    media.make_folders()
    image.save(media.picture(task_id), "JPEG")
    image.resize((320, 320 * size[1] // size[0])).save(media.thumbnail(task_id), "JPEG")


async def read(who: Visitor) -> Read:
    return Read((await who.page()).body.decode())


@pytest.mark.gen_test
async def test_the_page_knows_its_videos_shape_and_the_senders_line_before_anything_plays(
    site: WatchSite, master: Path
) -> None:
    owner, task_id = await owned(site, master)
    who = await visitor(site, await make_link(owner, task_id, message="  Look what the sea did\n— Hannes \u202e"))
    told = json.loads((await read(who)).root["data-link"] or "")
    assert told == await who.shown()
    assert told["message"] == "Look what the sea did — Hannes"
    assert told["poster"] == "none" and told["coming"] == 0
    assert told["videos"] == [{"number": 1, "width": 320, "height": 180, "seconds": 2.0, "sound": False}]
    assert (await owner.status(task_id))["views"] == 0


@pytest.mark.gen_test
@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_senders_line_becomes_anything_but_text(site: WatchSite, master: Path, attack: str) -> None:
    owner, task_id = await owned(site, master)
    plain = await read(await visitor(site, await make_link(owner, task_id, message="plain")))
    attacked = await read(await visitor(site, await make_link(owner, task_id, message=attack)))
    assert attacked.tags == plain.tags
    assert attacked.card.keys() == plain.card.keys()
    assert attacked.card["og:title"] == attack
    assert attacked.root.keys() == plain.root.keys() and attacked.root["data-problem"] == ""
    assert json.loads(attacked.root["data-link"] or "")["message"] == attack


@pytest.mark.gen_test
async def test_a_chat_programs_preview_spends_no_view_and_is_no_page_of_a_search_engine(
    site: WatchSite, master: Path
) -> None:
    owner, task_id = await owned(site, master)
    add_picture(site, task_id)
    link = await make_link(owner, task_id, max_views=1, poster="clear", message="Look")
    for _ in range(3):
        page = await Api(site.url).request("GET", f"/watch/{token_of(link)}")  # each time somebody else
        found = Read(page.body.decode())
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow" and found.card["robots"] == "noindex"
        assert found.card["og:title"] == "Look"
        assert found.card["og:description"] == "A video for you. Watch it on this page."
        assert found.card["twitter:card"] == "summary_large_image"
        image = found.card["og:image"]
        assert image.startswith(f"{site.url}/api/watch/{token_of(link)}/still")
        still = await Api(site.url).request("GET", image.removeprefix(site.url))
        assert (still.code, still.headers["Content-Type"]) == (200, "image/jpeg")
        assert still.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert still.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in still.headers
        assert Image.open(io.BytesIO(still.body)).size == (640, 480)
        assert not any("video" in name or "player" in name or "audio" in name for name in found.card)
    assert "key" in await (await visitor(site, link)).watch(), "its only view is still there"


@pytest.mark.gen_test
async def test_without_the_owners_leave_nothing_is_seen_before_it_plays(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    add_picture(site, task_id)
    who = await visitor(site, await make_link(owner, task_id))
    found = await read(who)
    assert "og:image" not in found.card and found.card["twitter:card"] == "summary"
    for query in ("", "?side=320", "?video=1"):
        answer = await who.still(query)
        assert (answer.code, json.loads(answer.body)["code"]) == (404, "not_found")


@pytest.mark.gen_test
async def test_a_blurred_poster_has_colours_and_nothing_that_can_be_read(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    add_picture(site, task_id)
    clear = await visitor(site, await make_link(owner, task_id, poster="clear"))
    blurred = await visitor(site, await make_link(owner, task_id, poster="blurred"))
    stills = {}
    for name, who in (("clear", clear), ("blurred", blurred)):
        for side in (320, 1280):
            image = Image.open(io.BytesIO((await who.still(f"?side={side}")).body))
            stills[name, side] = image
            assert image.width * 3 == image.height * 4
    assert stills["clear", 320].size == (320, 240) and stills["clear", 1280].size == (640, 480)
    assert stills["blurred", 320].tobytes() == stills["blurred", 1280].tobytes(), "no size tells more"
    assert sharpest(stills["clear", 1280]) > 100
    assert sharpest(stills["blurred", 1280]) < 12, "between neighbours is no edge of a letter"
    red, green, _ = stills["blurred", 1280].resize((1, 1)).getpixel((0, 0))
    assert red > 150 > green
    kept = (
        stills["blurred", 1280].resize((12, 9), Image.Resampling.BOX).resize((640, 480), Image.Resampling.BICUBIC)
    )
    differs = max(abs(a - b) for a, b in zip(kept.tobytes(), stills["blurred", 1280].tobytes(), strict=True))
    assert differs < 60, "a dozen pixels say all that there is to see"


def sharpest(image: Image.Image) -> int:
    """The largest step from one pixel to the next in a row."""
    grey = image.convert("L")
    row = [grey.crop((0, y, grey.width, y + 1)).tobytes() for y in range(0, grey.height, 7)]
    return max(abs(a - b) for line in row for a, b in itertools.pairwise(line))


@pytest.mark.gen_test
async def test_a_still_and_a_card_end_with_their_link(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    add_picture(site, task_id)
    links = [
        await make_link(owner, task_id, poster="clear", message="Look", **asked)
        for asked in ({}, {"seconds": 60}, {"max_views": 1}, {})
    ]
    revoked, expired, spent, trashed = [await visitor(site, link) for link in links]
    for who in (revoked, expired, spent, trashed):
        assert (await who.still()).code == 200
    await owner.request("DELETE", f"/api/video/{task_id}/links/{links[0]['link_id']}")
    site.clock.seconds += 60
    assert "key" in await spent.watch()
    stranger = await visitor(site, links[2])
    await over(revoked)
    await over(expired)
    await over(stranger)
    assert (await spent.still()).code == 200, "who is watching still sees it"
    await owner.call("POST", f"/api/video/{task_id}/trash", body="")
    await over(trashed)
    await over(spent)


async def over(who: Visitor) -> None:
    still = await who.still()
    assert (still.code, json.loads(still.body)["code"]) == (410, "link_over")
    page = await who.page()
    found = Read(page.body.decode())
    assert page.code == 410 and not [name for name in found.card if name.startswith("og:")]
    assert "Look" not in page.body.decode()


@pytest.mark.gen_test
async def test_a_still_asked_for_with_nonsense_is_refused(site: WatchSite, master: Path) -> None:
    owner, task_id = await owned(site, master)
    add_picture(site, task_id)
    who = await visitor(site, await make_link(owner, task_id, poster="clear"))
    for query, status in (
        ("?side=640", 400),
        ("?video=x", 400),
        ("?video=-1", 400),
        ("?video=²", 400),
        ("?video=9999999", 400),
        ("?video=2", 404),
        ("?video=0", 404),
    ):
        assert (await who.still(query)).code == status, query
    site.server.media.picture(task_id).unlink()
    answer = await who.still()
    assert (answer.code, json.loads(answer.body)["code"]) == (410, "picture_missing")


@pytest.mark.gen_test
async def test_behind_a_path_and_another_host_the_cards_image_is_found(
    io_loop: Any, tmp_path: Path, master: Path
) -> None:
    site = await WatchSite(tmp_path / "proxied", trusted_proxies="127.0.0.1", path="/films").start()
    try:
        owner, task_id = await owned(site, master)
        link = await make_link(owner, task_id, poster="clear")
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        page = await owner.request("GET", f"/watch/{token_of(link)}", headers=headers)
        image = Read(page.body.decode()).card["og:image"]
        assert image.startswith(f"https://localhost:{site.port}/films/api/watch/{token_of(link)}/still")
    finally:
        await site.stop()


@pytest.mark.gen_test
async def test_several_are_announced_by_their_number(site: WatchSite, master: Path) -> None:
    owner, first = await owned(site, master)
    second = await site.add_video(master, site.owner(owner))
    found = await read(await visitor(site, await share(owner, first, second)))
    assert found.card["og:title"] == "2 videos for you"
    assert found.card["og:description"] == "Watch them on this page."


def test_a_links_page_without_a_place_for_what_it_says_is_a_mistake_that_is_told() -> None:
    page = link_page.template()
    assert 'data-problem="link_over"' in link_page.that_says(page, "link_over")
    assert link_page.that_says(page, "") == page
    assert html.escape('{"message":null}') in link_page.filled(page, {"message": None}, {})
    for place in (link_page.PROBLEM_PLACE, link_page.LINK_PLACE, link_page.CARD_PLACE):
        for changed in (page.replace(place, ""), page.replace(place, place + place)):
            with pytest.raises(ValueError, match="no single place"):
                link_page.that_says(link_page.filled(changed, {}, {}), "link_over")
