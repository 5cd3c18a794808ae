"""sqlite-utils, without numpy.

Where numpy is installed it would be loaded to store arrays, of which there are none here: 11 MB of each server's
memory, and an eighth of its start.
"""

import sys

_is_loaded = "numpy" in sys.modules
if not _is_loaded:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's way to say that there is no such module
try:
    from sqlite_utils import Database, Migrations
finally:
    if not _is_loaded:
        del sys.modules["numpy"]

__all__ = ["Database", "Migrations"]
