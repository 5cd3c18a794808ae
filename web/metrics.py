"""GET /metrics: the server's numbers in the formats of Prometheus, made by its own library.

What is counted is left to `numbers`, what is true at this moment to `gauges`; what all of it means is told in the
HELP lines and in docs/monitoring.md. Danger: whatever asks a disk does so in a thread.
"""

import asyncio

from prometheus_client.exposition import choose_encoder

from web.base import Handler
from web.gauges import Disk
from web.parts import Parts


class MetricsHandler(Handler):
    """For scripts and dashboards; where an access token is set, they bear it."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.numbers, self.gauges = parts.numbers, parts.gauges
        self.media, self.retention, self.outbox = parts.media, parts.retention, parts.outbox

    async def get(self) -> None:
        free_bytes = await asyncio.to_thread(self.media.free_bytes)
        self.gauges.webhooks_waiting = await self.outbox.waiting()
        encode, content_type = choose_encoder(self.request.headers.get("Accept", ""))
        self.gauges.disk = Disk(free_bytes, self.retention.kept_bytes)
        said = encode(self.numbers.registry)  # at one instant: nothing of it waits
        self.set_header("Content-Type", content_type)
        self.write(said)
