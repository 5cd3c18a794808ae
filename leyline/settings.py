"""Every setting is one row here: name, default, unit, help. Flag and variable come from the row.

`max_upload_mb` is `--max-upload-mb` on the command line and `LEYLINE_MAX_UPLOAD_MB` in the
environment; a flag wins over a variable. For limits, 0 means none. What a setting does is left to
whoever reads it; here it is only checked, so that a wrong one is told before anything starts.
"""

import base64
import dataclasses
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leyline.origins import Allowed, Origin, allowed, origin_of, origins

HOUR, DAY = 3_600, 86_400  # in seconds
CENTURY = 36_500  # in days; dates end with the year 9999
MOST_LOCAL_MODELS = 64
YES_OR_NO = ("yes", "no")
FIRST_COME, FAIR = "first-come", "fair"  # orders of the line
TOKEN = "one line without spaces around it, or nobody could ever type it in"
SECRET_PREFIX = "whsec_"  # of a webhooks' secret (Standard Webhooks)
KUBERNETES = re.compile(r"(tcp|udp|sctp)://\S+")  # its LEYLINE_PORT is about a service of that name


class SettingError(Exception):
    """A setting has a value that cannot be used; the message names it and says what can."""


def row(
    default: Any,
    unit: str,
    help: str,
    minimum: float = 0,
    maximum: float = 1_000_000_000,
    one_of: tuple[str, ...] = (),
    must_be: str = "",
    check: Callable[[str], object] = str,
    is_secret: bool = False,
) -> Any:
    """A setting's row. The type is the default's; `unit` is what a number counts, "" for all else.

    A number lies between `minimum` and `maximum`; a text is `one_of` these, or anything when there are none.
    `check` raises ValueError for a text that is not what it `must_be`; a secret one is not repeated then. Of a
    path it makes the value.
    """
    limits = {"minimum": minimum, "maximum": maximum, "one_of": one_of, "must_be": must_be, "check": check}
    limits["is_secret"] = is_secret
    return dataclasses.field(default=default, metadata={"unit": unit, "help": help, **limits})


def networks(text: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """The networks in a list with commas between, a single address among them; else ValueError."""
    return [ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()]


def host_names(text: str) -> list[str]:
    """The host names in a list with commas between; ValueError for one that no browser could ask for."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.?", name):
            ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))  # needless, but no mistake
    return names


def url_path(text: str) -> str:
    """A path below which a server can be served, without a slash at its end; else ValueError."""
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[\w.~-]+)+", path, re.ASCII):
        raise ValueError("not a path")
    return path


def host_and_port(text: str) -> tuple[str, int]:
    """The two parts of `HOST:PORT`, an IPv6 address in brackets; else ValueError. Port 0 is any free one."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):(\d{1,5})", text, re.ASCII)
    if not found or int(found[2]) > 65_535:
        raise ValueError("not a host and a port")
    return found[1].strip("[]"), int(found[2])


def model_name(text: str) -> str:
    """A model's name, or a class as package.module:Class, else ValueError; whether there is one shows later."""
    if not re.fullmatch(r"[\w-][\w.-]*|[^.:/\s]+(\.[^.:/\s]+)*:[^:/\s]+", text):
        raise ValueError("no name, and not package.module:Class")
    return text


