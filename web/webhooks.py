"""The operator's view of webhooks: each message, its tries, and what has become of it."""

import re
from typing import Any

from leyline import errors
from leyline.origins import origin_of
from leyline.times import timestamp
from leyline.webhooks.messages import Message
from web.base import Handler
from web.call import PATTERNS
from web.parts import Parts

MAX_PAGE = 100
MOST = 2**53 - 1  # as JSON has whole numbers


class WebhooksHandler(Handler):
    """The messages of one task, or of all, newest first."""

    needs_admission = False  # the operator's token is worth more

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.outbox = parts.outbox

    async def get(self) -> None:
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
        limit, before = self._whole("limit", MAX_PAGE, 50), self._whole("before", MOST, MOST)
        task_id = self.get_query_argument("task_id", None)
        if task_id is not None and not re.fullmatch(PATTERNS["task_id"], task_id):
            raise errors.BadRequest("task_id must be 32 lower-case hex digits.")
        found = await self.outbox.page(before, task_id, limit + 1)
        following = found[limit - 1].number if len(found) > limit else None
        self.write_json({"messages": [shown(each) for each in found[:limit]], "next": following})

    def _whole(self, name: str, most: int, default: int) -> int:
        """The number in the query; `default` where there is none."""
        text = self.get_query_argument(name, None)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,16}", text) or not 1 <= int(text) <= most:
            raise errors.BadRequest(f"{name} must be a whole number from 1 to {most}.")
        return int(text)


def shown(message: Message) -> dict[str, Any]:
    """A message as the operator sees it."""
    return {
        "message_id": message.message_id,
        "task_id": message.task_id,
        "type": message.event,
        "url": message.url if message.push_id is None else origin_of(message.url).text,  # a browser's is a secret
        "state": message.state.value,
        "tries": list(message.tries),
        "created_at": timestamp(message.created_at),
        "due_at": timestamp(message.due_at),
        "ended_at": timestamp(message.ended_at),
    }
