"""What `--join` says: an address on this machine, or a join file.

Making that file is left to `certificates`.
"""

import ipaddress

from leyline.cluster.engine import address_of
from leyline.cluster.worker import Joining
from leyline.flags import WRONG, WRONG_USAGE, fail

NO_ADDRESS = "--join={!r} must be an address such as localhost:8786, or a join file."
NOT_PLAIN = (
    "{} is not on this machine, and nobody joins over a network without a certificate. "
    "Make a join file at the front door: leyline join-file > worker.join"
)


def joining(where: str, name: str, devices: tuple[str, ...], model: str) -> Joining:
    """As whom to join, and where; ends the command where that is wrong."""
    host, port = host_and_port(where)
    if not is_loopback(host):
        fail(NOT_PLAIN.format(host), WRONG)
    return Joining(address_of(host, port, None), None, name, devices, model)


def host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        fail(NO_ADDRESS.format(text), WRONG_USAGE)
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether this is an address of this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
