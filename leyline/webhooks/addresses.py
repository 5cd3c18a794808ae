"""Which addresses a message may go to: none that is private, unless its network is allowed.

A host's name is looked up at each try, and the connection goes to the very addresses that were checked here.
Danger: an address may hide another one in it (IPv4 in IPv6), and a name may mean another address the next time.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tornado.netutil import Resolver

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Found = list[tuple[int, Any]]  # a family, and an address as sockets have it
Lookup = Callable[[str, int], Found]

LOOKUPS_AT_ONCE = 16  # in threads of their own: a name that nobody answers for holds up nothing else
UNICAST = ipaddress.IPv6Network("2000::/3")  # RFC 4291: all that is global today
EMBEDDING = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address in its last 32 bits


class PrivateAddress(Exception):
    """A host has no address that a message may go to."""


class Addresses:
    """Judges addresses. `allowed`: the networks to which messages may go though they are private."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._allowed = list(allowed)

    def is_allowed(self, address: str) -> bool:
        """Whether a message may go there."""
        found = ipaddress.ip_address(address.partition("%")[0])
        if any(found in network for network in self._allowed):
            return True
        embedded = _embedded(found)
        if embedded is not None:
            return self.is_allowed(str(embedded))
        is_unicast = found in UNICAST if found.version == 6 else not (found.is_multicast or found.is_reserved)
        return found.is_global and is_unicast


def _embedded(address: Address) -> Address | None:
    """The IPv4 address in an IPv6 address that leads there."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in EMBEDDING:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def look_up(host: str, port: int) -> Found:
    """As the system knows it. Blocks."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found if family in (socket.AF_INET, socket.AF_INET6)]


class CheckedResolver(Resolver):
    """Tells Tornado's client the addresses of a host that were checked, and it connects to these and no others."""

    def initialize(self, addresses: Addresses, look_up: Lookup = look_up) -> None:
        self._addresses = addresses
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="webhook lookup")

    async def resolve(self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC) -> Found:
        """Raises `PrivateAddress` where none may be used, and OSError for a name that there is not."""
        found = await asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, host, port)
        good = [each for each in found if self._addresses.is_allowed(each[1][0])]
        if not good:
            raise PrivateAddress
        return good

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
