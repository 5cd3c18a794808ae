"""One message to a browser, sealed so that only it can read it (RFC 8291), and signed by this server (RFC 8292).

Sending is left to `webhooks.sending`. pywebpush does both; it is loaded at the first message, in a thread, for what
it brings along takes a while. Danger: browsers are bound to the key that they subscribed with: with another one,
their push service refuses all that is sent to them.
"""

import asyncio
import base64
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leyline.errors import StartupError
from leyline.origins import origin_of
from leyline.push.subscriptions import Subscription, Subscriptions

KEY_BYTES = 32
POINT_BYTES, UNCOMPRESSED = 65, 4  # of a browser's public key: in full, as RFC 8291 has it
SECRET_BYTES = 16  # of a browser
SIGNED_SECONDS = 12 * 3600  # that a signature counts: a day is the most (RFC 8292)


class Sealed(NamedTuple):
    """A request's headers and body."""

    headers: dict[str, str]
    body: bytes


def new_key() -> str:
    """A private key, as the data folder keeps it."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _text(number.to_bytes(KEY_BYTES))


def check_keys(public_key: str, secret: str) -> None:
    """Raises ValueError for what no browser has: a point not on the curve or not in full, another length."""
    point = _bytes(public_key)
    if len(point) != POINT_BYTES or point[0] != UNCOMPRESSED:
        raise ValueError("no public key of a browser")
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    if len(_bytes(secret)) != SECRET_BYTES:
        raise ValueError("no secret of a browser")


class Sealer:
    """Seals with the installation's key."""

    def __init__(self, key: str, subscriptions: Subscriptions) -> None:
        """Raises `StartupError` for a key that is none."""
        try:
            private = ec.derive_private_key(int.from_bytes(_bytes(key)), ec.SECP256R1())
        except ValueError as error:
            raise StartupError("The secret push-key is damaged. Remove it, and a new one is made.") from error
        self._key = key
        self._subscriptions = subscriptions
        self.public_key = _text(private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    async def sealed(self, push_id: str, body: str, topic: str, now: float, seconds: float) -> Sealed | None:
        """For this browser; None where it is not subscribed any more.

        Its service keeps it for `seconds`, and of one `topic` the newest alone: what is sent twice is shown once.
        """
        subscription = await self._subscriptions.named(push_id)
        if subscription is None:
            return None
        headers, content = await asyncio.to_thread(self._seal, subscription, body.encode(), now)
        return Sealed({**headers, "TTL": str(max(0, int(seconds))), "Topic": topic, "Urgency": "normal"}, content)

    def _seal(self, subscription: Subscription, body: bytes, now: float) -> tuple[dict[str, str], bytes]:
        from py_vapid import Vapid02
        from pywebpush import WebPusher

        origin = origin_of(subscription.endpoint)
        keys = {"p256dh": subscription.public_key, "auth": subscription.secret}
        content = WebPusher({"endpoint": subscription.endpoint, "keys": keys}).encode(body)["body"]
        signer = Vapid02.from_raw(self._key.encode())
        signer.conf["no-strict"] = True  # it would take no host without a dot
        claims = {
            "aud": origin.text,
            "exp": int(now) + SIGNED_SECONDS,
            "sub": subscription.contact,
        }
        signed = signer.sign(claims)
        return {**signed, "Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm"}, content


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Raises ValueError for what is no base64url."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
