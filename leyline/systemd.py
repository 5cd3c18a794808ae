"""The systemd units of this installation, a server's and a worker's, as text.

Installing it is left to the person who reads it. Danger: in a unit `%` and `$` are commands and a space
ends a word, so every path is quoted; and hardening that a graphics card or a just-in-time compiler
cannot live with is left out on purpose, because the model may need either.
"""

import getpass
import ipaddress
import pwd
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from leyline import settings
from leyline.flags import WRONG_USAGE, fail, load_settings, setting_flags

UNIT = """\
# Leyline's unit for this installation. To install it, as root:
#   leyline systemd-unit > /etc/systemd/system/leyline.service
#   systemctl daemon-reload && systemctl enable --now leyline
# Tokens and other secrets: LEYLINE_TOKEN=… in /etc/leyline.env, readable by root only; those of the model:
# LEYLINE_MODEL_OPTIONS='{{"api_key": "…"}}' there.

[Unit]
Description=Leyline, the front door to an image-to-video model
After=network.target
StartLimitIntervalSec=0

[Service]
# It says when it can be reached and when it stops, and while its event loop turns, that it is well.
Type=notify
WatchdogSec=30
TimeoutStartSec=300
User={user}
WorkingDirectory={folder}
EnvironmentFile=-/etc/leyline.env
ExecStartPre=+/usr/bin/install -d -m 0700 -o {user} {data_dir}
ExecStart={command}
Restart=always
RestartSec=1
# SIGTERM goes to the server alone, which puts the running picture back in line and ends its own processes.
KillMode=mixed
TimeoutStopSec=15
# A model that runs out of memory ends alone: the server starts it again and the line goes on.
OOMPolicy=continue

# Only the data folder can be written.
ReadWritePaths={data_dir}
CapabilityBoundingSet={capabilities}
AmbientCapabilities={capabilities}
"""

WORKER = """\
# Leyline's unit for a worker on this machine. To install it, as root, with the file that the front door's
# leyline join-file made:
#   install -D -m 0600 worker.join {join}
#   leyline systemd-unit --worker > /etc/systemd/system/leyline-worker.service
#   systemctl daemon-reload && systemctl enable --now leyline-worker
# When that file is another one: systemctl restart leyline-worker

[Unit]
Description=Leyline's worker: a model for the front door's line
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
User={user}
WorkingDirectory={folder}
EnvironmentFile=-/etc/leyline-worker.env
# A secret: only root can read it where it lies, and the worker a copy in memory.
LoadCredential=worker.join:{join}
ExecStart={command}
# Not when the front door has let it go: then it ends with exit code 0, and is not to come back.
Restart=on-failure
# Not at once: a worker that the front door refuses ends with a sentence, and is tried again.
RestartSec=5
# SIGTERM goes to the worker alone, which gives its task back to the line and ends its own processes.
KillMode=mixed
TimeoutStopSec=15
# A model that runs out of memory ends alone: the worker starts it again and the line goes on.
OOMPolicy=continue

# Nothing can be written but a temporary folder of its own.
CapabilityBoundingSet=
"""

HARDENING = """\
UMask=0077
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateMounts=yes
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# Not set, because a model may use a graphics card or compile at run time:
# PrivateDevices, DevicePolicy, ProtectClock (it closes the devices), MemoryDenyWriteExecute.

[Install]
WantedBy=multi-user.target
"""

SOCKET = """\
# Leyline's socket, which systemd holds open: while the service is restarted connections wait, and none is refused.
# It also needs no right to a port below 1024. Beside leyline.service, as root:
#   leyline systemd-unit --socket > /etc/systemd/system/leyline.socket
#   systemctl daemon-reload && systemctl stop leyline
#   systemctl enable --now leyline.socket leyline.service

[Unit]
Description=Leyline's socket

[Socket]
{streams}
Backlog={backlog}
BindIPv6Only=both

[Install]
WantedBy=sockets.target
"""

LOCAL = ("127.0.0.1", "::1")  # what localhost means
BACKLOG = 1024  # connections that wait while nobody accepts them
FIRST_UNPRIVILEGED_PORT = 1024
JOIN = "/etc/leyline/worker.join"


def unit(program: Path, folder: Path, data_dir: Path, user: str, port: int, words: Iterable[str]) -> str:
    """The unit that runs `program serve` in `folder` with these flags and values; the paths are absolute."""
    arguments = ["--data-dir", str(data_dir), *words]
    unit = UNIT.format(
        user=user,
        folder=str(folder).replace("%", "%%"),
        data_dir=_word(str(data_dir)),
        command=" ".join([_word(str(program)), "serve", *(_word(word.replace("$", "$$")) for word in arguments)]),
        capabilities="CAP_NET_BIND_SERVICE" if 0 < port < FIRST_UNPRIVILEGED_PORT else "",
    )
    return unit + HARDENING


