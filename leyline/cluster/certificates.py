"""Who may join: the installation's own authority, and a certificate for each worker, in the data folder's
`cluster/`.

    cluster/authority.pem        the authority's key and certificate, made at its first use
    cluster/revoked.pem          its list of what it revoked (a CRL, RFC 5280), there from the first moment
    cluster/front-door.pem       the front door's own key and certificate, made anew in time
    cluster/workers/NAME.pem     the certificate last made for this name; its key is in the join file alone

Checking them on a connection is left to `door`, and the file that a worker gets to `join_file`. The command and a
front door that runs write here at the same time: each write is whole or not there, and a lock keeps two from
making the same. Danger: whoever has a worker's certificate can run code at the front door, so what cannot be read
for sure is told and never taken for “nothing is revoked”.
"""

import contextlib
import datetime
import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic, sleep

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from leyline.cluster.join_file import FRONT_DOOR, JoinFile
from leyline.data_folder import sync
from leyline.errors import StartupError

FOLDER = "cluster"
AUTHORITY, REVOKED, OWN, WORKERS = "authority.pem", "revoked.pem", "front-door.pem", "workers"
AUTHORITY_DAYS = 20 * 365
OWN_DAYS, RENEW_DAYS = 90, 30  # the front door's own: for how long, and how long before its end a new one is made
CLOCKS_DIFFER = timedelta(days=1)  # a certificate begins so much earlier, for a worker whose clock is behind
LOCKED_SECONDS = 3.0  # so long somebody else is waited for
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")  # it is a file's name too

Key = ec.EllipticCurvePrivateKey


