"""The systemd unit of this installation, as text.

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
UMask=0077
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths={data_dir}
PrivateTmp=yes
PrivateMounts=yes
NoNewPrivileges=yes
CapabilityBoundingSet={capabilities}
AmbientCapabilities={capabilities}
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


def unit(program: Path, folder: Path, data_dir: Path, user: str, port: int, words: Iterable[str]) -> str:
    """The unit that runs `program serve` in `folder` with these flags and values; the paths are absolute."""
    arguments = ["--data-dir", str(data_dir), *words]
    return UNIT.format(
        user=user,
        folder=str(folder).replace("%", "%%"),
        data_dir=_word(str(data_dir)),
        command=" ".join([_word(str(program)), "serve", *(_word(word.replace("$", "$$")) for word in arguments)]),
        capabilities="CAP_NET_BIND_SERVICE" if 0 < port < FIRST_UNPRIVILEGED_PORT else "",
    )


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

With --socket, print the unit of its socket instead: while the service is restarted, systemd keeps that open.
"""

NO_ADDRESS = "A socket unit needs an address and a port: --host 0.0.0.0 (or ::) for every network, and no --port 0."

OPTIONS_ARE_READ = (
    "A unit can be read by everybody: put options of the model that are secret into LEYLINE_MODEL_OPTIONS in "
    "/etc/leyline.env instead."
)


@click.command("systemd-unit", help=HELP)
@click.option("--user", help="Who the service runs as.  [default: who runs this command]")
@click.option("--socket", "is_socket", is_flag=True, help="Print the unit of the socket that listens for it.")
@setting_flags
def systemd_unit(user: str | None, is_socket: bool, model_option: tuple[str, ...], **flags: str | None) -> None:
    loaded = load_settings(flags, model_option)
    if is_socket:
        _print_socket(loaded)
        return
    given = {settings.flag(name): text for name, text in flags.items() if text is not None}
    if "--token" in given or "--operator-token" in given:
        fail("A unit can be read by everybody: put tokens into /etc/leyline.env instead.", WRONG_USAGE)
    if model_option or "--model-options" in given:
        click.echo(OPTIONS_ARE_READ, err=True)
    given.pop("--data-dir", None)
    user = user or getpass.getuser()
    if not is_user(user):
        click.echo(f"There is no user {user} on this machine: create one, or name another with --user.", err=True)
    if user == "root":
        click.echo("This unit runs as root. It need not: --user names somebody else.", err=True)
    program = Path(sys.executable).absolute().parent / "leyline"
    words = [word for flag in given.items() for word in flag]
    words += [word for option in model_option for word in ("--model-option", option)]
    click.echo(unit(program, Path.cwd(), loaded.data_dir.absolute(), user, loaded.port, words), nl=False)


def _print_socket(loaded: settings.Settings) -> None:
    try:
        if not loaded.port:
            raise ValueError("any port")
        click.echo(socket_unit(loaded.host, loaded.port), nl=False)
    except ValueError:
        fail(NO_ADDRESS, WRONG_USAGE)
