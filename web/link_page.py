"""The page of a viewing link as it is sent: what the link shows, and a card of it for programs that preview links.

Its file is `static/watch.html`, what is done with it `static/watching/watch.js`. Danger: the sender's line is
somebody's own words, and they stand in HTML here; all that is filled in is escaped, in quotation marks.
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from leyline.watching.links import Link, Poster
from leyline.watching.sharing import Shown
from web.page import STATIC

PROBLEM_PLACE, LINK_PLACE = 'data-problem=""', 'data-link=""'  # where the page's script looks
CARD_PLACE = '<meta name="robots" content="noindex">\n'  # what follows is the card
LONGEST_SIDE = 1280


def template() -> str:
    return (STATIC / "watch.html").read_text("utf-8")


def that_says(html: str, problem: str) -> str:
    """The page, which says why its link opens nothing; ValueError when it cannot."""
    return _put(html, PROBLEM_PLACE, f'data-problem="{escape(problem)}"')


def filled(html: str, told: Mapping[str, Any], card: Mapping[str, str]) -> str:
    """The page of a link that shows this, with this card; ValueError when it has no place for them."""
    link = escape(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    lines = [f'<meta {_kind(name)}="{name}" content="{escape(value)}">\n' for name, value in card.items()]
    return _put(_put(html, LINK_PLACE, f'data-link="{link}"'), CARD_PLACE, CARD_PLACE + "".join(lines))


def card(link: Link, shows: Shown, still_url: str) -> dict[str, str]:
    """What programs that preview links are told (https://ogp.me), in English, but for the sender's own words.

    Without a picture unless the link's owner lets one be seen, and never with anything that plays.
    """
    count = len(shows.videos) + shows.coming
    title = "A video for you" if count == 1 else f"{count} videos for you"
    about = "Watch it on this page." if count == 1 else "Watch them on this page."
    first = next(iter(shows.videos.values()), None)
    has_still = link.poster is not Poster.NONE and first is not None
    found = {
        "description": about,
        "og:type": "website",
        "og:site_name": "Leyline",
        "og:title": link.message or title,
        "og:description": f"{title}. {about}" if link.message else about,
        "twitter:card": "summary_large_image" if has_still else "summary",
    }
    if has_still and first:
        found |= {"og:image": still_url, "og:image:type": "image/jpeg", "og:image:alt": title}
    return found


def _kind(name: str) -> str:
    return "property" if name.startswith("og:") else "name"


def _put(html: str, place: str, text: str) -> str:
    if html.count(place) != 1:
        raise ValueError(f"the page of links has no single place that says {place.strip()}")
    return html.replace(place, text)
