"""Addresses of other servers that somebody names, and the origins they belong to: read once, strictly, here.

What is sent there is left to `webhooks`. Danger: two readers of one address may disagree about its host, so nothing
unusual is one at all: no user, no fragment, no backslash, no host that is not plainly written.
"""

import re
from typing import NamedTuple

MAX_URL = 1000  # characters
PORTS = {"https": 443, "http": 80}
URL = re.compile(
    r"(?:(?P<scheme>https?)://)?"
    r"(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<rest>/[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII | re.IGNORECASE,
)


class Origin(NamedTuple):
    """Where requests go: its text, as `https://example.org:443`, names it."""

    scheme: str
    host: str  # lower case; an IPv6 address in brackets
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def origin_of(url: str) -> Origin:
    """The origin of a whole address with its scheme; ValueError for what is none."""
    found = URL.fullmatch(url)
    if found is None or found["scheme"] is None or len(url) > MAX_URL:
        raise ValueError("not an address")
    return _origin(found)


def origins(text: str) -> list[Origin]:
    """The origins in a list with commas between: `example.org` means https; else ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [URL.fullmatch(part) for part in parts]
    if not all(each and not each["rest"] for each in found):
        raise ValueError("not a host")
    return [_origin(each) for each in found if each]


def _origin(found: re.Match[str]) -> Origin:
    scheme = (found["scheme"] or "https").lower()
    port = int(found["port"] or PORTS[scheme])
    if port > 65_535 or ".." in found["host"]:
        raise ValueError("not an address")
    return Origin(scheme, found["host"].lower(), port)
