"""a real server process: its first page, its memory when idle, and the delay of an upload's answer"""

import io
import time
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from PIL import Image

from tests.live_server import Api, LiveServer

UPLOADS = 100


async def measure(folder: Path) -> dict[str, float]:
    """Start a server as a deployment does, and use it."""
    server = LiveServer(folder / "data")
    started = time.perf_counter()
    with server:
        api = await Api(server.url).open_page()
        first_page = time.perf_counter() - started
        print(f"  first page             {first_page:7.2f} s after the process began (goal: 1 s at most)")
        idle_mb = _resident_mb(server)
        print(f"  web process, idle      {idle_mb:7.1f} MB (goal: 64 MB at most)")
        pages = []
        for _ in range(UPLOADS):
            started = time.perf_counter()
            await api.request("GET", "/")
            pages.append(1000 * (time.perf_counter() - started))
        print(f"  the page               {median(pages):7.2f} ms median")
        photo = _photo()
        answers = []
        for _ in range(UPLOADS):
            started = time.perf_counter()
            await api.upload(photo)
            answers.append(1000 * (time.perf_counter() - started))
        slowest = quantiles(answers, n=100)[-1]
        print(f"  an upload of 12 MP     {median(answers):7.1f} ms median   {slowest:7.1f} ms at 99 % (goal: 500)")
    return {
        "first page, s": first_page,
        "idle, MB": idle_mb,
        "page, ms": median(pages),
        "upload of 12 MP, ms": median(answers),
        "upload of 12 MP at 99 %, ms": slowest,
    }


def _resident_mb(server: LiveServer) -> float:
    assert server.process
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def _photo() -> bytes:
    """12 megapixels with the grain of a photo."""
    grain = np.random.default_rng(1).integers(0, 40, (3000, 4000, 3), dtype=np.uint8)
    ramp = np.linspace(0, 200, 4000, dtype=np.uint8)[None, :, None]
    file = io.BytesIO()
    Image.fromarray(grain + ramp).save(file, "JPEG", quality=85)
    return file.getvalue()
