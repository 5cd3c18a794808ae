"""The page in states of a test's own making: it hears what a server with these pictures would say.

A real server gives the page and its files; what the socket tells comes from here, so that every state can be shown
at once and none goes by. Danger: what no server would say shows what nobody would see; tasks are whole here, as
docs/api.md has them.
"""

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from PIL import Image, ImageDraw

from tests.browser.chromium import Page

Task = dict[str, Any]

# The page's own socket stays open and is not listened to once `staged` is set: the server would tell its truth.
EARLY = """
  const Real = WebSocket;
  window.WebSocket = class extends Real {
    constructor(...all) { super(...all); window.line = this; }
    set onmessage(heard) {
      this.hears = heard;
      super.onmessage = heard && ((event) => (window.staged && !event.data.includes('"pong"')) || heard(event));
    }
    get onmessage() { return this.hears; }
  };
  window.WebSocket.OPEN = 1; window.WebSocket.CONNECTING = 0;
  // Its file's name says how far a picture comes (waiting, sending, checking, retrying, accepted), or `fates` does
  const RealRequest = XMLHttpRequest;
  window.XMLHttpRequest = class extends RealRequest {
    send(form) {
      const { name } = form.get("file");
      const fates = ["accepted", "sending", "checking", "retrying"];
      const wanted = window.fates?.[name] ?? fates.find((state) => name.includes(state));
      if (!wanted) return super.send(form);
      if (wanted === "sending") this.upload.onprogress({ loaded: 42, total: 100 });
      if (wanted === "checking") this.upload.onload();
      if (wanted === "retrying") setTimeout(() => this.refuse());
      if (wanted === "accepted") setTimeout(() => this.accept(form.get("client_id")));
    }
    refuse() {
      const [type, title] = ["urn:leyline:error:line_full", "The line is full."];
      this.answer(503, { type, title, code: "line_full", retryable: true });
    }
    accept(client_id) {
      const image = { name: "accepted.jpg", width: 4, height: 3, bytes: 1, thumbnail_url: null };
      this.answer(202, { task_id: "a".repeat(32), client_id, status: "queued", version: 1, attempt: 1, image });
    }
    answer(status, said) {
      Object.defineProperties(this, {
        status: { value: status }, getResponseHeader: { value: () => "25" }, readyState: { value: 4 },
        responseText: { value: JSON.stringify(said) },
      });
      this.onloadend();
    }
  };
"""
HEAR = "line.hears({ data: JSON.stringify({ event: arguments[0], data: arguments[1] }) })"
CHOOSE = """
  const files = arguments[0].map((name) => new File([new Uint8Array(2000)], name, { type: "image/jpeg" }));
  const data = new DataTransfer();
  for (const file of files) data.items.add(file);
  const input = document.getElementById("choose");
  input.files = data.files;
  input.dispatchEvent(new Event("change"));
"""

DROP_NOTHING = """
  const dataTransfer = { types: ["Files"], items: [], files: [] };
  dispatchEvent(Object.assign(new Event("drop", { cancelable: true }), { dataTransfer }));
"""


def at(seconds: float) -> str:
    """The moment in so many seconds, as the server writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def still(number: int, size: tuple[int, int] = (240, 180)) -> str:
    """The address of a still with a sky and hills."""
    image = Image.new("RGB", size, (120 + 11 * number % 130, 150 + 7 * number % 90, 190 - 5 * number % 90))
    draw = ImageDraw.Draw(image)
    w, h = size
    x = (37 * number) % w
    draw.ellipse((x, h // 6, x + h // 5, h // 6 + h // 5), fill=(250, 220, 150))
    draw.polygon(
        [(0, h), (0, h * 0.6), (w * 0.3, h * 0.45), (w * 0.7, h * 0.7), (w, h * 0.5), (w, h)], fill=(60, 90, 70)
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"


def task(number: int, status: str, **changes: Any) -> Task:
    """A whole task in this status; the larger its number, the later it was sent."""
    over = status in ("succeeded", "failed", "canceled")
    made: Task = {
        "task_id": f"{number:032x}", "client_id": None, "status": status, "version": 1,
        "progress": 100 if status == "succeeded" else 39.4 if status == "processing" else 0,
        "stage": "generating" if status == "processing" else None, "attempt": 1, "max_attempts": 3,
        "cancel_requested": False, "queue": None, "eta": None, "eta_reason": None,
        "image": {"name": f"IMG_{2000 + number}.jpg", "width": 1200, "height": 900, "bytes": 400_000,
                  "thumbnail_url": still(number)},
        "video_url": f"/api/video/{number:032x}/video" if status == "succeeded" else None,
        "video": {"width": 960, "height": 720, "seconds": 6, "fps": 30} if status == "succeeded" else None,
        "preview": None, "watchable": None, "views": 0, "retry_of": None, "error": None, "pinned": False,
        "created_at": at(-2000 + number), "started_at": at(-40) if status != "queued" else None,
        "finished_at": at(-500 + number) if over else None, "expires_at": at(6 * 86400) if over else None,
        "parameters": None,
    }  # fmt: skip
    return {**made, **changes}


def waiting(number: int, position: int, size: int, seconds: float, **changes: Any) -> Task:
    """A task in line, ready in so many seconds."""
    eta = {"ready_at": at(seconds), "basis": "runs"}
    return task(number, "queued", **{"queue": {"position": position, "size": size}, "eta": eta, **changes})


def running(number: int, seconds: float, **changes: Any) -> Task:
    """A task that is being made, ready in so many seconds."""
    return task(number, "processing", **{"eta": {"ready_at": at(seconds), "basis": "progress"}, **changes})


def round_of(total: int, done: int, each: float = 30) -> list[Task]:
    """A round of pictures of which so many are done and the next is being made."""
    rest = total - done - 1
    finished = [
        task(n, "succeeded", created_at=at(-2000), started_at=at(-500), finished_at=at(-500 + n))
        for n in range(1, done + 1)
    ]
    ahead = [waiting(done + 1 + n, n, rest, each * n + 20) for n in range(1, rest + 1)]
    return [*finished, running(done + 1, 20), *ahead]


def stage(page: Page) -> Page:
    """Open the page so that it hears from the test alone, once that calls `tell`."""
    page.before_scripts(EARLY)
    return page.open()


def hear(page: Page, event: str, data: Any) -> None:
    """Let the page hear this of the server."""
    page.script(HEAR, event, data)


def tell(page: Page, tasks: list[Task], model: str | None = None, paused: bool = False) -> None:
    """Let the page hear that these are all tasks there are, and nothing more from the server."""
    page.script("window.staged = true")
    waits = sum(each["status"] == "queued" for each in tasks)
    runs = sum(each["status"] == "processing" for each in tasks)
    state = model or ("busy" if runs else "ready")
    hear(page, "model", {"state": state, "detail": None, "schema": None})
    hear(page, "snapshot", {"tasks": tasks, "next": None})
    hear(page, "queue", {"waiting": waits, "running": runs, "paused": paused, "drain_seconds": 30 * waits,
                         "ready_at": at(30 * (waits + runs + 1)), "tasks": []})  # fmt: skip


def choose(page: Page, *names: str) -> None:
    """Choose files of these names; the name says how far each comes."""
    page.script(CHOOSE, list(names))


def drawn(page: Page) -> None:
    """Wait until what was heard is on the page."""
    page.driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))"
    )
