"""What `leyline doctor` looks at without starting anything: folder, disk, database, files, port, clock, proxies.

A video is made by `trial`. Danger: a server may be at work meanwhile; nothing here writes into its folder, and the
database is only read.
"""

import contextlib
import errno
import os
import pwd
import resource
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from leyline.settings import Settings
from leyline.upkeep.findings import Finding, bad, doubtful, good
from leyline.upkeep.snapshot import (
    DATABASE,
    UpkeepError,
    check_database,
    holder_of,
    is_secret,
    newest_time,
    what_is_promised,
)

EVERYWHERE = ("0.0.0.0", "::", "")
LEAST_TIME = 1_735_689_600  # 2025 began then: no clock that is right shows less
FEW_INODES = 5_000
FEW_FILES = 4_096  # descriptors: each connection takes one
CLOCK_SECONDS = 60.0
ANSWER_SECONDS = 5.0


def folder(settings: Settings) -> Iterator[Finding]:
    """The data folder: whether it is there, can be written, and is closed to others."""
    root, about = settings.data_dir, "data folder"
    if not root.exists():
        parent = next(each for each in root.absolute().parents if each.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            yield good(about, f"{root} is not there yet; the first start makes it.")
        else:
            yield bad(about, f"{root} cannot be made: {parent} cannot be written.", _let_write(parent))
        return
    if not root.is_dir():
        yield bad(about, f"{root} is no folder.", "Name another with LEYLINE_DATA_DIR.")
        return
    owner = root.stat().st_uid
    if not os.access(root, os.R_OK | os.W_OK | os.X_OK):
        yield bad(about, f"{root} cannot be written by {_name_of(os.geteuid())}.", _let_write(root))
        return
    holder = holder_of(root)
    yield good(about, f"{root} can be written" + (f", and is in use by {holder}." if holder else "."))
    if owner != os.geteuid():
        them = _name_of(owner)
        yield doubtful(
            about, f"{root} is {them}'s, and you are {_name_of(os.geteuid())}.", f"sudo -u {them} leyline …"
        )
    yield from _modes(root)


def _modes(root: Path) -> Iterator[Finding]:
    if stat.S_IMODE(root.stat().st_mode) & 0o077:
        yield doubtful("data folder", f"Others may look into {root}.", f"chmod 700 {root}")
    for path in sorted(root.iterdir()):
        if path.is_file() and is_secret(path.name) and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield bad("data folder", f"Others may read the secret {path}.", f"chmod 600 {path}")


def disk(settings: Settings) -> Iterator[Finding]:
    """Room for what comes, in bytes and in files."""
    about = "disk"
    root = next(each for each in (settings.data_dir, *settings.data_dir.absolute().parents) if each.exists())
    free, reserve = shutil.disk_usage(root).free, settings.disk_reserve_mb * 1_000_000
    if free < reserve:
        yield bad(
            about,
            f"{free / 1e6:,.0f} MB are free in {root}; below {settings.disk_reserve_mb:,} MB uploads are refused.",
            "Make room, or lower LEYLINE_KEEP_GB or LEYLINE_KEEP_DAYS.",
        )
        return
    inodes = os.statvfs(root)
    if inodes.f_files and inodes.f_favail < FEW_INODES:
        yield bad(about, f"Only {inodes.f_favail:,} more files can be made in {root}.", "Remove small files there.")
        return
    held = sum(_bytes_in(settings.data_dir / name) for name in ("pictures", "videos"))
    if settings.keep_gb and settings.keep_gb * 1e9 - held > free - reserve:
        yield doubtful(
            about,
            f"{free / 1e9:.1f} GB are free, and LEYLINE_KEEP_GB lets finished tasks grow by "
            f"{(settings.keep_gb * 1e9 - held) / 1e9:.1f} GB.",
            f"LEYLINE_KEEP_GB={max((held + free - reserve) / 1e9, 0.1):.1f} is what there is room for.",
        )
        return
    yield good(about, f"{free / 1e9:.1f} GB are free.")


def database(settings: Settings) -> Iterator[Finding]:
    """Its integrity, and whether what it promises is there."""
    path = settings.data_dir / DATABASE
    if not path.exists():
        left = [name for name in ("pictures", "videos") if _bytes_in(settings.data_dir / name)]
        if left:
            yield bad(
                "database", f"{path} is missing, and there are {' and '.join(left)}.", "leyline restore a backup."
            )
        return
    try:
        check_database(path)
        promised, tasks = what_is_promised(path)
    except UpkeepError as error:
        yield bad("database", str(error), "Stop the server, move the folder away, and leyline restore a backup.")
        return
    yield good("database", f"It is whole, and has {tasks:,} tasks.")
    missing = sorted(name for name in promised if not (settings.data_dir / name).is_file())
    with contextlib.suppress(UpkeepError):  # what has come of age meanwhile is promised no more
        missing = sorted(set(missing) & what_is_promised(path)[0]) if missing else []
    if missing:
        some = ", ".join(missing[:3]) + (", …" if len(missing) > 3 else "")
        yield bad(
            "files",
            f"{len(missing):,} of {len(promised):,} files are missing: {some}",
            "Send these pictures again.",
        )
    else:
        yield good("files", f"All {len(promised):,} that it promises are there.")


def port(settings: Settings) -> Iterator[Finding]:
    """Whether a server could listen there, or one does."""
    about, host = "port", settings.host
    if settings.port == 0:
        yield good(about, "Any free one is taken.")
        return
    try:
        found = socket.getaddrinfo(host or None, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found[:1]:
            with socket.socket(family, kind, protocol) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except socket.gaierror:
        yield bad(about, f"{host} is no address of this machine.", "Name one in LEYLINE_HOST.")
    except OSError as error:
        yield _taken(settings, error)
    else:
        yield good(about, f"{host}:{settings.port} is free.")


def _taken(settings: Settings, error: OSError) -> Finding:
    where = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        if _leyline_answers(settings):
            return good("port", f"A Leyline answers at {where}.")
        return bad("port", f"Another program listens at {where}.", "Stop it, or name another LEYLINE_PORT.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return bad(
            "port",
            f"Ports below 1024 are root's: {where}.",
            "Take 3000 and a proxy before it, or a systemd socket.",
        )
    return bad("port", f"Nothing can listen at {where}: {error.strerror}.", "Name an address of this machine.")


def _leyline_answers(settings: Settings) -> bool:
    host = "localhost" if settings.host in EVERYWHERE else settings.host
    shown = f"[{host}]" if ":" in host else host
    opener = build_opener(ProxyHandler({}))  # this machine is asked, whatever http_proxy says
    address = f"http://{shown}:{settings.port}{settings.path}/healthz"
    try:
        with opener.open(address, timeout=ANSWER_SECONDS) as answer:
            return answer.status == 200 and b"ok" in answer.read(1000)
    except (URLError, OSError, ValueError):
        return False


def clock(settings: Settings, now: float | None = None) -> Iterator[Finding]:
    """Whether the time can be right: positions, ages and retention rest on it."""
    about, now = "clock", time.time() if now is None else now
    shown = time.strftime("%Y-%m-%d %H:%M", time.localtime(now))
    if now < LEAST_TIME:
        yield bad(about, f"It shows {shown}.", "Set it, and let NTP keep it: timedatectl set-ntp true.")
        return
    with contextlib.suppress(UpkeepError):
        newest = newest_time(settings.data_dir / DATABASE) if (settings.data_dir / DATABASE).exists() else 0.0
        if newest > now + CLOCK_SECONDS:
            then = time.strftime("%Y-%m-%d %H:%M", time.localtime(newest))
            yield bad(
                about, f"It shows {shown}, and a picture came at {then}.", "Set it: nothing comes of age meanwhile."
            )
            return
    if _is_synchronized() is False:
        yield doubtful(about, f"It shows {shown}, and no NTP keeps it.", "timedatectl set-ntp true")
        return
    yield good(about, f"It shows {shown}.")


def _is_synchronized() -> bool | None:
    """What systemd says of it; None where nobody says."""
    words = ["timedatectl", "show", "--property", "NTPSynchronized", "--value"]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, capture_output=True, text=True, timeout=ANSWER_SECONDS)
        return {"yes": True, "no": False}.get(done.stdout.strip())
    return None


def proxies(settings: Settings) -> Iterator[Finding]:
    """Whether names, addresses and proxies fit each other."""
    about = "proxies"
    if settings.host in EVERYWHERE and not settings.hosts:
        yield doubtful(
            about,
            "It listens on every network, and answers to addresses and local names only.",
            "Name its host names in LEYLINE_HOSTS, if people are to use them.",
        )
    elif settings.hosts and settings.host not in EVERYWHERE and not settings.trusted_proxies:
        yield doubtful(
            about,
            f"{settings.hosts} can reach it only by a proxy, and none is trusted: all would count as one person.",
            "Name the proxy's address in LEYLINE_TRUSTED_PROXIES.",
        )
    elif settings.path and not settings.trusted_proxies:
        yield doubtful(
            about, f"It is served below {settings.path}, and no proxy is trusted.", "Set LEYLINE_TRUSTED_PROXIES."
        )
    else:
        yield good(about, "Names, addresses and proxies fit each other.")


def limits(settings: Settings) -> Iterator[Finding]:
    """How many files and connections the system lets it have."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if 0 <= most < FEW_FILES:
        yield doubtful(
            "limits", f"{most:,} files and connections at once.", f"ulimit -n {FEW_FILES}, or LimitNOFILE="
        )
    else:
        yield good("limits", "There are descriptors enough.")


CHECKS: dict[str, Callable[[Settings], Iterator[Finding]]] = {
    "data folder": folder,
    "disk": disk,
    "database": database,
    "port": port,
    "clock": clock,
    "proxies": proxies,
    "limits": limits,
}


def _bytes_in(place: Path) -> int:
    total = 0
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                total += entry.stat().st_size
    return total


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _let_write(place: Path) -> str:
    return f"chown {_name_of(os.geteuid())} {place}, or name another LEYLINE_DATA_DIR."
