"""Addresses of other servers that somebody names, and the origins they belong to: read once, strictly, here.

What is sent there is left to `webhooks`. Danger: two readers of one address may disagree about its host, so nothing
unusual is one at all: no user, no fragment, no backslash, no host that is not plainly written.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MAX_URL = 1000  # characters
BELOW = "*."  # before a host: any below it
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

    @property
    def text(self) -> str:
        """As browsers write it (RFC 6454): without the port that goes without saying."""
        return f"{self.scheme}://{self.host}" if self.port == PORTS[self.scheme] else str(self)


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


@dataclass(frozen=True)
class Allowed:
    """Origins that may be named: these, and any whose host lies below one of `parents`."""

    origins: frozenset[Origin] = frozenset()
    parents: frozenset[Origin] = frozenset()

    def __contains__(self, origin: Origin) -> bool:
        labels = origin.host.split(".")
        above = (".".join(labels[number:]) for number in range(1, len(labels)))
        return origin in self.origins or any(origin._replace(host=host) in self.parents for host in above)


def allowed(text: str) -> Allowed:
    """What a list with commas between allows, where `*.example.org` means any host below that; else ValueError."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if BELOW in parts:
        raise ValueError("not a host")
    below = [part.removeprefix(BELOW) for part in parts if part.startswith(BELOW)]
    return Allowed(_set_of(part for part in parts if not part.startswith(BELOW)), _set_of(below))


def _set_of(parts: Iterable[str]) -> frozenset[Origin]:
    return frozenset(origins(",".join(parts)))


def _origin(found: re.Match[str]) -> Origin:
    scheme = (found["scheme"] or "https").lower()
    port = int(found["port"] or PORTS[scheme])
    if port > 65_535 or ".." in found["host"]:
        raise ValueError("not an address")
    return Origin(scheme, found["host"].lower(), port)
