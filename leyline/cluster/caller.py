"""A worker's TLS: whom it believes to be the front door, and why it was not let in, for people.

Whom the front door lets in is decided by `door`.
"""

import ssl
from pathlib import Path

from leyline.cluster.join_file import FRONT_DOOR

NO_TLS = (
    "What answers there speaks without TLS, as a front door does at a loopback address: "
    "serve it where others reach it, with --cluster 0.0.0.0:8786, or join it without a file."
)
SENTENCES = {  # of OpenSSL, for what the front door told or showed
    "CERTIFICATE_REVOKED": "The front door has revoked this worker's certificate. It needs a new join file.",
    "CERTIFICATE_EXPIRED": "This worker's certificate has expired. It needs a new join file.",
    "UNKNOWN_CA": "The front door does not know this worker's certificate: it is of another installation.",
    "CERTIFICATE_REQUIRED": "The front door wants a certificate: join with a join file.",
    "BAD_CERTIFICATE": "The front door did not accept this worker's certificate.",
    "UNSUPPORTED_CERTIFICATE": "The certificate shown to the front door is not for joining.",
    "WRONG_VERSION_NUMBER": NO_TLS,
    "UNSUPPORTED_PROTOCOL": "Who answers at this address speaks no TLS 1.3, which a front door does.",
    "PROTOCOL_VERSION": "Who answers at this address speaks no TLS 1.3, which a front door does.",
}
VERDICTS = {  # of OpenSSL, on the certificate that was shown (X509_V_ERR_…)
    9: "The front door's certificate is not valid yet: this clock is more than a day behind, or its own is ahead.",
    10: "The front door's certificate has expired: this machine's clock is ahead, or its own stands still.",
}
NOT_THE_FRONT_DOOR = (
    "Who answers at this address is not the front door of the join file; the join file may be an old one."
)


def calling(authority: str, own: Path) -> ssl.SSLContext:
    """The TLS of who calls the front door: PEM of whom to trust, and the file with an own certificate and its key.

    The name to ask for is `FRONT_DOOR`, at whatever address: a worker's certificate is of no such name, and is not
    for answering.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_verify_locations(cadata=authority)
    context.load_cert_chain(own)
    return context


def answering_nobody(own: Path) -> ssl.SSLContext:
    """The TLS of a port that the engine opens and nobody needs: it trusts no authority at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(own)
    return context


def why_not(error: BaseException) -> str | None:
    """The sentence for an error, or one that led to it, that is about certificates; None for any other."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return VERDICTS.get(seen.verify_code, NOT_THE_FRONT_DOOR)
        if isinstance(seen, ssl.SSLError):
            found = (words for part, words in SENTENCES.items() if part in (seen.reason or ""))
            if sentence := next(found, None):
                return sentence
        seen = seen.__cause__ or seen.__context__
    return None


__all__ = ["FRONT_DOOR", "NO_TLS", "answering_nobody", "calling", "why_not"]
