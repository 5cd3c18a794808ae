"""A stand-in for the server that does what a test tells it to: refuse, lose an answer, say things live."""

import json
from dataclasses import dataclass, field

import tornado.httputil
import tornado.web
import tornado.websocket


@dataclass
class StandIn:
    """`script` holds what the next uploads get; when it is empty they are accepted."""

    script: list = field(default_factory=list)
    accepted: dict = field(default_factory=dict)  # Idempotency-Key → task
    uploads: list = field(default_factory=list)  # (key, file name, body bytes) of whatever arrived whole
    chosen: list = field(default_factory=list)  # the parameters of whatever arrived whole, None without
    batches: list = field(default_factory=list)  # the batch_id of whatever arrived whole, None without
    models: list = field(default_factory=list)  # answers to who asks for the model, the last stays; none: 404
    asked: list = field(default_factory=list)  # headers of each upload, refused ones too
    subscriptions: list = field(default_factory=list)
    statuses: dict = field(default_factory=dict)  # task_id → its answers to status requests, the last stays
    sockets: list = field(default_factory=list)
    sockets_refused_with: int | None = None
    on_subscribe: object = None
    installation: str | None = None  # None: a server of an earlier release, which does not tell it

    def app(self):
        server = {"server": self}
        return tornado.web.Application(
            [
                (r"/api/video/upload/?", Upload, server),
                (r"/api/video/events", Events, server),
                (r"/api/video/(\w+)/status", Status, server),
                (r"/api/queue", Queue, server),
                (r"/api/model", Model, server),
            ]
        )

    def accept(self, key, name):
        number = len(self.accepted) + 1
        task = {
            "task_id": f"{number:032x}",
            "status": "queued",
            "version": 1_000_000,
            "stage": "queued",
            "progress": 0,
            "queue": {"position": number, "size": number},
            "eta": {"ready_at": "2030-01-01T12:00:00.000Z", "basis": "prior"},
            "image": {"name": name},
            "error": None,
        }
        return self.accepted.setdefault(key, task)

    def say(self, event, data):
        """To every socket that is open."""
        for socket in self.sockets:
            socket.write_message({"event": event, "data": data})


def refusal(status, code, detail, **headers):
    """A script's entry: the next upload is refused at its headers."""
    return ("refuse", status, {"code": code, "title": detail, "detail": detail}, headers)


LOSE_THE_ANSWER = ("lose",)  # a script's entry: the picture is accepted, and the connection drops


@tornado.web.stream_request_body
class Upload(tornado.web.RequestHandler):
    def initialize(self, server):
        self.server = server

    def prepare(self):
        self.server.asked.append(self.request.headers)
        self.act = self.server.script.pop(0) if self.server.script else ("accept",)
        self.body = bytearray()
        if self.act[0] == "refuse":
            _, status, problem, headers = self.act
            self.set_status(status)
            for name, value in headers.items():
                self.set_header(name.replace("_", "-"), value)
            self.set_header("Content-Type", "application/problem+json")
            self.finish(json.dumps({"type": "about:blank", "status": status, **problem}))

    def data_received(self, chunk):
        self.body += chunk

    def post(self):
        files, arguments = {}, {}
        tornado.httputil.parse_body_arguments(
            self.request.headers["Content-Type"], bytes(self.body), arguments, files, self.request.headers
        )
        key, picture = self.request.headers["Idempotency-Key"], files["file"][0]
        self.server.uploads.append((key, picture.filename, picture.body))
        self.server.chosen.append(json.loads(arguments.get("parameters", [b"null"])[-1]))
        self.server.batches.append(arguments.get("batch_id", [b""])[-1].decode() or None)
        self.set_status(200 if key in self.server.accepted else 202)
        task = self.server.accept(key, picture.filename)
        if self.act[0] == "lose":
            self.request.connection.stream.close()
        else:
            self.finish(task)


class Status(tornado.web.RequestHandler):
    def initialize(self, server):
        self.server = server

    def get(self, task_id):
        answers = self.server.statuses.get(task_id)
        if answers is None:
            self.set_status(404)
            self.finish({"code": "not_found", "title": "Nothing.", "detail": "Nothing."})
        else:
            self.finish(answers.pop(0) if len(answers) > 1 else answers[0])


class Model(tornado.web.RequestHandler):
    def initialize(self, server):
        self.server = server

    def get(self):
        answers = self.server.models
        if not answers:
            self.set_status(404)
            self.finish({"code": "not_found", "title": "Nothing is here.", "detail": "Nothing is here."})
        else:
            self.finish(answers.pop(0) if len(answers) > 1 else answers[0])


class Queue(tornado.web.RequestHandler):
    def initialize(self, server):
        self.server = server

    def get(self):
        known = {"installation": self.server.installation} if self.server.installation else {}
        self.finish({"waiting": 0, **known})


class Events(tornado.websocket.WebSocketHandler):
    def initialize(self, server):
        self.server = server

    def prepare(self):
        if self.server.sockets_refused_with:
            self.set_status(self.server.sockets_refused_with)
            self.finish({"code": "token_needed", "title": "No.", "detail": "This server needs a token."})

    def open(self):
        self.server.sockets.append(self)
        self.write_message({"event": "hello", "data": {}})
        self.write_message({"event": "snapshot", "data": {"tasks": []}})

    def on_message(self, message):
        message = json.loads(message)
        assert message["event"] == "subscribe"
        self.server.subscriptions.append(message["data"]["task_ids"])
        self.server.on_subscribe(self, message["data"]["task_ids"])

    def on_close(self):
        self.server.sockets.remove(self)
