"""The file with which a worker joins: where the front door is, whom to trust there, and a certificate of its own.

One readable text: a head of lines `name: value`, then PEM blocks, which OpenSSL reads out of it as it is. Making
the certificate is left to `certificates`. Danger: whoever has the file can run code at the front door and on
every worker, so it is never shown in an error, and is written for its owner alone.
"""

import datetime
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from leyline.errors import StartupError

FIRST_LINE = "Leyline join file 1"
FRONT_DOOR = "front-door.leyline.internal"  # what the front door's certificate is of, wherever it listens
MAX_BYTES = 64_000
NEWS_DAYS = 14  # so long before its end, people are told
SECRET = "Keep it secret: whoever has this file can run code at the front door and on every worker."
BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----\n[A-Za-z0-9+/=\n]+-----END \1-----\n")
ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.%\w]+\]|[^\s:/\[\]]+):(\d{1,5})")


@dataclass(frozen=True)
class JoinFile:
    """What a worker needs; the last three are PEM."""

    address: str
    name: str
    until: datetime.datetime
    certificate: str
    key: str
    authority: str

    def text(self) -> str:
        """The file's content. The own certificate comes first: that is the order in which OpenSSL takes them."""
        until = self.until.strftime("%Y-%m-%dT%H:%M:%SZ")
        head = f"{FIRST_LINE}\n# {SECRET}\naddress: {self.address}\nname: {self.name}\nuntil: {until}\n"
        return f"{head}\n{self.certificate}{self.key}{self.authority}"

    def news(self, now: datetime.datetime) -> str | None:
        """A sentence where it ends soon, or has ended."""
        days = (self.until - now).total_seconds() / 86_400
        if days > NEWS_DAYS:
            return None
        ends = "has ended" if days <= 0 else f"ends in {days:.0f} days" if days >= 2 else "ends within two days"
        return f"This worker's certificate {ends} ({self.until:%Y-%m-%d}). At the front door: leyline join-file"


def read(path: Path) -> JoinFile:
    """The join file at this path; `StartupError` says what is wrong with it, and never what is in it."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise StartupError(f"The join file {path} cannot be read: {error.strerror}.") from error
    text = data.decode(errors="replace").replace("\r\n", "\n")
    if len(data) > MAX_BYTES or not text.startswith("Leyline join file "):
        raise StartupError(
            f"{path} is no join file. One is made at the front door: leyline join-file > worker.join"
        )
    if not text.startswith(f"{FIRST_LINE}\n"):
        raise StartupError(f"The join file {path} is of another release of Leyline. Make one with that of here.")
    try:
        return _parsed(text if text.endswith("\n") else f"{text}\n")
    except (ValueError, KeyError) as error:
        raise StartupError(
            f"The join file {path} is damaged or cut off. Copy it again, or make a new one."
        ) from error


def is_open_to_others(path: Path) -> bool:
    """Whether other people of this machine can read it; a group that somebody else gave it to us by is meant."""
    status = path.stat()
    others = 0o077 if status.st_uid == os.geteuid() else 0o007
    return bool(status.st_mode & others)


def address(text: str) -> tuple[str, int]:
    """Host, without brackets, and port of `HOST:PORT`; else ValueError."""
    found = ADDRESS.fullmatch(text)
    if not found or not 0 < int(found[2]) < 65_536:
        raise ValueError("not an address and a port")
    return found[1].strip("[]"), int(found[2])


def _parsed(text: str) -> JoinFile:
    head = text.partition("-----BEGIN")[0]
    said = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line and not line.startswith("#"))
    blocks = [found.group() for found in BLOCK.finditer(text)]
    certificate, key, authority = blocks
    own = x509.load_pem_x509_certificate(certificate.encode())
    x509.load_pem_x509_certificate(authority.encode())
    if load_pem_private_key(key.encode(), None).public_key() != own.public_key():
        raise ValueError("the certificate is of another key")
    address(said["address"])
    return JoinFile(said["address"], said["name"], own.not_valid_after_utc, certificate, key, authority)
