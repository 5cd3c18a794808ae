"""What people may want to know before they send a picture: what is taken, whose turn it is, who sees it, how long
it is kept. The page for it, and what that says, from the settings in force.

The sentences are the page's. Danger: who needs an access token and has none may know all of this but what the
operator tells of the model; so nothing here is anybody's, and of receivers only that there are some.
"""

from typing import Any

from leyline.formats import LONGEST_SIDE, MEDIA_TYPES
from leyline.line.moves import UNDO_SECONDS
from leyline.line.pins import part_of_network
from leyline.line.tasks import TRASH_SECONDS
from leyline.settings import DAY, Settings
from leyline.watching.ledger import SAME_VIEW_SECONDS
from web.base import Handler
from web.links import DEFAULT_SECONDS, LONGEST_SECONDS
from web.page import STATIC
from web.parts import Parts


class AboutPageHandler(Handler):
    """The page. It gives no session: nobody is followed for having read it."""

    needs_admission = False

    async def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.write((STATIC / "about.html").read_text("utf-8"))


class AboutHandler(Handler):
    """What it says, as JSON."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self._settings = parts.settings

    async def get(self) -> None:
        settings = self._settings
        model = {"name": settings.model, "about": settings.model_about} if self.caller.admitted else None
        self.write_json({**facts(settings), "model": model})


def facts(settings: Settings) -> dict[str, Any]:
    """All of it but the model; null for what has no limit, times in seconds."""
    return {
        "needs_token": bool(settings.token),
        "sending": {
            "formats": MEDIA_TYPES,
            "max_upload_bytes": settings.max_upload_bytes or None,
            "max_pixels": settings.max_pixels or None,
            "uploads_per_minute": settings.uploads_per_minute or None,
            "longest_side": LONGEST_SIDE,
        },
        "line": {
            "order": settings.order,
            "max_waiting": settings.max_waiting or None,
            "max_waiting_per_client": settings.max_waiting_per_client or None,
            "limits_networks": settings.limit_networks == "yes",
            "max_attempts": settings.max_attempts,
            "undo_seconds": UNDO_SECONDS,
        },
        "making": {"on_other_machines": bool(settings.cluster)},
        "keeping": {
            "files_seconds": settings.keep_days * DAY or None,
            "row_seconds": 2 * settings.keep_days * DAY or None,
            "all_bytes": settings.keep_gb * 1e9 or None,
            "pinned_bytes_of_network": part_of_network(settings.keep_gb),
            "trash_seconds": TRASH_SECONDS,
        },
        "watching": {
            "by_page": settings.watch_without_eme == "yes",
            "same_view_seconds": SAME_VIEW_SECONDS,
            "link_seconds": DEFAULT_SECONDS,
            "longest_link_seconds": LONGEST_SECONDS,
        },
        "telling": {
            "operators_receiver": bool(settings.webhook_url),
            "own_receivers": bool(settings.webhook_hosts),
            "push": settings.push == "yes",
        },
    }
