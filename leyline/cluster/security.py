"""What the engine is given for security: TLS contexts of our own in the place of those that it would make.

    front_security(data_dir)     for the front door; `security.door.keep()` has to run as long as it listens
    worker_security(path, join)  for a worker, from its join file

Who gets in is decided by `door`, whom a worker believes by `caller`. Danger: the engine asks for contexts by role,
and a role that got the wrong one would open a port to everybody: each one is named here, and there is no other.
"""

from pathlib import Path
from typing import Any

from leyline.cluster import caller
from leyline.cluster.certificates import Authority
from leyline.cluster.door import Door, name_in
from leyline.cluster.engine import Comm, Security
from leyline.cluster.join_file import FRONT_DOOR, JoinFile

PROTOCOL = "tls"


class FrontSecurity(Security):
    """The front door's: it listens behind its door, and calls nobody but, if need be, itself."""

    def __init__(self, authority: Authority) -> None:
        super().__init__(require_encryption=True)  # type: ignore[no-untyped-call]
        self.door = Door(authority)
        self._calling = caller.calling(authority.certificate, authority.own())

    def get_listen_args(self, role: str) -> dict[str, Any]:
        return {"ssl_context": self.door.context, "require_encryption": True}

    def get_connection_args(self, role: str) -> dict[str, Any]:
        return _calling_args(self._calling)


class WorkerSecurity(Security):
    """A worker's: it calls the front door, and the port that the engine opens for it lets nobody in."""

    def __init__(self, path: Path, join: JoinFile) -> None:
        super().__init__(require_encryption=True)  # type: ignore[no-untyped-call]
        self._calling = caller.calling(join.authority, path)
        self._answering = caller.answering_nobody(path)

    def get_listen_args(self, role: str) -> dict[str, Any]:
        return {"ssl_context": self._answering, "require_encryption": True}

    def get_connection_args(self, role: str) -> dict[str, Any]:
        return _calling_args(self._calling)


def front_security(data_dir: Path) -> FrontSecurity:
    """For the front door with this data folder; makes the authority at its first use."""
    return FrontSecurity(Authority(data_dir))


def worker_security(path: Path, join: JoinFile) -> WorkerSecurity:
    """For a worker with this join file, which was read from that path; OpenSSL reads the key from it itself."""
    return WorkerSecurity(path, join)


def peer_name(comm: Comm) -> str:
    """The name in the certificate of who is at the other end; "" where there is none."""
    return name_in(comm.extra_info.get("peercert") or {})


def _calling_args(context: Any) -> dict[str, Any]:
    return {
        "ssl_context": context,
        "require_encryption": True,
        "extra_conn_args": {},
        "server_hostname": FRONT_DOOR,
    }