def worker_unit(program: Path, folder: Path, join: Path, user: str, devices: str | None) -> str:
    """The unit that runs `program worker` in `folder` with this join file; the paths are absolute."""
    words = [_word(str(program)), "worker", "--join", "${CREDENTIALS_DIRECTORY}/worker.join"]
    words += ["--devices", _word(devices.replace("$", "$$"))] if devices else []
    unit = WORKER.format(
        user=user,
        folder=str(folder).replace("%", "%%"),
        join=str(join).replace("%", "%%"),
        command=" ".join(words),
    )
    return unit + HARDENING


def socket_unit(host: str, port: int) -> str:
    """The unit of the socket that listens there; ValueError where systemd could not."""
    addresses = LOCAL if host == "localhost" else (host,)
    streams = [f"ListenStream={_address(each)}:{port}" for each in addresses]
    return SOCKET.format(streams="\n".join(streams), backlog=BACKLOG)


def _address(host: str) -> str:
    address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    return f"[{address}]" if address.version == 6 else str(address)


def is_user(name: str) -> bool:
    """Whether there is somebody of this name, or number, whom the service can run as."""
    try:
        pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name)
    except (KeyError, ValueError, OverflowError):
        return False
    return True


def _word(text: str) -> str:
    """The text as one word of a unit file (systemd.syntax(7), quoting, and systemd.unit(5), specifiers)."""
    text = text.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./$-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


HELP = """Print the systemd unit of this installation.

The service runs in the current folder, where a data folder and a model of your own are looked for. The flags given
here are written into it, except for tokens, which belong in /etc/leyline.env. So do options of the model that are
secret: LEYLINE_MODEL_OPTIONS='{"api_key": "…"}' there.

With --worker it is the unit of a worker, which has no data folder and takes its settings from the front door.
With --socket it is the unit of the server's socket: while the service is restarted, systemd keeps that open.
"""

NO_ADDRESS = "A socket unit needs an address and a port: --host 0.0.0.0 (or ::) for every network, and no --port 0."

OPTIONS_ARE_READ = (
    "A unit can be read by everybody: put options of the model that are secret into LEYLINE_MODEL_OPTIONS in "
    "/etc/leyline.env instead."
)


@click.command("systemd-unit", help=HELP)
@click.option("--user", help="Who the service runs as.  [default: who runs this command]")
@click.option("--socket", "is_socket", is_flag=True, help="Print the unit of the socket that listens for it.")
@click.option("--worker", "is_worker", is_flag=True, help="Print the unit of a worker that joins a front door.")
@click.option("--join", metavar="FILE", help="Of a worker: its join file.  [default: /etc/leyline/worker.join]")
@click.option("--devices", metavar="LIST", help="Of a worker: the devices that it runs a model on, such as 0,1.")
@setting_flags
def systemd_unit(
    user: str | None,
    is_socket: bool,
    is_worker: bool,
    join: str | None,
    devices: str | None,
    model_option: tuple[str, ...],
    **flags: str | None,
) -> None:
    if is_socket:
        _print_socket(load_settings(flags, model_option))
        return
    given = {settings.flag(name): text for name, text in flags.items() if text is not None}
    user = user or getpass.getuser()
    program = Path(sys.executable).absolute().parent / "leyline"
    if is_worker:
        if given or model_option:
            fail("A worker takes its model and its settings from the front door: say them there.", WRONG_USAGE)
        text = worker_unit(program, Path.cwd(), Path(join or JOIN).absolute(), user, devices)
    elif join or devices:
        fail("--join and --devices are a worker's: add --worker.", WRONG_USAGE)
    else:
        text = _servers_unit(program, user, given, model_option, load_settings(flags, model_option))
    if not is_user(user):
        click.echo(f"There is no user {user} on this machine: create one, or name another with --user.", err=True)
    if user == "root":
        click.echo("This unit runs as root. It need not: --user names somebody else.", err=True)
    click.echo(text, nl=False)


def _servers_unit(
    program: Path,
    user: str,
    given: dict[str, str],
    model_option: tuple[str, ...],
    loaded: settings.Settings,
) -> str:
    if "--token" in given or "--operator-token" in given:
        fail("A unit can be read by everybody: put tokens into /etc/leyline.env instead.", WRONG_USAGE)
    if model_option or "--model-options" in given:
        click.echo(OPTIONS_ARE_READ, err=True)
    words = [word for flag in given.items() if flag[0] != "--data-dir" for word in flag]
    words += [word for option in model_option for word in ("--model-option", option)]
    return unit(program, Path.cwd(), loaded.data_dir.absolute(), user, loaded.port, words)


def _print_socket(loaded: settings.Settings) -> None:
    try:
        if not loaded.port:
            raise ValueError("any port")
        click.echo(socket_unit(loaded.host, loaded.port), nl=False)
    except ValueError:
        fail(NO_ADDRESS, WRONG_USAGE)
