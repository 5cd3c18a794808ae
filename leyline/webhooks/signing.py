"""Signatures as Standard Webhooks has them (https://www.standardwebhooks.com): HMAC-SHA256 of id, time and body.

Keeping the secret is left to the data folder or the operator. Several secrets sign at once, while one takes the
place of another; the receiver believes any. Danger: what is signed is the very bytes that are sent.
"""

import base64
import hashlib
import hmac
import secrets

from leyline.settings import SECRET_PREFIX, webhook_secrets

SECRET_BYTES = 32


def new_secret() -> str:
    """One as receivers are given it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


class Signer:
    """Signs with the secrets in a text with spaces between."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for a secret that is none."""
        self._secrets = webhook_secrets(text)

    def headers(self, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
        """Those that prove the message; `seconds` since 1970 is when it is sent, each time anew."""
        signed = f"{message_id}.{seconds}.".encode() + body
        signatures = [
            base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode() for each in self._secrets
        ]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        }
