"""Who holds how many bytes of videos, and whose turn it is to give one up where room is needed.

Pure: what is removed is left to `retention`. One session or one network must not cost another its video: the
network that holds most gives first, and of it the session that holds most.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

Holder = tuple[str, str]  # a network, and a client in it


@dataclass(frozen=True)
class Holding:
    """So many bytes of videos, and when the first of them were made, in seconds since 1970."""

    bytes: int
    since: float


class Holdings:
    """What each holder has, as it changes while room is made."""

    def __init__(self, holdings: Mapping[Holder, Holding]) -> None:
        self._bytes = {holder: holding.bytes for holder, holding in holdings.items()}
        self._since = {holder: holding.since for holder, holding in holdings.items()}
        self._of_network = Counter[str]()
        self._network_since: dict[str, float] = {}
        for (network, _), holding in holdings.items():
            self._of_network[network] += holding.bytes
            self._network_since[network] = min(holding.since, self._network_since.get(network, holding.since))
        self._giving = set(holdings)

    def heaviest(self) -> Holder | None:
        """The session that holds most, in the network that holds most, of those that have something to give.

        Of networks that hold the same, the one that came last; of its sessions, the one whose video is the oldest.
        """
        return max(self._giving, key=self._weight, default=None)

    def add(self, holder: Holder, bytes_: int) -> None:
        """The holder has so much more; no matter for one that has no video any more."""
        if holder in self._bytes:
            self._bytes[holder] += bytes_
            self._of_network[holder[0]] += bytes_

    def give(self, holder: Holder, freed_bytes: int) -> None:
        """The holder has so much less."""
        self._bytes[holder] -= freed_bytes
        self._of_network[holder[0]] -= freed_bytes

    def give_nothing_more(self, holder: Holder) -> None:
        """All that the holder still has is pinned: it counts, and stays."""
        self._giving.discard(holder)

    def _weight(self, holder: Holder) -> tuple[float, ...]:
        network, _ = holder
        return self._of_network[network], self._network_since[network], self._bytes[holder], -self._since[holder]
