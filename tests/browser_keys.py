"""A browser as a push service's customer: it subscribes with keys of its own, and alone can open what is sealed."""

import base64
import json
import secrets
import time
from typing import Any

import http_ece
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.receiver import Heard

WORDS = {"language": "de", "succeeded": "{name} ist fertig", "failed": "Kein Video von {name}", "unnamed": "Bild"}


class BrowserKeys:
    """The keys of one subscription."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._secret = secrets.token_bytes(16)

    def subscription(self, endpoint: str, **words: str) -> dict[str, Any]:
        """As the page sends it."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text(point), "auth": text(self._secret)}
        return {"endpoint": endpoint, "keys": keys, "words": {**WORDS, **words}}

    def opened(self, heard: Heard) -> dict[str, Any]:
        """What the message says; whatever its service was given, only these keys open it."""
        assert heard.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(heard.body, private_key=self._private, auth_secret=self._secret)
        return dict(json.loads(plain))


def claims(heard: Heard, key: str) -> dict[str, Any]:
    """What the server says of itself (RFC 8292), once its signature is that of the key subscribed with."""
    scheme, _, given = heard.headers["authorization"].partition(" ")
    said = dict(part.strip().split("=", 1) for part in given.split(","))
    assert (scheme, said["k"]) == ("vapid", key)
    signed, _, signature = said["t"].rpartition(".")
    raw = data(signature)
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data(key))
    numbers = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    point.verify(numbers, signed.encode(), ec.ECDSA(hashes.SHA256()))
    head, body = (json.loads(data(part)) for part in signed.split("."))
    assert head["alg"] == "ES256"
    assert time.time() < body["exp"] <= time.time() + 86_400
    return dict(body)


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def data(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
