"""A server whose videos are already made, in the test's own process: its clock and its parts are at hand."""

import asyncio
import contextlib
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Coroutine
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import tornado.netutil
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from tornado.httpclient import HTTPResponse
from tornado.web import decode_signed_value

from leyline.cenc import MUXING, ClearWriter
from leyline.line.run import tell
from leyline.line.tasks import NewTask, Task
from leyline.processes.protocol import Done, Grown, Progress
from leyline.settings import Settings
from leyline.watching.master import Master
from leyline.watching.views import base64url, from_base64url
from tests.live_server import DEADLINE_SECONDS, Api, Socket
from web.server import Server

T = TypeVar("T")
EARLIER = {"movflags": MUXING["movflags"]}  # how the first releases wrote a video


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = time.time()

    def __call__(self) -> float:
        return self.seconds


class KeyPair:
    """Who asks for a view's key: the pair that a page makes for it, and what it does with the answer."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def unwrapped(self, ticket: str, public: bytes, wrapped: bytes) -> bytes:
        """The key in the answer; ValueError where it is not for this pair and this ticket."""
        secret = self._private.exchange(X25519PublicKey.from_public_bytes(public))
        wrapping = HKDF(SHA256(), 16, salt=None, info=b"leyline view key\n" + ticket.encode()).derive(secret)
        try:
            return aes_key_unwrap(wrapping, wrapped)
        except InvalidUnwrap:
            raise ValueError("It does not unwrap.") from None


class WatchSite:
    """The web side of a server, listening on a free port. Its model process is never started."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.server = Server(Settings(data_dir=root, **settings))
        self.clock = Clock()
        self.server.views.clock = self.clock
        self.views = self.server.views
        self.url = ""
        self._sockets: list[Socket] = []

    async def start(self) -> "WatchSite":
        listening = tornado.netutil.bind_sockets(0, "127.0.0.1")
        self.server.http.add_sockets(listening)
        self.port = listening[0].getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        return self

    async def stop(self) -> None:
        for socket in self._sockets:
            await _hang_up(socket)
        self.server.http.stop()
        await self.server.sockets.close()
        await self.server.http.close_all_connections()
        await self.server.watching.close()
        await self.server.glimpses.stop()
        self.server.store.close()
        self.server.folder.release()

    async def add_task(self, owner: str | None = None, **known: Any) -> Task:
        """A task in line, of which this is known besides."""
        new = NewTask(uuid4().hex, owner, "somebody", None, None, None, None, "photo.jpg", 640, 480, 1000)
        return await self.server.moves.enter(replace(new, **known))

    async def add_video(
        self, master: Path, owner: str | None = None, *, size: tuple[int, int] = (320, 180), **known: Any
    ) -> str:
        """A finished task whose video is a copy of `master`, which has this size; its id."""
        added = await self.add_task(owner, **known)
        task = await self.server.moves.claim()
        assert task and task.task_id == added.task_id, "make videos before tasks that wait"
        video = self.server.media.video(task.video_key)
        await asyncio.to_thread(shutil.copy, master, video)
        done = Done(task.task_id, task.run, width=size[0], height=size[1], seconds=2.0)
        await self.server.moves.succeed(task, done, video.stat().st_size, 1.0)
        return task.task_id

    async def add_picture(self, task_id: str, picture: bytes) -> None:
        """Keep this JPEG as what the model saw, in all sizes."""
        media = self.server.media
        for path in (media.picture(task_id), media.thumbnail(task_id), media.poster(task_id)):
            await asyncio.to_thread(path.write_bytes, picture)

    async def begin_video(self, master: Path, owner: str | None = None) -> "Growing":
        """A task that is processing, of whose video nothing is there yet; it will be a copy of `master`."""
        added = await self.add_task(owner)
        task = await self.server.moves.claim()
        assert task and task.task_id == added.task_id, "make videos before tasks that wait"
        return Growing(self.server, task, master)

    def owner(self, api: Api) -> str:
        """The digest of the session that this caller's cookie names."""
        name, _, value = api.cookie.partition("=")
        secret = self.server.folder.secret("secret")
        session = (decode_signed_value(secret, name, value) or b"").decode().partition(".")[0]
        return hashlib.sha256(session.encode()).hexdigest()[:32]

    async def api(self) -> Api:
        """A new browser session."""
        return await Api(self.url).open_page()

    async def ask_key(self, socket: Socket, ticket: Any, pair: KeyPair | None = None) -> dict[str, Any]:
        """What the socket answers to `view_key`: with the `key` where it was told, else the error's data."""
        pair = pair or KeyPair()
        await socket.say("view_key", ticket=ticket, public=base64url(pair.public))
        while (message := await socket.next())["event"] not in ("view_key", "error"):
            pass
        answer: dict[str, Any] = message["data"]
        if message["event"] == "error":
            return answer
        public, wrapped = from_base64url(answer["public"]), from_base64url(answer["wrapped"])
        return {**answer, "key": pair.unwrapped(ticket, public, wrapped)}

    async def connect(self, api: Api, path: str = "/api/video/events") -> Socket:
        """A socket of this caller, greeted; closed with the site."""
        socket = await api.socket(path)
        self._sockets.append(socket)
        await socket.until("snapshot")
        return socket


