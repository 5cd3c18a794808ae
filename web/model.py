"""The model over HTTP: what it is, how it is, and what people can choose for each picture."""

from web.base import Handler
from web.parts import Parts


class ModelHandler(Handler):
    """All that people are told of the model; the same for everybody, and 304 to who has it."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.representation = parts.representation.below(self.prefix)

    async def get(self) -> None:
        self.write_json(self.representation.whole_model())
