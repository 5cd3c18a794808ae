"""How a view's key reaches the page: wrapped, so that nothing usable stands in any message on the way.

The page sends the public half of a key pair that it made for this view (X25519, RFC 7748). Both sides derive the
same wrapping key from it, bound to the ticket (HKDF-SHA256, RFC 5869), and the view's key goes under that one
(AES-KW, RFC 3394). Danger: a public half of low order makes a secret that everybody knows, and is refused.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from leyline.cenc import KEY_BYTES
from leyline.errors import BadRequest

PURPOSE = b"leyline view key\n"


@dataclass(frozen=True)
class Wrapped:
    """A key that only who has the other half of the pair can unwrap; `public` is our half."""

    public: bytes
    wrapped: bytes


def wrap(key: bytes, ticket: str, public: bytes) -> Wrapped:
    """The key for whoever has the private half of `public`; `BadRequest` where that is no half of a pair."""
    ours = X25519PrivateKey.generate()
    try:
        secret = ours.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:  # of another length, or the secret would be all zeros
        raise BadRequest("view_key needs public, the public half of an X25519 key pair.") from None
    wrapping = HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE + ticket.encode()).derive(secret)
    return Wrapped(ours.public_key().public_bytes_raw(), aes_key_wrap(wrapping, key))
