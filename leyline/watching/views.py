"""Watch, don't take: each view of a video has its own key, its own ciphertext and a ticket for both.

Encrypting is left to `cenc`, who may watch to the callers, and counting to `store` and `links`. A view
lives in this process only. Danger: ciphertext is large, so the views' total is bounded (who has the
most gives first, their least recently used) and whoever reads one does it piece by piece, never keeping the whole.
"""

import asyncio
import hmac
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from leyline.errors import KeyUsed, TicketRefused, ViewsBusy
from leyline.watching.cenc import Encrypted, encrypt

FIRST_USE_SECONDS = 60.0  # a ticket that nobody used by then is void
IDLE_SECONDS = 60.0  # a view ends this long after its last range
LONGEST_SECONDS = 15 * 60.0  # and after this in any case
SWEEP_SECONDS = 5.0
MAX_BYTES = 64 * 1024 * 1024  # of ciphertext; the newest view stays even when it alone is larger
MAX_VIEWS_OF_SESSION = 20  # beyond, its own least recently used end
MAX_OPENING = 50  # views waiting to be encrypted, one at a time


@dataclass(slots=True)
class View:
    """One person's running view of one video. Times are by the monotonic clock."""

    view_id: str
    task_id: str
    session: str  # digest of the session that may use it
    link_id: str | None  # the viewing link it came by; None: the owner's own
    encrypted: Encrypted
    ticket: str
    opened: float
    ends: float  # by now at the latest, unless it is used again
    key_taken: bool = False

    @property
    def size(self) -> int:
        return len(self.encrypted.ciphertext)


class Views:
    """The running views of this process. All methods but `open` return at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_bytes: int = MAX_BYTES) -> None:
        self.clock = clock
        self._max_bytes = max_bytes
        self._secret = secrets.token_bytes(32)  # tickets die with the process, as their views do
        self._views: OrderedDict[str, View] = OrderedDict()  # the least recently used first
        self._opening = 0
        self._encrypting = ThreadPoolExecutor(1, thread_name_prefix="views")

    def close(self) -> None:
        """End all views."""
        self._views.clear()
        self._encrypting.shutdown(cancel_futures=True)

    @property
    def held_bytes(self) -> int:
        """Memory that the views' ciphertext takes."""
        return sum(view.size for view in self._views.values())

    async def open(self, task_id: str, session: str, master: Path, link_id: str | None = None) -> View:
        """Encrypt the video at `master` for one view; raises `ViewsBusy` or `VideoMissing`."""
        if self._opening >= MAX_OPENING:
            raise ViewsBusy
        self._opening += 1
        try:
            encrypted = await asyncio.get_running_loop().run_in_executor(self._encrypting, encrypt, master)
        finally:
            self._opening -= 1
        view_id, now = secrets.token_hex(16), self.clock()
        ticket = f"{view_id}.{self._mac(view_id, task_id, session, link_id)}"
        view = View(view_id, task_id, session, link_id, encrypted, ticket, now, now + FIRST_USE_SECONDS)
        self._make_room_for(view)
        self._views[view_id] = view
        return view

    def find(self, ticket: str, task_id: str, session: str, link_id: str | None = None) -> View:
        """The running view that the ticket opens for this session, task and link; else `TicketRefused`."""
        self.sweep()
        view_id, _, mac = ticket.partition(".")
        genuine = hmac.compare_digest(
            mac.encode(errors="replace"), self._mac(view_id, task_id, session, link_id).encode()
        )
        view = self._views.get(view_id)
        if not genuine or view is None:
            raise TicketRefused
        return view

    def read(self, view: View, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (exclusive); the view lives on. Raises `TicketRefused` once it is over."""
        self.sweep()
        if view.view_id not in self._views:
            raise TicketRefused
        view.ends = min(self.clock() + IDLE_SECONDS, view.opened + LONGEST_SECONDS)
        self._views.move_to_end(view.view_id)
        return view.encrypted.ciphertext[start:end]

    def take_key(self, ticket: str, session: str) -> View:
        """The view whose key may be told now, and never again: `KeyUsed`, `TicketRefused`."""
        view = self._views.get(ticket.partition(".")[0])
        if view is None:
            raise TicketRefused
        self.find(ticket, view.task_id, session, view.link_id)
        if view.key_taken:
            raise KeyUsed
        view.key_taken = True
        return view

    def end_link(self, link_id: str) -> None:
        """End the views that came by a link that was revoked."""
        self._end(lambda view: view.link_id == link_id)

    def sweep(self) -> None:
        """Let go of the views whose time is over."""
        now = self.clock()
        self._end(lambda view: view.ends <= now)

    async def sweep_for_ever(self) -> None:
        """Sweep now and then, so that ciphertext goes even when nobody watches any more."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep()

    def _end(self, over: Callable[[View], bool]) -> None:
        for view_id in [view.view_id for view in self._views.values() if over(view)]:
            del self._views[view_id]

    def _make_room_for(self, new: View) -> None:
        """End views until the new one fits: of who then has the most, so that nobody can end all others' alone."""
        own = [view.view_id for view in self._views.values() if view.session == new.session]
        for view_id in own[: max(0, len(own) + 1 - MAX_VIEWS_OF_SESSION)]:
            del self._views[view_id]
        while self._views and self.held_bytes + new.size > self._max_bytes:
            held = Counter({new.session: new.size})
            for view in self._views.values():
                held[view.session] += view.size
            del self._views[max(self._views.values(), key=lambda view: held[view.session]).view_id]

    def _mac(self, view_id: str, task_id: str, session: str, link_id: str | None) -> str:
        """Binds a ticket to whom it was given, to one video, and to its purpose: the owner's view or a link's."""
        words = "\n".join((view_id, task_id, session, link_id or ""))
        return hmac.digest(self._secret, words.encode(errors="replace"), "sha256").hex()