class Growing:
    """A video that is being made, as far as a test says: it does what the model process and the worker do."""

    def __init__(self, server: Server, task: Task, master: Path) -> None:
        self._server = server
        self.task, self.task_id = task, task.task_id
        with Master(master) as opened:
            self.layout = opened.layout
        self.whole = master.read_bytes()
        self.part = server.media.video_part(task.video_key)

    def end(self, segments: int) -> int:
        """The first byte after so many segments."""
        return [*(at for _, at in self.layout.segments), self.layout.size][segments]

    def write(self, size: int) -> None:
        """So many bytes of it are there now."""
        written = self.part.stat().st_size if self.part.exists() else 0
        with self.part.open("ab") as file:
            file.write(self.whole[written:size])

    async def grow(self, segments: int) -> None:
        """So many segments are there now, and it is told."""
        self.write(self.end(segments))
        task, seconds = self.task, [*(start for start, _ in self.layout.segments), self.layout.seconds][segments]
        tell(self._server.events, task, Grown(task.task_id, task.run, segments, seconds))

    async def progress(self, percent: float) -> None:
        """The model says how far it is."""
        tell(self._server.events, self.task, Progress(self.task_id, self.task.run, percent, "generating"))

    async def finish(self) -> None:
        """All of it is there, published under its own name."""
        self.write(len(self.whole))
        size = await asyncio.to_thread(self._server.media.keep_video, self.task.video_key)
        done = Done(self.task.task_id, self.task.run, width=320, height=180, seconds=self.layout.seconds)
        await self._server.moves.succeed(self.task, done, size, 1.0)

    async def give_up(self) -> None:
        """The run is over, and nothing of it stays; first in line again."""
        await self._server.moves.put_back(self.task, "crash", count_attempt=True)
        self._server.media.remove_run(self.task.video_key)

    async def begin_again(self) -> "Growing":
        """The next run of it."""
        task = await self._server.moves.claim()
        assert task and task.task_id == self.task_id
        self.task, self.part = task, self._server.media.video_part(task.video_key)
        return self


class SiteThread:
    """A `WatchSite` in a thread of its own, for tests that drive a browser. Ends with its `with` block."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self._root, self._settings = root, settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="site")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, done by the site's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_SECONDS)

    async def _begin(self) -> WatchSite:
        return await WatchSite(self._root, **self._settings).start()

    def __enter__(self) -> "SiteThread":
        self._thread.start()
        self.site = self.run(self._begin())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.site.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _hang_up(socket: Socket) -> None:
    socket.close()
    with contextlib.suppress(EOFError):
        while True:
            await socket.next()


def make_master(
    path: Path,
    seconds: float = 2,
    width: int = 320,
    height: int = 180,
    codec: str = "libx264",
    crf: int = 21,
    muxing: dict[str, str] = MUXING,
    sound: str = "",
) -> Path:
    """A video as the model process writes it, 30 frames a second, with a keyframe each second; `sound` encodes a
    tone."""
    import av
    import numpy as np

    with (
        path.open("wb") as file,
        av.open(
            ClearWriter(file.write) if muxing is MUXING else file, "w", format="mp4", options=muxing
        ) as container,
    ):
        options = {"preset": "veryfast", "crf": str(crf), "profile": "main"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=30, options={**options, "g": "30", "keyint_min": "30"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        heard = container.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        noise = np.random.default_rng(7).integers(0, 255, (height // 4, width // 4, 3), dtype=np.uint8)
        still = noise.repeat(4, axis=0).repeat(4, axis=1)
        for number in range(round(30 * seconds)):
            frame = av.VideoFrame.from_ndarray(np.roll(still, number * 4, axis=1), "rgb24")
            container.mux(stream.encode(frame))
            if heard:
                container.mux(heard.encode(tone(number * 1600, 1600)))
        container.mux(stream.encode())
        if heard:
            container.mux(heard.encode())
    return path


def tone(first: int, samples: int, rate: int = 48_000, hertz: float = 440) -> Any:
    """So many samples of a tone in both channels, from the sample `first` on."""
    import av
    import numpy as np

    wave = np.sin(2 * np.pi * hertz * np.arange(first, first + samples) / rate).astype(np.float32) / 2
    frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = rate, first, Fraction(1, rate)
    return frame


def packets(
    video: Path | Any, key: bytes | None = None, kind: str = "video"
) -> list[tuple[int | None, int | None, bytes]]:
    """(presentation time, decoding time, bytes) of each packet of a video file, decrypted where a key is given."""
    import av

    options = {"decryption_key": key.hex()} if key else {}
    with av.open(video, options=options) as container:
        return [(packet.pts, packet.dts, bytes(packet)) for packet in container.demux(**{kind: 0}) if packet.size]


def frames(video: Path | Any) -> int:
    """How many frames PyAV decodes of it; 0 where it is no video at all."""
    import av

    try:
        with av.open(video) as container:
            return sum(1 for _ in container.decode(video=0))
    except (av.FFmpegError, IndexError):
        return 0


async def view_of(api: Api, task_id: str) -> dict[str, Any]:
    status, view = await api.call("POST", f"/api/video/{task_id}/view", body="")
    assert status == 200, view
    return view


async def stream(api: Api, task_id: str, ticket: str = "", **headers: str) -> HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.request(
        "GET", f"/api/video/{task_id}/video", headers={**({"X-Leyline-Ticket": ticket} if ticket else {}), **named}
    )


def code(answer: HTTPResponse) -> str:
    return str(json.loads(answer.body)["code"])
