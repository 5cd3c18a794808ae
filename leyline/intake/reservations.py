"""What the uploads under way have reserved: a place in line, room on the disk, and an idempotency key.

On the event loop only. The bytes are left to `incoming`, and the way that an upload goes to `intake`. Danger:
room is reserved before a byte is read, so that parallel uploads cannot overrun a limit together.
"""

import asyncio
import secrets
from dataclasses import dataclass, field

from leyline import errors
from leyline.intake.incoming import IncomingFile
from leyline.line.index import LineIndex
from leyline.line.retention import Retention
from leyline.line.standings import Line
from leyline.network import share_of_network
from leyline.settings import Settings


@dataclass(frozen=True)
class Sender:
    """Who sends: `owner` is the session's digest or None; `client` is whose limits count.

    `network` is whence they come, None where that tells nobody apart.
    """

    owner: str | None
    client: str
    idempotency_key: str | None = None  # a digest of the header's value
    network: str | None = None


@dataclass(eq=False)
class Reservation:
    """Of one upload, for the task `task_id` that it may become."""

    sender: Sender
    file: IncomingFile
    declared_bytes: int
    takes_place: bool = True  # False for a replay, which needs no place in line
    task_id: str = field(default_factory=lambda: secrets.token_hex(16))
    key: tuple[str, str] | None = None  # the idempotency key, in its scope, that no other may use meanwhile
    finishing: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)  # accepted or not, it holds nothing any more

    @property
    def expected_bytes(self) -> int:
        """What is still to come, as far as the client said."""
        return max(self.declared_bytes - self.file.received_bytes, 0)


class Reservations:
    """Those that are not over, in the order in which they came."""

    def __init__(self, index: LineIndex, line: Line, retention: Retention, settings: Settings) -> None:
        self._index = index
        self._line = line
        self._retention = retention
        self._settings = settings
        self._under_way: list[Reservation] = []
        self._keys: set[tuple[str, str]] = set()

    def add(self, reservation: Reservation) -> None:
        self._under_way.append(reservation)

    def end(self, reservation: Reservation) -> bool:
        """Give back all that it holds; False when it had ended before."""
        if reservation.over.is_set():
            return False
        self._under_way.remove(reservation)
        if reservation.key:
            self._keys.remove(reservation.key)
        reservation.over.set()
        return True

    def before(self, reservation: Reservation) -> list[Reservation]:
        """Those that came before this one."""
        return self._under_way[: self._under_way.index(reservation)]

    def hold_key(self, reservation: Reservation, scope: str) -> None:
        """Let no other upload use its idempotency key in this scope meanwhile; raises `KeyInFlight`."""
        if reservation.sender.idempotency_key is None:
            return
        key = (scope, reservation.sender.idempotency_key)
        if key in self._keys:
            raise errors.KeyInFlight
        self._keys.add(key)
        reservation.key = key

    async def take_place(self, reservation: Reservation) -> None:
        """Reserve a place after all, behind those who have one; raises what `check_place` does."""
        self._under_way.remove(reservation)
        self._under_way.append(reservation)
        reservation.takes_place = True
        await self.check_place(reservation)

    async def check_place(self, reservation: Reservation) -> None:
        """`LineFull` or `ClientLimit` where there is no place behind those who came before."""
        before = self.before(reservation)
        self._check_line(reservation.sender, [other for other in before if other.takes_place])

    async def check_room(self, reservation: Reservation) -> None:
        """`DiskLow` where there is no room besides what those need who came before."""
        promised_bytes = sum(other.expected_bytes for other in self.before(reservation))
        if not await self._retention.make_room(promised_bytes + reservation.declared_bytes):
            raise errors.DiskLow

    def _check_line(self, sender: Sender, to_be_placed: list[Reservation]) -> None:
        client, network = sender.client, sender.network
        # Some may stand in line already and not have left here yet: those are counted once.
        coming = [other for other in to_be_placed if not self._index.waits(other.task_id)]
        everybody = self._index.size + len(coming)
        own = self._index.count(client) + sum(other.sender.client == client for other in coming)
        of_network = 0
        if network is not None:
            of_network = self._index.count_in(network) + sum(other.sender.network == network for other in coming)
        most, most_own = self._settings.max_waiting, self._settings.max_waiting_per_client
        if 0 < most <= everybody:
            refusal: errors.Refusal = errors.LineFull(f"The line is full: {everybody} pictures are waiting.")
            refusal.retry_after_seconds = self._line.seconds_until_room()
            raise refusal
        if most > 0 and share_of_network(most) <= of_network:
            refusal = errors.ClientLimit(
                f"Your network has {of_network} pictures in line, the most that one network may have."
            )
            refusal.retry_after_seconds = self._line.seconds_until_room(network=network)
            raise refusal
        if 0 < most_own <= own:
            refusal = errors.ClientLimit(f"You have {own} pictures in line, the most that one person may have.")
            refusal.retry_after_seconds = self._line.seconds_until_room(client)
            raise refusal
