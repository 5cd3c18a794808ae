"""What `--join` says: an address on this machine, or a join file.

Making that file is left to `certificates`. Danger: without a certificate nobody is told apart, so that is for
addresses of this machine alone.
"""

from datetime import UTC, datetime
from pathlib import Path

from leyline.cluster import join_file
from leyline.cluster.caller import why_not
from leyline.cluster.engine import address_of
from leyline.cluster.security import worker_security
from leyline.cluster.worker import Joining
from leyline.errors import StartupError
from leyline.flags import tell
from leyline.network import is_loopback
from leyline.settings import host_and_port

NO_ADDRESS = "--join={!r} must be an address such as localhost:8786, or a join file that is there."
NOT_PLAIN = (
    "{} is not this machine, and nobody joins over a network without a certificate. Make a join file at the front "
    "door, and join with that: leyline join-file > worker.join"
)


def joining(where: str, name: str, devices: tuple[str, ...], model: str) -> Joining:
    """As whom to join, and where. Raises `StartupError`."""
    path = Path(where).expanduser()
    if path.is_file():
        return _with_file(path, devices, model)
    try:
        host, port = host_and_port(where)
    except ValueError:
        raise StartupError(NO_ADDRESS.format(where)) from None
    if host != "localhost" and not is_loopback(host):
        raise StartupError(NOT_PLAIN.format(host))
    return Joining(address_of(host, port, None), None, name, devices, model)


def _with_file(path: Path, devices: tuple[str, ...], model: str) -> Joining:
    file = join_file.read(path)
    if join_file.is_open_to_others(path):
        tell(f"{path} is a secret, and other people of this machine can read it: chmod 600 {path}")
    if news := file.news(datetime.now(UTC)):
        tell(news)
    security = worker_security(path, file)
    host, port = join_file.address(file.address)
    return Joining(address_of(host, port, security), security, file.name, devices, model, why_not)
