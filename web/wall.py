"""GET /api/videos: the caller's finished videos, by words and in an order; what the page's wall shows.

Finding them is left to the core. Danger: what is found may be little in each of many answers; `next` alone says
whether there is more.
"""

from leyline import errors
from leyline.line.tasks import Task
from leyline.line.videos import MOST_LETTERS, Found, Order
from web.base import Handler
from web.parts import Parts
from web.tasks import page_size


class WallHandler(Handler):
    """A page of the caller's videos."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.videos = parts.videos
        self.representation = parts.representation.below(self.prefix)

    async def get(self) -> None:
        limit, order, search = page_size(self), self._order(), self.get_query_argument("search", "")
        if len(search) > MOST_LETTERS:
            raise errors.BadRequest(f"search has at most {MOST_LETTERS} characters.")
        found = Found([], None)
        if self.caller.owner is not None:
            found = await self.videos.find(self.caller.owner, search, order, await self._before(), limit)
        self.write_json({"tasks": [self.representation.full(task) for task in found.tasks], "next": found.next})

    def _order(self) -> Order:
        try:
            return Order(self.get_query_argument("sort", Order.NEWEST))
        except ValueError:
            raise errors.BadRequest(f"sort must be one of {', '.join(Order)}.") from None

    async def _before(self) -> Task | None:
        before = self.get_query_argument("before", "")
        return await self.representation.visible(before, self.caller.owner) if before else None
