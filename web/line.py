"""The line over HTTP: its public numbers, and the operator's view, pause and resume."""

from leyline import errors
from web.base import Handler
from web.parts import Parts


class LineHandler(Handler):
    """The base of what answers with the line."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def answer(self) -> None:
        """The public numbers; the operator sees each task too."""
        said = {**self.representation.line(), "model": self.representation.model()}
        said["installation"] = self.sessions.installation
        if self._is_operator():
            said["tasks"] = self.representation.everybody()
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
    """The operator pauses the line, or resumes it."""

    needs_admission = False  # the operator's token is worth more
    paused = True

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.moves = parts.moves

    async def post(self) -> None:
        if not self.sessions.is_operator(self):
            raise errors.OperatorOnly
        await self.moves.pause(self.paused)
        await self.answer()


class ResumeHandler(PauseHandler):
    paused = False