def json_object(text: str) -> dict[str, Any]:
    """The object that is this JSON, else ValueError."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def webhook_secrets(text: str) -> list[bytes]:
    """The keys in a text of one secret or more with spaces between, else ValueError."""
    keys = [base64.b64decode(part.removeprefix(SECRET_PREFIX), validate=True) for part in text.split()]
    if not keys or not all(24 <= len(key) <= 64 for key in keys):
        raise ValueError("no key of 24 to 64 bytes")
    return keys


def one_line(text: str) -> str:
    """A text that a person can type into one field, else ValueError; the file that it came from ends its line."""
    if not text.isprintable() or text != text.strip():
        raise ValueError("not what a field can hold")
    return text


def folder(text: str) -> Path:
    """A path as a shell would read it, where none has: in an env file `~` and quotes are just characters."""
    unquoted = text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" else text
    try:
        return Path(one_line(unquoted)).expanduser()
    except RuntimeError:
        raise ValueError("of a person who is not known here") from None


@dataclass(frozen=True)
class Settings:
    """All settings of one server, already checked for type and range."""

    host: str = row(
        "localhost",
        "",
        "Address to listen on; 0.0.0.0 or :: for every network.",
        must_be="an address or a host name",
        check=lambda text: text.encode("idna"),
    )
    port: int = row(3000, "", "Port to listen on; 0 takes any free one and prints it.", maximum=65_535)
    data_dir: Path = row(
        Path("data"),
        "",
        "Folder for everything that is written.",
        must_be="a folder's path, in one line",
        check=folder,
    )
    standby: str = row(
        "no",
        "",
        "Whether to wait while another server has the data folder, and to serve as soon as that one has ended.",
        one_of=YES_OR_NO,
    )
    model: str = row(
        "simulated",
        "",
        "The model to run: one that `leyline models` lists, or any package.module:Class.",
        must_be="a model's name or a class as package.module:Class",
        check=model_name,
    )
    model_options: str = row(
        "",
        "",
        "Options of the model, as a JSON object; --model-option OPTION=VALUE says one, and wins.",
        must_be="a JSON object",
        check=json_object,
        is_secret=True,  # an option may be a key to somebody's service
    )
    model_about: str = row(
        "",
        "",
        "What people are told of the model, in a sentence.",
        must_be="one line",
        check=one_line,
    )
    model_seconds: float = row(30.0, "seconds", "How long the simulated model takes for one picture.", 0, DAY)
    clip_seconds: float = row(6.0, "seconds", "Length of the simulated model's videos.", 0.1, HOUR)
    clip_height: int = row(720, "pixels", "Shorter side of the simulated model's videos.", 16, 4_320)
    codec: str = row("libx264", "", "Video encoder; libx264 plays everywhere.", one_of=("libx264", "libvpx-vp9"))
    model_memory_mb: int = row(0, "MB", "Memory limit of each model process; 0 for none.")
    local_models: int = row(
        1,
        "processes",
        "Model processes on this machine, side by side; 0 where all are workers'.",
        0,
        MOST_LOCAL_MODELS,
    )
    cluster: str = row(
        "",
        "",
        "Address at which workers of other machines join, such as 0.0.0.0:8786; empty for none.",
        must_be="an address and a port, such as 0.0.0.0:8786 or [::]:8786",
        check=lambda text: text and host_and_port(text),
    )
    worker_silence_seconds: float = row(
        10.0, "seconds", "Silence of a worker before it is given up, a quarter later at most.", 3, HOUR
    )
    max_upload_mb: float = row(20.0, "MB", "Largest picture file accepted.")
    max_megapixels: float = row(50.0, "megapixels", "Largest picture accepted, width × height.")
    order: str = row(
        FIRST_COME,
        "",
        "Order of the line: first come, first served; or fair, networks and in each its sessions in turns.",
        one_of=(FIRST_COME, FAIR),
    )
    max_waiting: int = row(1000, "pictures", "Pictures waiting in line, everybody's together.")
    max_waiting_per_client: int = row(200, "pictures", "Pictures waiting in line, of one client.")
    limit_networks: str = row(
        "yes",
        "",
        "Whether one address, or IPv6 /64, has at most three quarters of all places in line and openings.",
        one_of=YES_OR_NO,
    )
    uploads_per_minute: int = row(120, "uploads", "Uploads of one client per minute, and retries; 200 in a burst.")
    max_attempts: int = row(3, "attempts", "Times a picture may crash the model before it fails.", 1)
    stall_seconds: float = row(60.0, "seconds", "Silence of a running model before it is restarted.", 0.1, DAY)
    keep_days: float = row(7.0, "days", "How long a finished picture's files are kept; 0 for ever.", 0, CENTURY)
    keep_gb: float = row(20.0, "GB", "Disk for finished tasks; the oldest go first; 0 for no limit.")
    disk_reserve_mb: int = row(200, "MB", "Free disk space below which uploads are refused.")
    hosts: str = row(
        "",
        "",
        "Host names that the server answers to besides local ones, with commas between.",
        must_be="host names such as leyline.example.org, without a port, with commas between",
        check=host_names,
    )
    trusted_proxies: str = row(
        "",
        "",
        "Addresses of proxies whose X-Forwarded-* headers are believed.",
        must_be="addresses, or networks such as 10.0.0.0/8, with commas between",
        check=networks,
    )
    path: str = row(
        "",
        "",
        "Path below which the server is served, such as /leyline.",
        must_be="a path such as /leyline, of letters, digits and ._~-",
        check=url_path,
    )
    watch_without_eme: str = row(
        "yes",
        "",
        "Whether a page whose browser cannot decrypt videos itself may do it, which is weaker.",
        one_of=YES_OR_NO,
    )
    token: str = row(
        "",
        "",
        "Access token that people need; empty admits everybody.",
        must_be=TOKEN,
        check=one_line,
        is_secret=True,
    )
    operator_token: str = row(
        "",
        "",
        "Token for pause and resume; made once in the data folder when empty.",
        must_be=TOKEN,
        check=one_line,
        is_secret=True,
    )
    log: str = row(
        "text",
        "",
        "How the log is written: lines for people, or one JSON object a line.",
        one_of=("text", "json"),
    )

    webhook_hosts: str = row(
        "",
        "",
        "Hosts that the webhook_url of an upload may name, with commas between; none unless given.",
        must_be="hosts such as hooks.example.org or http://10.0.0.7:8080, with commas between",
        check=origins,
    )
    webhook_url: str = row(
        "",
        "",
        "Address that is told of every task.",
        must_be="an address such as https://hooks.example.org/leyline",
        check=origin_of,
        is_secret=True,  # people put keys into such addresses
    )
    webhook_networks: str = row(
        "",
        "",
        "Private networks to which webhooks may be sent.",
        must_be="addresses, or networks such as 10.0.0.0/8, with commas between",
        check=networks,
    )
    webhook_secret: str = row(
        "",
        "",
        "Secret that signs webhooks; made once in the data folder when empty.",
        must_be=f"{SECRET_PREFIX} and 24 to 64 bytes in base64; or several of these with spaces between",
        check=webhook_secrets,
        is_secret=True,
    )

    push: str = row(
        "yes",
        "",
        "Whether a browser may be told, by its maker's push service, that a video is ready.",
        one_of=YES_OR_NO,
    )
    push_services: str = row(
        "fcm.googleapis.com, updates.push.services.mozilla.com, web.push.apple.com, *.notify.windows.com",
        "",
        "Push services that a browser may name, with commas between.",
        must_be="hosts such as push.example.org or *.example.org, with commas between",
        check=allowed,
    )

    @property
    def allowed_services(self) -> Allowed:
        """The push services that a browser may name."""
        return allowed(self.push_services)

    @property
    def is_fair(self) -> bool:
        """Whether people have turns in the line, instead of being served as they came."""
        return self.order == FAIR

    @property
    def webhook_origins(self) -> list[Origin]:
        """What an upload may name."""
        return origins(self.webhook_hosts)

    @property
    def options(self) -> dict[str, Any]:
        """The options of the model, by name."""
        return json_object(self.model_options or "{}")

    @property
    def max_upload_bytes(self) -> int:
        return round(self.max_upload_mb * 1_000_000)

    @property
    def max_pixels(self) -> int:
        return round(self.max_megapixels * 1_000_000)


def rows() -> list[dataclasses.Field[Any]]:
    """The settings' rows in their documented order."""
    return list(dataclasses.fields(Settings))


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return f"LEYLINE_{name.upper()}"


