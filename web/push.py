"""A browser's subscription over HTTP: made on its person's click, listed and deleted by the session that it is of.

What it is told is written by the outbox. Danger: the address in it is a credential, so nobody is shown it again,
not even its owner.
"""

from typing import Any

from leyline import errors
from leyline.errors import BadSubscription
from leyline.origins import MAX_URL, Origin, origin_of
from leyline.push.sealing import check_keys
from leyline.push.subscriptions import Subscription, Words
from leyline.times import timestamp
from web.base import Handler
from web.parts import Parts

MAX_WORDS = 200  # characters of each sentence
MAX_LANGUAGE = 35  # of a language's tag (RFC 5646)
NAME_PLACE = "{name}"
NO_SESSION = "Messages go to the browser session that pictures were sent with. Open this server's page first."


class PushHandler(Handler):
    """What both addresses have."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.subscriptions = parts.subscriptions
        self.services, self.key = parts.services, parts.push_key

    async def begin(self) -> None:
        await super().begin()
        if not self.key:
            raise errors.PushOff

    def owner(self) -> str:
        """The session, or `NoSession`."""
        if self.caller.owner is None:
            raise errors.NoSession(NO_SESSION)
        return self.caller.owner


class SubscriptionsHandler(PushHandler):
    async def get(self) -> None:
        found = await self.subscriptions.of(self.owner())
        self.write_json({"key": self.key, "subscriptions": [shown(each) for each in found]})

    async def post(self) -> None:
        owner, body = self.owner(), self.json_body()
        endpoint, keys = _text(body, "endpoint", MAX_URL), body.get("keys")
        origin = self._origin(endpoint)
        if not isinstance(keys, dict):
            raise BadSubscription("A subscription has keys: p256dh and auth.")
        public_key, secret = _text(keys, "p256dh", MAX_WORDS), _text(keys, "auth", MAX_WORDS)
        try:
            check_keys(public_key, secret)
        except ValueError:
            raise BadSubscription("keys are not those of a browser's subscription.") from None
        added, is_new = await self.subscriptions.add(
            owner,
            self.caller.network,
            endpoint=endpoint,
            origin=str(origin),
            public_key=public_key,
            secret=secret,
            words=_words(body.get("words")),
            contact=f"https://{self.request.host_name}",
        )
        self.write_json(shown(added), 201 if is_new else 200)

    def _origin(self, endpoint: str) -> Origin:
        try:
            origin = origin_of(endpoint)
        except ValueError:
            raise BadSubscription("endpoint must be the plain https address of a push service.") from None
        if origin not in self.services:
            raise BadSubscription(
                f"{origin.text} is not among this server's push services; LEYLINE_PUSH_SERVICES says which are."
            )
        return origin


class SubscriptionHandler(PushHandler):
    async def delete(self, push_id: str) -> None:
        if not await self.subscriptions.remove(push_id, self.owner()):
            raise errors.NotFound
        self.set_status(204)


def shown(subscription: Subscription) -> dict[str, Any]:
    """A subscription as its owner sees it."""
    return {
        "push_id": subscription.push_id,
        "service": origin_of(subscription.endpoint).text,
        "language": subscription.words.language,
        "created_at": timestamp(subscription.created_at),
        "renewed_at": timestamp(subscription.renewed_at),
    }


def _words(said: Any) -> Words:
    if not isinstance(said, dict):
        raise BadSubscription("A subscription has words: language, succeeded, failed and unnamed.")
    words = Words(
        _text(said, "language", MAX_LANGUAGE),
        *(_text(said, name, MAX_WORDS) for name in ("succeeded", "failed", "unnamed")),
    )
    if NAME_PLACE not in words.succeeded or NAME_PLACE not in words.failed:
        raise BadSubscription(f"The words of succeeded and failed say {NAME_PLACE} where the picture's name goes.")
    return words


def _text(said: dict[str, Any], name: str, longest: int) -> str:
    text = said.get(name)
    if not isinstance(text, str) or not 1 <= len(text) <= longest:
        raise BadSubscription(f"{name} must be a text of 1 to {longest:,} characters.")
    return text
