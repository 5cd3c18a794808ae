"""How a refusal looks on the wire: RFC 9457 `application/problem+json`, and what every answer carries besides.

Which refusal it is, is decided elsewhere.
"""

import json
import math
from http import HTTPStatus
from typing import Any

from leyline.errors import Refusal

# What neither the page nor anything in it ever asks a browser for.
UNUSED = (
    *("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb", "xr-spatial-tracking"),
)
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def problem(refusal: Refusal) -> dict[str, Any]:
    """The refusal as an object."""
    return {
        "type": f"urn:leyline:error:{refusal.code}",
        "title": refusal.title(),
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "retryable": refusal.retryable,
        **refusal.extra,
    }


def body(refusal: Refusal) -> bytes:
    """The body of its answer."""
    return json.dumps(problem(refusal), ensure_ascii=False).encode()


def headers(refusal: Refusal) -> dict[str, str]:
    """The headers that its answer has besides those of every answer."""
    found = {"Content-Type": "application/problem+json; charset=UTF-8", "Cache-Control": "no-store"}
    if refusal.retry_after_seconds is not None:
        found["Retry-After"] = str(max(1, math.ceil(refusal.retry_after_seconds)))
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        found["WWW-Authenticate"] = "Bearer"
    return found


def whole(refusal: Refusal) -> bytes:
    """A whole answer that ends its connection, for where no handler is there to write one."""
    content = body(refusal)
    ends = {"Content-Length": str(len(content)), "Connection": "close"}
    lines = [f"{name}: {value}\r\n" for name, value in {**SECURITY_HEADERS, **headers(refusal), **ends}.items()]
    status_line = f"HTTP/1.1 {refusal.status} {HTTPStatus(refusal.status).phrase}\r\n"
    return (status_line + "".join(lines) + "\r\n").encode("latin-1") + content
