"""Who is told of tasks besides their pages, as a server's parts: receivers of webhooks, and browsers by push.

What is told, and how, is left to `leyline.webhooks` and `leyline.push`.
"""

from collections.abc import Callable
from typing import Any

from leyline.data_folder import DataFolder
from leyline.line.database import Database
from leyline.push.sealing import Sealer, new_key
from leyline.push.subscriptions import Subscriptions
from leyline.settings import Settings, networks
from leyline.webhooks.addresses import Addresses
from leyline.webhooks.delivery import Delivery
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.receivers import Receivers
from leyline.webhooks.sending import Sender
from leyline.webhooks.signing import Signer, new_secret


class Telling:
    """The outbox that moves write to, who may be named in it, and who empties it."""

    def __init__(
        self, settings: Settings, folder: DataFolder, database: Database, on_tried: Callable[..., Any]
    ) -> None:
        self.subscriptions = Subscriptions(database)
        is_pushing = settings.push == "yes"
        sealer = Sealer(folder.secret("push-key", new_key), self.subscriptions) if is_pushing else None
        self.push_key = sealer.public_key if sealer else ""
        self.outbox = Outbox(
            database,
            settings.webhook_url,
            settings.webhook_origins,
            pushes=self.subscriptions if sealer else None,
            services=settings.allowed_services,
        )
        self.receivers = Receivers(settings.webhook_origins, self.outbox)
        secret = settings.webhook_secret or folder.secret("webhook-secret", new_secret)
        addresses = Addresses(networks(settings.webhook_networks))
        self.delivery = Delivery(self.outbox, Sender(Signer(secret), addresses, sealer=sealer), on_tried=on_tried)
