"""The host names that this server answers to.

A page of another site can point a name of its own at this address and would then be the same origin as
Leyline ("DNS rebinding"). Such a name is refused; a literal address cannot be rebound, so each one passes.
"""

import ipaddress
import re
import socket

from leyline.errors import UnknownHost
from leyline.settings import host_names

HOST_AND_PORT = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::[0-9]{0,5})?", re.I)


class Hosts:
    """Local names, the machine's own, the one listened on, and those that the operator adds."""

    def __init__(self, added: str, listened_on: str) -> None:
        """`added` is a list of names with commas between."""
        machine = _normal(socket.gethostname())
        own = {"localhost", machine, f"{machine.partition('.')[0]}.local", _normal(listened_on)}
        self._names = own | {_normal(name) for name in host_names(added)}

    def check(self, header: str) -> None:
        """Raise `UnknownHost`, naming the setting, for a Host header that is not ours."""
        host = HOST_AND_PORT.fullmatch(header.strip())
        name = _normal(host[1]) if host else ""
        if name not in self._names and not name.endswith(".localhost") and not _is_address(name):
            raise UnknownHost(
                f"This server does not answer to the host name “{header[:100]}”. "
                "If it should, add that name to LEYLINE_HOSTS."
            )


def _normal(name: str) -> str:
    return name.strip().lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
