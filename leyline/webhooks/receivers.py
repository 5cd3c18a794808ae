"""Whom an upload may name to be told of its task: hosts that the operator allows, while they take what comes.

Danger: what is checked here is the name alone. Where it leads is checked by `addresses`, at each try.
"""

from collections.abc import Iterable

from leyline.errors import BadWebhook, WebhooksFull
from leyline.origins import MAX_URL, Origin, origin_of
from leyline.webhooks.outbox import Outbox

NONE_ALLOWED = "This server sends no webhooks of uploads; LEYLINE_WEBHOOK_HOSTS allows hosts for them."


class Receivers:
    """The hosts that are allowed."""

    def __init__(self, allowed: Iterable[Origin], outbox: Outbox) -> None:
        self._allowed = frozenset(allowed)
        self._outbox = outbox

    def check(self, url: str) -> Origin:
        """Raises `BadWebhook` for what is no address, or of no host that is allowed."""
        if not self._allowed:
            raise BadWebhook(NONE_ALLOWED)
        if len(url) > MAX_URL:
            raise BadWebhook(f"webhook_url may have at most {MAX_URL:,} characters.")
        try:
            origin = origin_of(url)
        except ValueError:
            raise BadWebhook(
                "webhook_url must be a plain https address, such as https://example.org/hooks/7."
            ) from None
        if origin not in self._allowed:
            raise BadWebhook(f"{origin} is not among the hosts that this server may send webhooks to.")
        return origin

    async def check_room(self, url: str) -> None:
        """Raises what `check` does, and `WebhooksFull` while too much waits for its receiver."""
        if await self._outbox.is_full(self.check(url)):
            raise WebhooksFull