def flag(name: str) -> str:
    """The command-line flag of the setting `name`."""
    return f"--{name.replace('_', '-')}"


def load(
    flags: Mapping[str, str | None], environ: Mapping[str, str], model_options: Iterable[str] = ()
) -> Settings:
    """Settings from flags (by setting name), else the environment, else defaults; else `SettingError`.

    Each of `model_options` is `option=value`, and wins over that option in the setting of this name.
    `PORT` counts as `LEYLINE_PORT` where that is not set, as platforms with a Procfile expect. An empty
    variable counts as not set: that is how a compose file or a unit leaves one out.
    """
    values = {}
    for field in rows():
        source, text = flag(field.name), flags.get(field.name)
        if text is None:
            source, text = variable(field.name), _given(field.name, environ)
        if text is None and field.name == "port":
            source, text = "PORT", environ.get("PORT") or None
        if text is not None:
            values[field.name] = _parse(field, source, text)
    loaded = Settings(**values)
    if not loaded.local_models and not loaded.cluster:
        raise SettingError(f"{flag('local_models')}=0 needs {flag('cluster')}, or nobody would ever make a video.")
    return dataclasses.replace(loaded, model_options=_with(loaded.options, model_options))


def skipped(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each variable that has a setting's name and is none."""
    return [
        f"{variable(field.name)}={environ[variable(field.name)]} is Kubernetes' word about a service of that name "
        "and no setting: it is skipped. enableServiceLinks: false in the pod leaves it out."
        for field in rows()
        if environ.get(variable(field.name)) and _given(field.name, environ) is None
    ]


def _with(options: dict[str, Any], single: Iterable[str]) -> str:
    """The options, and what is said of single ones, as JSON; "" for none. What a text means the model decides."""
    for text in single:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise SettingError(f"--model-option={text!r} must be an option and its value, as seconds=4.")
        options[name] = value
    return json.dumps(options) if options else ""


def _given(name: str, environ: Mapping[str, str]) -> str | None:
    text = environ.get(variable(name)) or None
    return None if text and name == "port" and KUBERNETES.fullmatch(text) else text


def _parse(field: dataclasses.Field[Any], source: str, text: str) -> Any:
    convert: Callable[[str], Any] = type(field.default)
    if convert in (int, float):
        return _parse_number(field, source, text, convert)
    one_of = field.metadata["one_of"]
    if one_of and text not in one_of:
        raise SettingError(f"{source}={text!r} must be one of {', '.join(one_of)}.")
    try:
        checked = field.metadata["check"](text)
    except ValueError:
        given = source if field.metadata["is_secret"] else f"{source}={text!r}"
        raise SettingError(f"{given} must be {field.metadata['must_be']}.") from None
    return text if convert is str else checked


def _parse_number(field: dataclasses.Field[Any], source: str, text: str, convert: Callable[[str], Any]) -> Any:
    unit, least, most = (field.metadata[key] for key in ("unit", "minimum", "maximum"))
    try:
        value = convert(text)
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        number = f"a {'whole ' if convert is int else ''}number{f' of {unit}' if unit else ''}"
        raise SettingError(f"{source}={text!r} must be {number} from {least:,} to {most:,}.")
    return value
