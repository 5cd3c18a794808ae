"""Watch, don't take: each view of a video has its own key and a ticket, and both are made of one secret.

Who may watch is left to the callers, counting to `ledger`, the bytes to `master`. Nothing is kept of a view: its
ticket is all that it is. Danger: so a ticket is sealed; nobody can read it (a task's id may open everything),
change it, or use it in another session.
"""

import asyncio
import base64
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import astuple, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from leyline.cenc import KEY_BYTES
from leyline.errors import TicketRefused
from leyline.watching.master import Master

LIFE_SECONDS = 15 * 60  # of a ticket
NONCE_BYTES = 12
MAX_TICKET_LENGTH = 1000
MAX_ENDED = (
    10_000  # links and tasks; each new request asks the database anyway, so this is for the answers under way
)


@dataclass(frozen=True, slots=True)
class View:
    """One person's view of one video."""

    view_id: str  # 32 hex digits
    task_id: str
    run: int  # the try at the video that it shows
    session: str  # digest of the session that may use it
    link_id: str | None  # the viewing link it came by; None: the owner's own
    ends: int  # seconds since 1970 by the wall clock

    @property
    def kid(self) -> bytes:
        """The public name of its key."""
        return bytes.fromhex(self.view_id)


class Views:
    """The views of one installation. They need no memory, and last over a restart."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._secret = secret.encode()
        self._seal = AESGCM(self._derived(b"leyline tickets"))
        self._ended: OrderedDict[str, None] = OrderedDict()  # ids of links and of tasks

    def open(self, task_id: str, run: int, session: str, link_id: str | None = None) -> View:
        """A new view of what this run made, by the task's owner or by a link."""
        return View(secrets.token_hex(16), task_id, run, session, link_id, int(self.clock()) + LIFE_SECONDS)

    def ticket(self, view: View) -> str:
        """What opens the view again, for whoever has its session."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64url(nonce + self._seal.encrypt(nonce, json.dumps(astuple(view)).encode(), None))

    def of_ticket(self, ticket: str, session: str) -> View:
        """The view that the ticket opens in this session; else `TicketRefused`."""
        try:
            sealed = from_base64url(ticket[: MAX_TICKET_LENGTH + 1])
            view = View(*json.loads(self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)))
        except (ValueError, TypeError, InvalidTag):  # or one of an earlier release
            raise TicketRefused from None
        if view.session != session or self.is_over(view):
            raise TicketRefused
        return view

    def find(self, ticket: str, task_id: str, session: str, link_id: str | None = None) -> View:
        """The view that the ticket opens for this session, task and link; else `TicketRefused`."""
        view = self.of_ticket(ticket, session)
        if (view.task_id, view.link_id) != (task_id, link_id):
            raise TicketRefused
        return view

    def is_over(self, view: View) -> bool:
        """Whether its time has ended, or its link, or its task lies in the trash."""
        return self.clock() >= view.ends or view.link_id in self._ended or view.task_id in self._ended

    def key(self, view: View) -> bytes:
        """The key of this view and of no other."""
        return self._derived(b"leyline view key " + view.kid)

    def end(self, id_: str) -> None:
        """End the views that came by the link of this id, or those of the task of this id."""
        self._ended[id_] = None
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)

    def begin_again(self, task_id: str) -> None:
        """The task's views are none that have been ended any more."""
        self._ended.pop(task_id, None)

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(self._secret)


class Showing:
    """A view's bytes on their way to one reader, who may be slow: at each piece it is asked whether it may go."""

    def __init__(self, views: Views, view: View, master: Master) -> None:
        self.layout = master.layout
        self._view = view
        self._views = views
        self._master = master
        self._key = views.key(view)

    async def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to `end`, encrypted; `TicketRefused` once the view, its link or its video is over."""
        data = await asyncio.to_thread(self._master.read, start, end, self._key, self._view.kid)
        if self._views.is_over(self._view) or self._master.is_deleted:
            raise TicketRefused
        return data


def base64url(data: bytes) -> str:
    """As in a JSON Web Key (RFC 7515): without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes that `base64url` made into exactly this text; else ValueError."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise ValueError("not base64url")
    return data
