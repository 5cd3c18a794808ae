"""The line over HTTP: its public numbers, and the operator's pause and resume."""

from leyline import errors
from leyline.worker import Worker
from web.base import Handler
from web.representation import Representation


class QueueHandler(Handler):
    representation: Representation

    async def get(self) -> None:
        self.write_json({**await self.representation.line(), "model": self.representation.model()})


class PauseHandler(Handler):
    """Pause or resume, by the route's `paused`."""

    worker: Worker
    representation: Representation
    paused: bool
    needs_admission = False  # the operator's token is worth more

    async def post(self) -> None:
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
        await self.worker.pause(self.paused)
        self.write_json(await self.representation.line())
