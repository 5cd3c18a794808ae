"""What makes the page a thing of a phone: what is installed, its worker, and where a share sheet leads.

The worker (static/phone/worker.js) answers the share sheet itself. Danger: its address says how far it reaches,
so it lies beside the page and not among the page's files.
"""

from http import HTTPStatus

from leyline import errors
from web.base import Handler
from web.page import STATIC, served

# Thrown away as they come: a browser shows no answer before it has sent all of it.
MOST_SHARED_BYTES = 500_000_000


class ManifestHandler(Handler):
    """The manifest; all addresses in it are relative to its own."""

    needs_admission = False

    async def get(self) -> None:
        self.set_header("Content-Type", "application/manifest+json")
        self.set_header("Cache-Control", "no-cache")
        self.write(served(str(STATIC / "phone" / "manifest.json")))


class WorkerHandler(Handler):
    """The worker; browsers ask for it anew at each visit, and once a day."""

    needs_admission = False

    async def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache")
        self.write(served(str(STATIC / "phone" / "worker.js")))


class ShareHandler(Handler):
    """Pictures that were shared while the browser had no worker: the page asks for them once more."""

    needs_admission = False

    async def begin(self) -> None:
        self.check_length(MOST_SHARED_BYTES)
        self._shared_bytes = 0

    async def receive(self, chunk: bytes) -> None:
        self._shared_bytes += len(chunk)
        if self._shared_bytes > MOST_SHARED_BYTES:
            raise errors.TooLarge("That is more than can be shared at once. Share fewer pictures.")

    async def post(self) -> None:
        self.redirect(f"{self.prefix}/?not_shared", status=HTTPStatus.SEE_OTHER)
