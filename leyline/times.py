"""Moments as they are told to programs."""

from datetime import UTC, datetime
from typing import overload


@overload
def timestamp(seconds: float) -> str: ...
@overload
def timestamp(seconds: None) -> None: ...
@overload
def timestamp(seconds: float | None) -> str | None: ...


def timestamp(seconds: float | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, of seconds since 1970; None stays None."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
