"""The line over HTTP: its public numbers, and the operator's view, pause and resume."""

from web.bearer import BearerHandler
from web.parts import Parts


class LineHandler(BearerHandler):
    """The base of what answers with the line."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def answer(self) -> None:
        """The public numbers; the operator sees each task too."""
        position = self.representation.position_for(self.caller.client, self.caller.network)
        said = {**self.representation.line(position), "model": self.representation.model()}
        said["installation"] = self.sessions.installation
        if self.is_operator():
            said["tasks"] = self.representation.everybody()
        self.write_json(said)


class QueueHandler(LineHandler):
    async def get(self) -> None:
        await self.answer()


class PauseHandler(LineHandler):
    """The operator pauses the line, or resumes it."""

    needs_admission = False  # the operator's token is worth more
    paused = True

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.moves = parts.moves

    async def post(self) -> None:
        self.demand_operator()
        await self.moves.pause(self.paused)
        await self.answer()


class ResumeHandler(PauseHandler):
    paused = False
