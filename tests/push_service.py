"""A push service as Firefox knows one: browsers are connected by a WebSocket, senders post to addresses of it.

It stands in for Mozilla's autopush, whose protocol this is (https://mozilla-push-service.readthedocs.io), and can
read nothing of what it passes on. Danger: Firefox takes its time before it tries again what it did not like.
"""

import base64
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

DELIVERED = 100  # opened, and handed to the page's worker, which did not fail


@dataclass
class PushService:
    """What it knows: who is connected, who has subscribed with which key, and what was posted."""

    port: int = 0
    sockets: list["Browser"] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)  # by channel
    posted: list[dict[str, str]] = field(default_factory=list)  # the headers
    acknowledged: list[int] = field(default_factory=list)  # as browsers say what became of each: DELIVERED is good

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Browser(WebSocketHandler):
    def initialize(self, service: PushService) -> None:
        self.service = service

    def check_origin(self, origin: str) -> bool:
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "push-notification" if "push-notification" in subprotocols else None

    def on_message(self, message: str | bytes) -> None:
        said = json.loads(message)
        answer = getattr(self, f"_{said.get('messageType', 'ping')}", None)
        if answer:
            answer(said)

    def _hello(self, said: Any) -> None:
        self.service.sockets.append(self)
        uaid = said.get("uaid") or uuid.uuid4().hex
        self._say(messageType="hello", uaid=uaid, status=200, use_webpush=True, broadcasts={})

    def _register(self, said: Any) -> None:
        channel = said["channelID"]
        self.service.keys[channel] = said.get("key", "")
        endpoint = f"{self.service.origin}/wpush/{channel}"
        self._say(messageType="register", channelID=channel, status=200, pushEndpoint=endpoint)

    def _unregister(self, said: Any) -> None:
        self.service.keys.pop(said["channelID"], None)
        self._say(messageType="unregister", channelID=said["channelID"], status=200)

    def _ack(self, said: Any) -> None:
        self.service.acknowledged += [each.get("code", DELIVERED) for each in said["updates"]]

    def _ping(self, said: Any) -> None:
        self.write_message("{}")

    def _say(self, **said: Any) -> None:
        self.write_message(json.dumps(said))

    def deliver(self, channel: str, headers: dict[str, str], body: bytes) -> None:
        self._say(
            messageType="notification",
            channelID=channel,
            version=uuid.uuid4().hex,
            ttl=int(headers["Ttl"]),
            data=base64.urlsafe_b64encode(body).rstrip(b"=").decode(),
            headers={"encoding": headers["Content-Encoding"]},
        )


class Post(RequestHandler):
    def initialize(self, service: PushService) -> None:
        self.service = service

    def post(self, channel: str) -> None:
        if channel not in self.service.keys:
            self.set_status(410)
            return
        headers = dict(self.request.headers)
        self.service.posted.append(headers)
        for socket in self.service.sockets:
            socket.deliver(channel, headers, self.request.body)
        self.set_status(201)


@contextlib.asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """One that listens until the block ends."""
    service = PushService()
    parts = {"service": service}
    server = HTTPServer(Application([("/", Browser, parts), ("/wpush/(.*)", Post, parts)]))
    socket, service.port = bind_unused_port()
    server.add_sockets([socket])
    try:
        yield service
    finally:
        for each in service.sockets:
            each.close()
        server.stop()
