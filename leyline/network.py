"""Whence somebody comes: the addresses that one client can choose from count as one.

What is limited by it is left to the callers. Danger: one machine makes as many sessions as it likes, so
who contends is a network first and a session then; but this machine itself tells nobody apart.
"""

import ipaddress
from functools import lru_cache

MOST_KNOWN = 4096  # addresses: each is asked about again and again, and reading one takes as long as a message


@lru_cache(MOST_KNOWN)
def network_of(address: str) -> str:
    """An IPv4 address itself, of an IPv6 address its /64, of an IPv4 address written as IPv6 that; anything else as
    it is."""
    known = _known(address)
    if known is None:
        return address
    return str(known if known.version == 4 else ipaddress.ip_network((known, 64), strict=False))


def is_loopback(address: str) -> bool:
    """Whether it is this machine's own, for itself."""
    known = _known(address)
    return known is not None and known.is_loopback


def share_of_network(most: int) -> int:
    """How many of `most` one network may hold: a quarter is left to all others."""
    return most - most // 4


@lru_cache(MOST_KNOWN)
def _known(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
