"""What machines ask: does the process live, can it take work."""

from leyline.processes.states import ChildState
from web.base import Handler
from web.parts import Parts


class HealthHandler(Handler):
    needs_admission = False

    async def get(self) -> None:
        self.write_json({"status": "ok"})


class ReadyHandler(Handler):
    """200 once the model is loaded; 503 while it is not, with its state."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def get(self) -> None:
        model = self.representation.model()
        is_ready = model["state"] in (ChildState.READY, ChildState.BUSY)
        self.write_json({"status": "ready" if is_ready else "not ready", "model": model}, 200 if is_ready else 503)