class Standing(StrEnum):
    """What a worker's certificate is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Issued:
    """The certificate last made for a name."""

    name: str
    serial: int
    since: datetime.datetime
    until: datetime.datetime
    standing: Standing


class NameInUse(StartupError):
    sentence = "A worker of this name may join already."


class NoSuchName(StartupError):
    sentence = "No certificate was made for a worker of this name."


class Authority:
    """The authority of one installation. Safe to use from several processes; what is on disk counts."""

    def __init__(self, data_dir: Path) -> None:
        """Make the authority at its first use; `StartupError` says what is damaged or cannot be read or written."""
        self.folder = data_dir / FOLDER
        if not (self.folder / AUTHORITY).exists():
            with self._locked():
                if not (self.folder / AUTHORITY).exists():  # else somebody has just made it
                    self._make()
        self._key, self._certificate = self._read_pair(
            AUTHORITY,
            f"Put it back from a backup; or remove {self.folder}, and make a new join file for each worker",
        )
        self.revoked_serials()

    @property
    def certificate(self) -> str:
        """The authority's own certificate, PEM: what a worker trusts, and what the front door holds workers to."""
        return _pem(self._certificate)

    @property
    def revocations_file(self) -> Path:
        return self.folder / REVOKED

    # Workers

    def issue(self, address: str, name: str, lifetime: timedelta) -> JoinFile:
        """What a worker needs to join at `address`; an empty name takes the first free `worker-N`.

        `NameInUse` where a certificate of this name still opens the door.
        """
        with self._locked():
            issued = {each.name: each for each in self.issued()}
            name = name or next(free for n in range(1, len(issued) + 2) if (free := f"worker-{n}") not in issued)
            if not NAME.fullmatch(name):
                raise StartupError(f"{name!r} is no name for a worker: use up to 63 letters, digits and ._- in it.")
            if name in issued and issued[name].standing is Standing.VALID:
                raise NameInUse(
                    f"A worker may join as {name} already, until {day(issued[name].until)}. Take another name, "
                    f"or end that one first: leyline join-file --revoke {name}"
                )
            key = _new_key()
            certificate = self._sign(key, name, name, lifetime, [ExtendedKeyUsageOID.CLIENT_AUTH])
            _write(self.folder / WORKERS / f"{name}.pem", _pem(certificate))
        until = certificate.not_valid_after_utc
        return JoinFile(address, name, until, _pem(certificate), _key_pem(key), self.certificate)

    def revoke(self, name: str) -> Issued:
        """End what was made for this name. It is durable when this returns; to revoke twice changes nothing."""
        with self._locked():
            found = next((each for each in self.issued() if each.name == name), None)
            if found is None:
                raise NoSuchName(f"No certificate was made for a worker named {name}: leyline join-file --list")
            if found.serial not in self.revoked_serials():
                self._write_revocations(self._read_revocations(), found.serial)
        return found

    def issued(self) -> list[Issued]:
        """Each name's last certificate, by name."""
        revoked, now = self.revoked_serials(), _now()
        found = []
        for path in sorted((self.folder / WORKERS).glob("*.pem")):
            with _damage_told(path, "Remove it to forget that name; who has its join file can still join"):
                certificate = x509.load_pem_x509_certificate(path.read_bytes())
            since, until = certificate.not_valid_before_utc + CLOCKS_DIFFER, certificate.not_valid_after_utc
            standing = Standing.EXPIRED if until <= now else Standing.VALID
            if certificate.serial_number in revoked:
                standing = Standing.REVOKED
            found.append(Issued(path.stem, certificate.serial_number, since, until, standing))
        return found

    def revoked_serials(self) -> frozenset[int]:
        """The serial numbers of all that was revoked, as they are on disk now."""
        return frozenset(each.serial_number for each in self._read_revocations())

    # The front door's own

    def own(self) -> Path:
        """The file with the front door's own certificate and key, made anew if it would end soon."""
        path = self.folder / OWN
        if self._is_good_for_long(path):
            return path  # nobody is waited for
        with self._locked():
            if not self._is_good_for_long(path):
                key = _new_key()
                purposes = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
                certificate = self._sign(
                    key, "Leyline's front door", FRONT_DOOR, timedelta(days=OWN_DAYS), purposes
                )
                _write(path, _key_pem(key) + _pem(certificate))
        return path

    def _is_good_for_long(self, path: Path) -> bool:
        """False where there is none, and of one that another authority made: there is a new one here then."""
        if not path.exists():
            return False
        _, certificate = self._read_pair(path.name, "Remove it, and a new one is made")
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (InvalidSignature, ValueError):
            return False
        return certificate.not_valid_after_utc - _now() > timedelta(days=RENEW_DAYS)

    # On disk

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone in the folder, among all processes: what is read in here is still so when it is written."""
        with self._writing():
            for folder in (self.folder.parent, self.folder, self.folder / WORKERS):
                folder.mkdir(0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(lock)
            with self._writing():
                yield
        finally:
            os.close(lock)

    def _take(self, lock: int) -> None:
        """Others hold it for milliseconds; one that was stopped in its middle is not waited for."""
        deadline = monotonic() + LOCKED_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if monotonic() > deadline:
                    raise StartupError(
                        f"{self.folder} is locked by another process: perhaps a leyline join-file stands still."
                    ) from None
            sleep(0.01)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = error.filename or self.folder
            raise StartupError(f"The certificates in {where} cannot be read or made: {error.strerror}.") from error

    def _make(self) -> None:
        """The list first: an authority whose list is missing has lost it, which must not look like an empty one."""
        key, name = _new_key(), _name("Leyline's authority")
        identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(_now() - CLOCKS_DIFFER)
            .not_valid_after(_now() + timedelta(days=AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(identity, critical=False)
            .sign(key, hashes.SHA256())
        )
        self._key, self._certificate = key, certificate
        self._write_revocations(None)
        _write(self.folder / AUTHORITY, _key_pem(key) + _pem(certificate))

    def _read_pair(self, name: str, advice: str) -> tuple[Key, x509.Certificate]:
        path = self.folder / name
        with _damage_told(path, advice):
            data = path.read_bytes()
            key, certificate = load_pem_private_key(data, None), x509.load_pem_x509_certificate(data)
            if not isinstance(key, Key) or certificate.public_key() != key.public_key():
                raise ValueError("the certificate is of another key")
        return key, certificate

    def _read_revocations(self) -> x509.CertificateRevocationList:
        path = self.revocations_file
        with _damage_told(path, "Without it nobody knows what was revoked. Put it back from a backup; or remove "
                                f"{self.folder}, and make a new join file for each worker"):  # fmt: skip
            revocations = x509.load_pem_x509_crl(path.read_bytes())
            public_key = self._certificate.public_key()
            if not isinstance(public_key, ec.EllipticCurvePublicKey) or not revocations.is_signature_valid(
                public_key
            ):
                raise ValueError("it is another authority's")
        return revocations

    def _write_revocations(self, before: x509.CertificateRevocationList | None, *serials: int) -> None:
        """Each list begins later than the one before: of several that OpenSSL was given, the latest counts."""
        number, since = 0, _now() - CLOCKS_DIFFER
        builder = x509.CertificateRevocationListBuilder()
        for each in before or ():
            builder = builder.add_revoked_certificate(each)
        for serial in serials:
            revoked = x509.RevokedCertificateBuilder(serial, _now()).build()
            builder = builder.add_revoked_certificate(revoked)
        if before is not None:
            number = before.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
            since = max(since, before.last_update_utc + timedelta(seconds=1))
        revocations = (
            builder.issuer_name(self._certificate.subject)
            .last_update(since)
            .next_update(self._certificate.not_valid_after_utc)
            .add_extension(x509.CRLNumber(number), critical=False)
            .add_extension(self._authority_identity(), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        _write(self.revocations_file, revocations.public_bytes(Encoding.PEM).decode())

    def _sign(
        self, key: Key, name: str, dns_name: str, lifetime: timedelta, purposes: list[x509.ObjectIdentifier]
    ) -> x509.Certificate:
        until = _now() + lifetime
        if until > self._certificate.not_valid_after_utc:
            raise StartupError(
                f"The authority itself ends on {day(self._certificate.not_valid_after_utc)}: choose fewer days; or "
                f"remove {self.folder}, and make a new join file for each worker."
            )
        public_key = key.public_key()
        return (
            x509.CertificateBuilder(self._certificate.subject, _name(name), public_key, x509.random_serial_number())
            .not_valid_before(_now() - CLOCKS_DIFFER)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(dns_name)]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(self._authority_identity(), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _authority_identity(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())


def day(moment: datetime.datetime) -> str:
    """A moment as people read it."""
    return moment.strftime("%Y-%m-%d %H:%M UTC")


@contextlib.contextmanager
def _damage_told(path: Path, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartupError(f"{path} cannot be read: {error.strerror}. {advice}.") from error
    except (ValueError, x509.ExtensionNotFound) as error:  # what `cryptography` says of what it cannot parse
        raise StartupError(f"{path} is damaged. {advice}.") from error


def _write(path: Path, text: str) -> None:
    """Durable when this returns; the file was never there in part."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    part.rename(path)
    sync(path.parent)


def _new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: Key) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
