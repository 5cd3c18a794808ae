"""A trial for `leyline doctor`: one picture through a server with the same settings, in a folder that goes again.

So the model loads, the encoder encodes and the file is one that browsers play, or it is seen what does not. Danger:
a real model takes its time and its memory a second time, beside a server that may be at work.
"""

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, Request, build_opener

from leyline import settings as rows
from leyline.settings import Settings
from leyline.upkeep.findings import Finding, bad, good

START_SECONDS = 60.0
PAUSE_SECONDS = 0.25
PLAYABLE = {  # as Chromium and Firefox play them: codec, and its profiles
    "h264": {"Constrained Baseline", "Baseline", "Main", "High"},
    "vp9": {"Profile 0"},
}
OVERRIDDEN = {
    "host": "127.0.0.1",
    "port": "0",
    "cluster": "",
    "local_models": "1",
    "token": "",
    "hosts": "",
    "path": "",
    "trusted_proxies": "",
    "disk_reserve_mb": "0",
    "log": "",
    "webhook_hosts": "",  # nobody is told of the doctor's picture
    "webhook_url": "",
    "push": "no",
}
SEE_LOG = "leyline serve with the same settings says more in its log."
TRACEBACKS_END = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n)+(\S.*)$", re.MULTILINE)
BOUNDARY = "leyline-doctor"

_open = build_opener(ProxyHandler({})).open


def trial(settings: Settings, seconds: float) -> Iterator[Finding]:
    """Make a video within that many seconds, and look at it."""
    with tempfile.TemporaryDirectory(prefix="leyline-doctor-") as folder:
        place = Path(folder)
        with _server(settings, place) as process:
            url = _address(process)
            if url is None:
                yield bad("server", f"It does not start. {_last_words(place)}", SEE_LOG)
                return
            try:
                yield from _video(url, place, settings, time.monotonic() + seconds)
            except (URLError, OSError, ValueError, KeyError) as error:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)  # it may be about to say why
                yield bad("server", f"It ended in the middle of the trial. {_last_words(place) or error}", SEE_LOG)


def _video(url: str, place: Path, settings: Settings, give_up_at: float) -> Iterator[Finding]:
    task = _sent(url)
    model: dict[str, Any] = {"state": "loading"}
    while task["status"] in ("queued", "processing"):
        model = _get(f"{url}/api/model")
        if model["state"] == "failed":
            yield bad("model", f"{settings.model} does not load. {_last_words(place) or model['detail']}", SEE_LOG)
            return
        if time.monotonic() > give_up_at:
            state = f"is {model['state']}" if model["state"] != "busy" else "is still at the first picture"
            yield bad("model", f"{settings.model} {state} after all this time.", "--seconds gives it more.")
            return
        time.sleep(PAUSE_SECONDS)
        task = _get(f"{url}/api/video/{task['task_id']}/status")
    if task["status"] != "succeeded":
        error = task.get("error") or {}
        told = f"{error.get('detail')} {_last_words(place)}"
        yield bad("model", f"{settings.model} makes no video: {told.strip()}", SEE_LOG)
        return
    yield good("model", f"{settings.model} loads, and makes a video.")
    yield _played(next((place / "data" / "videos").glob("*.mp4")))


def _played(video: Path) -> Finding:
    """Whether browsers play what the encoder made."""
    import av

    with av.open(str(video)) as container:
        [stream] = container.streams.video
        codec, profile, pixels = stream.codec_context.name, stream.codec_context.profile, stream.pix_fmt
        frames = sum(1 for _ in container.decode(stream))
    name = {"libdav1d": "av1", "libvpx-vp9": "vp9"}.get(codec, codec)
    if frames and pixels == "yuv420p" and profile in PLAYABLE.get(name, ()):
        return good("encoder", f"It makes {name} ({profile}, {pixels}), which Chromium and Firefox play.")
    return bad(
        "encoder",
        f"It makes {name} ({profile}, {pixels}, {frames} frames), which browsers may not play.",
        "Take LEYLINE_CODEC=libx264, and PyAV as it comes from PyPI.",
    )


@contextlib.contextmanager
def _server(settings: Settings, place: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LEYLINE_")}
    environment.pop("PORT", None)
    environment |= {rows.variable(row.name): str(getattr(settings, row.name)) for row in rows.rows()}
    environment |= {rows.variable(name): value for name, value in OVERRIDDEN.items() if hasattr(settings, name)}
    environment["LEYLINE_DATA_DIR"] = str(place / "data")
    if settings.model == "simulated":
        environment["LEYLINE_MODEL_SECONDS"] = "1"
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "leyline", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str | None:
    """Where it listens, from its own words; None where it ended first."""
    assert process.stdout
    if not select.select([process.stdout], [], [], START_SECONDS)[0]:
        return None
    line = process.stdout.readline()
    return line.split()[-1] if "http://" in line else None


def _sent(url: str) -> dict[str, Any]:
    """The task of a picture of four colours."""
    import io

    from PIL import Image

    picture, file = Image.new("RGB", (256, 192), (40, 90, 160)), io.BytesIO()
    picture.paste((220, 180, 60), (64, 48, 192, 144))
    picture.save(file, "JPEG")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="doctor.jpg"\r\n\r\n'
    body = head.encode() + file.getvalue() + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return _get(Request(f"{url}/api/video/upload/", body, kind))


def _get(request: "str | Request") -> dict[str, Any]:
    with _open(request, timeout=30) as answer:
        said: dict[str, Any] = json.loads(answer.read())
    return said


def _last_words(place: Path) -> str:
    """What its log complains of last: the error of a traceback, else the last line that is no mere news."""
    text = (place / "log").read_text(errors="replace")
    errors: list[str] = TRACEBACKS_END.findall(text)
    complaints = errors or [line for line in text.splitlines() if line.strip() and " INFO " not in line]
    return complaints[-1].strip()[:400] if complaints else ""
