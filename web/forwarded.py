"""What a browser asked for, where proxies stand between it and this server: its address, scheme, host and path.

Everything behind this module sees a request as its browser sent it, and no `X-Forwarded-*` header decides
anything later. Danger: these headers are a proxy's word; from anybody else they are a guess or a lie, and who
could choose an address could spend, or hide behind, somebody else's limits.
"""

import functools
import ipaddress
import logging
import re
from typing import NamedTuple

from tornado.httputil import HTTPHeaders

from leyline.settings import networks

log = logging.getLogger("leyline.connections")

PREFIX_HEADER = "X-Forwarded-Prefix"  # behind the door every request has it, and it is true

ADDRESS_AND_PORT = re.compile(r"\[([^\]]*)\](?::\d*)?|([^:]*):\d*")  # of IPv6 in brackets, of IPv4
ADDRESSES_KNOWN = 4096  # whose normal form is remembered, for each request asks for it
PREFIX = re.compile(r"(/[\w.~-]+)+", re.ASCII)


class Asked(NamedTuple):
    """Who asks, by which scheme and host, and below which path they see this server ("" for none)."""

    address: str
    scheme: str
    host: str
    prefix: str


class Proxies:
    """The proxies whose word is believed, and the path below which this server is served."""

    def __init__(self, trusted: str, path: str = "") -> None:
        """`trusted` lists addresses or networks, commas between; `path` is `/…`, or "" for the root."""
        self._trusted = networks(trusted)
        self.path = path.rstrip("/")
        self._has_warned = False

    def asked(self, peer: str, headers: HTTPHeaders) -> Asked:
        """What the browser behind the connection of `peer` asked for."""
        peer = normal(peer) or peer
        host = headers.get("Host", "")
        if not self._is_trusted(peer):
            self._warn(peer, headers)
            return Asked(peer, "http", host, self.path)
        return Asked(
            self._nearest_stranger(peer, headers.get("X-Forwarded-For", "")),
            "https" if _first(headers, "X-Forwarded-Proto").lower() in ("https", "wss") else "http",
            _first(headers, "X-Forwarded-Host") or host,
            self._prefix(headers),
        )

    def within(self, path: str) -> str:
        """The path of a request as this server names it: without its own, which a proxy may pass on or not."""
        rest = path.removeprefix(self.path)
        return rest if rest[:1] in ("", "/", "?") else path

    def _nearest_stranger(self, address: str, hops: str) -> str:
        """The nearest address on the way that is not a trusted proxy's."""
        for hop in reversed(hops.split(",")):
            nearer = normal(hop) if self._is_trusted(address) else None
            if nearer is None:
                break
            address = nearer
        return address

    def _prefix(self, headers: HTTPHeaders) -> str:
        told = _first(headers, PREFIX_HEADER).rstrip("/")
        return told if PREFIX.fullmatch(told) else self.path

    def _is_trusted(self, address: str) -> bool:
        if not self._trusted:
            return False
        known = normal(address)
        return known is not None and any(ipaddress.ip_address(known) in proxy for proxy in self._trusted)

    def _warn(self, peer: str, headers: HTTPHeaders) -> None:
        """Say once that a proxy is not believed: all that come through it look like one network."""
        if "X-Forwarded-For" in headers and not self._has_warned:
            self._has_warned = True
            log.warning(
                "event=untrusted_proxy address=%s hint='all who come through it look like one network; "
                "LEYLINE_TRUSTED_PROXIES=%s believes whom it names'",
                *(peer, peer),
            )


@functools.lru_cache(ADDRESSES_KNOWN)
def normal(address: str) -> str | None:
    """The one way to write an address, whatever its proxy adds (port, brackets, quotes, scope, `::ffff:`)."""
    text = address.strip().strip('"')
    if found := ADDRESS_AND_PORT.fullmatch(text):
        text = found[1] if found[1] is not None else found[2]
    try:
        known = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return str(getattr(known, "ipv4_mapped", None) or known)


def _first(headers: HTTPHeaders, name: str) -> str:
    """The first of a header's values: what the proxy nearest to the browser said."""
    return headers.get(name, "").partition(",")[0].strip()
