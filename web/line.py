"""The line over HTTP: its public numbers, and the operator's view, pause and resume."""

from leyline import errors
from leyline.line.moves import Moves
from web.base import Handler
from web.representation import Representation


class LineHandler(Handler):
    representation: Representation

    async def answer(self) -> None:
        """The public numbers; the operator sees each task too."""
        said = {**await self.representation.line(), "model": self.representation.model()}
        if self._is_operator():
            said["tasks"] = await self.representation.everybody()
        self.write_json(said)

    def _is_operator(self) -> bool:
        """False also where too many wrong tokens came: a token that is not needed keeps nobody from the numbers."""
        try:
            return self.sessions.is_operator(self)
        except errors.ClientLimit:
            return False


class QueueHandler(LineHandler):
    async def get(self) -> None:
        await self.answer()


class PauseHandler(LineHandler):
    """Pause or resume, by the route's `paused`."""

    moves: Moves
    paused: bool
    needs_admission = False  # the operator's token is worth more

    async def post(self) -> None:
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
        await self.moves.pause(self.paused)
        await self.answer()
