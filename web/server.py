"""Wiring only: builds the parts in order, runs until a signal, stops them in reverse."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING

from tornado.web import Application

from leyline.data_folder import DataFolder
from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE
from leyline.intake.intake import Intake
from leyline.line.canceling import Canceling
from leyline.line.events import Events
from leyline.line.fleet import Fleet
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.pins import Pins
from leyline.line.retention import DAY_SECONDS, Retention
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.trash import Trash
from leyline.logs import log_to
from leyline.media import Media
from leyline.pictures.pool import PicturePool
from leyline.processes.model import ModelProcess
from leyline.service import Service
from leyline.settings import SettingError, Settings, host_and_port, networks
from leyline.standby import folder_of_the_last
from leyline.watching.copies import Copies
from leyline.watching.links import Links
from leyline.watching.views import Views
from leyline.watching.watching import Watching
from leyline.webhooks.addresses import Addresses
from leyline.webhooks.delivery import Delivery
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.receivers import Receivers
from leyline.webhooks.sending import Sender
from leyline.webhooks.signing import Signer, new_secret
from model_proc.burning import run as run_label_helper
from model_proc.loop import run as run_model_loop
from web.answers import Answers
from web.base import NothingHere
from web.bulletins import Bulletins
from web.calls import routes
from web.connections import Connections, listen, listeners
from web.forwarded import Proxies
from web.gauges import Gauges
from web.hosts import Hosts
from web.limits import RateLimit
from web.numbers import Numbers
from web.parts import Parts
from web.places import Places
from web.pulse import Pulse
from web.representation import Representation
from web.sessions import Sessions
from web.signed_in import SignedIn
from web.sockets import Sockets
from web.uploads import UPLOADS_IN_A_BURST

if TYPE_CHECKING:
    from leyline.cluster.front import Cluster

log = logging.getLogger("leyline.server")

FULL_COLLECTION_AFTER = 1000  # smaller ones, instead of Python's 10
EVERYWHERE = ("0.0.0.0", "::", "")  # hosts that mean every network
LAST_ANSWERS_SECONDS = 1.5  # how long requests that are under way may take to end when the server stops


class Server:
    """Leyline in one process: the web side, the line, and the processes that it keeps."""

    def __init__(
        self,
        settings: Settings,
        service: Service | None = None,
        folder: DataFolder | None = None,
        ended: Future[None] | None = None,
    ) -> None:
        """Take the data folder unless it is given and build everything; nothing runs yet. Or `StartupError`."""
        self.service = service or Service({})
        self.settings = settings
        self.ended = ended or Future()  # has to stop, or cannot go on; of no loop, since none need run yet
        self.folder = folder or DataFolder(settings.data_dir)
        self.events = Events()
        self.numbers = Numbers()
        self.answers = Answers()
        self.media = Media(settings.data_dir)
        database = settings.data_dir / "leyline.db"
        self.media.check_for(database)
        self.store = TaskStore(database)
        keep_seconds = settings.keep_days * DAY_SECONDS
        self.outbox = Outbox(self.store.database, settings.webhook_url, settings.webhook_origins)
        self.moves = Moves(
            self.store.database,
            self.events,
            keep_seconds=keep_seconds,
            outbox=self.outbox,
            on_move=self.numbers.moved,
        )
        self.retention = Retention(
            self.store,
            self.moves,
            self.media,
            keep_days=settings.keep_days,
            keep_gb=settings.keep_gb,
            reserve_mb=settings.disk_reserve_mb,
        )
        self.known = KnownSchema(
            self.store.database, settings.model, {**self._settings_of_models(), **settings.options}
        )
        self.fleet = Fleet(
            self.store,
            self.moves,
            self.events,
            self.media,
            self.retention,
            self.known,
            max_attempts=settings.max_attempts,
        )
        self.local_models = [self._model_process(name) for name in local_names(settings.local_models)]
        self.line = Line(self.moves.index, self.events, prior_seconds=settings.model_seconds, models=self.fleet)
        self.cluster = self._cluster() if settings.cluster else None
        self.receivers = Receivers(settings.webhook_origins, self.outbox)
        self.delivery = Delivery(self.outbox, self._sender(), on_tried=self.numbers.tried)
        self.canceling = Canceling(self.store, self.moves, self.fleet)
        self.pictures = PicturePool(settings.max_pixels)
        self.intake = Intake(
            self.store,
            self.moves,
            self.media,
            self.pictures,
            self.line,
            self.retention,
            self.known,
            self.receivers,
            settings,
        )
        self.views = Views(self.folder.secret("secret"))
        self.links = Links(self.store.database)
        self.copies = Copies(
            self.store,
            self.links,
            self.media,
            self.events,
            run_label_helper,
            codec=settings.codec,
            has_room=self.retention.has_room,
            clock=lambda: self.views.clock(),
        )
        self.watching = Watching(self.store, self.moves, self.links, self.media, self.views, self.copies)
        self.representation = Representation(self.store, self.events, self.line, self.fleet, self.known, settings)
        self.sockets = Sockets()
        self.places = Places()
        self.gauges = Gauges(self.representation, self.sockets, self.answers, lambda: self.fleet.members, settings)
        self.numbers.registry.register(self.gauges)
        self.pulse = Pulse(self.numbers.late, self._ping)
        self.http = Connections(
            self._application(),
            Hosts(settings.hosts, settings.host),
            Proxies(settings.trusted_proxies, settings.path),
            self.answers,
        )

    def _sender(self) -> Sender:
        secret = self.settings.webhook_secret or self.folder.secret("webhook-secret", new_secret)
        return Sender(Signer(secret), Addresses(networks(self.settings.webhook_networks)))

    def _model_process(self, name: str) -> ModelProcess:
        settings = self.settings
        return ModelProcess(
            run_model_loop,
            settings.model,
            self._settings_of_models(),
            name=name,
            options=settings.options,
            memory_limit_mb=settings.model_memory_mb,
            stall_seconds=settings.stall_seconds,
            on_state=lambda: self.fleet.changed(name),
            on_schema=self._learn_here,
            on_wrong_setting=self._give_up,
        )

    def _learn_here(self, schema: str) -> None:
        self.known.learn(schema)
        if self.cluster:
            self.cluster.local_says(schema)

    def _cluster(self) -> "Cluster":
        from leyline.cluster.starting import cluster_of  # what it needs is an extra

        return cluster_of(
            self.settings,
            self._settings_of_models(),
            self.fleet,
            local_names=[model.name for model in self.local_models],
            learn=self.known.learn,
        )

    def _settings_of_models(self) -> dict[str, float | str]:
        settings = self.settings
        return {
            "model_seconds": settings.model_seconds,
            "clip_seconds": settings.clip_seconds,
            "clip_height": settings.clip_height,
            "codec": settings.codec,
        }

    def _give_up(self, setting: str, what: str) -> None:
        if setting == "model":
            wrong = f"LEYLINE_MODEL={self.settings.model!r} (or --model) names no model: {what}."
        else:
            wrong = f"LEYLINE_MODEL_OPTIONS (or --model-option) do not fit {self.settings.model}: {what}."
        if not self.ended.done():
            self.ended.set_exception(SettingError(wrong))

    def _application(self) -> Application:
        secret = self.folder.secret("secret")
        parts = self._parts(secret)
        return Application(
            routes(parts),
            default_handler_class=NothingHere,
            default_handler_args={"parts": parts},
            log_function=parts.answers,
            cookie_secret=secret,
            cross_origin_protection=True,
            compress_response=True,
        )

    def _parts(self, secret: str) -> Parts:
        settings = self.settings
        operator_token = settings.operator_token or self.folder.secret("operator-token")
        sessions = Sessions(
            secret,
            settings.token,
            operator_token,
            renamed_at=self.store.database.applied_at("keep_undo"),  # as old as the cookie's name on https
            limits_networks=settings.limit_networks == "yes",
        )
        return Parts(
            settings=settings,
            store=self.store,
            media=self.media,
            events=self.events,
            intake=self.intake,
            known=self.known,
            fleet=self.fleet,
            canceling=self.canceling,
            pins=Pins(self.store, self.moves, settings.keep_gb),
            trash=Trash(self.store, self.moves, on_put=self.views.end, on_taken_back=self.views.begin_again),
            moves=self.moves,
            retention=self.retention,
            watching=self.watching,
            outbox=self.outbox,
            receivers=self.receivers,
            sessions=sessions,
            signed_in=SignedIn(secret, sessions),
            started_at=time.time(),
            representation=self.representation,
            bulletins=Bulletins(self.representation, self.events),
            sockets=self.sockets,
            places=self.places,
            answers=self.answers,
            numbers=self.numbers,
            gauges=self.gauges,
            uploads_rate=RateLimit(settings.uploads_per_minute, UPLOADS_IN_A_BURST),
            retries_rate=RateLimit(settings.uploads_per_minute, UPLOADS_IN_A_BURST),
        )

    async def start(self) -> int:
        """Mend what the last server left, then listen, then load the model; the port listened on."""
        await self.known.recall()
        await self.fleet.recover()
        await self.retention.remove_orphans()
        passed = self.service.passed_sockets()
        sockets = listeners(passed) if passed else listen(self.settings.host, self.settings.port)
        self.http.add_sockets(sockets)
        host, port = sockets[0].getsockname()[:2]
        self.host = host if passed else self.settings.host
        self.folder.sign(f"process {os.getpid()}, serving {self.host}:{port}")
        if self.cluster:
            await self.cluster.start(*host_and_port(self.settings.cluster))
        for model in self.local_models:
            self.fleet.join(model)
            model.start()
        self.pictures.start()
        self.fleet.start()
        self.retention.start()
        await self.delivery.start()
        self.pulse.start()
        self._announcing = asyncio.create_task(self.line.announce())
        self._pinging = asyncio.create_task(self.sockets.ping_for_ever())
        self._sweeping_copies = asyncio.create_task(self.copies.sweep_for_ever())
        self.service.tell("READY=1", self._status())
        return int(port)

    def _ping(self, late_seconds: float) -> None:
        """The event loop beats: so long as it does, the watchdog hears of it."""
        self.service.ping(time.monotonic(), self._status())

    def _status(self) -> str:
        """In a line, for `systemctl status`."""
        line = self.representation.line()
        paused = ", paused" if line["paused"] else ""
        model = self.representation.model()["state"]
        return f"STATUS=Model {model}; {line['waiting']} waiting, {line['running']} running{paused}"

    async def stop(self) -> None:
        """Refuse, say goodbye, put the running tasks back, end the processes, close the store."""
        self.service.tell("STOPPING=1")
        self.intake.stopping = True
        self.http.stop()
        self.places.close()
        await self.sockets.close()
        self._announcing.cancel()
        self._pinging.cancel()
        self._sweeping_copies.cancel()
        self.retention.stop()
        self.pulse.stop()
        if self.cluster:
            self.cluster.part()
        await self.fleet.stop()
        if self.cluster:
            await self.cluster.stop()
        for last in (self.http.all_answered, self.http.close_all_connections):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(last(), LAST_ANSWERS_SECONDS)
        await self.pictures.stop()
        await self.watching.close()
        await self.known.kept()
        await self.delivery.stop()
        self.store.close()
        self.folder.release()


async def serve(settings: Settings) -> None:
    """Run a server until SIGTERM, SIGINT or the end of its terminal; a second signal ends the process at once.

    Raises `SettingError` when it finds that there is no model of the name that was given.
    """
    ended: Future[None] = Future()

    def on_signal() -> None:
        if ended.done():
            os._exit(1)  # safe at any instant: what was accepted is on disk, and the children end with us
        ended.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
    service = Service(os.environ)
    folder = None
    if settings.standby == "yes":
        if settings.cluster:
            from leyline.cluster import starting

            starting.be_ready()
        folder = await folder_of_the_last(settings.data_dir, service, ended)
        if ended.done():
            return
    server = Server(settings, service, folder, ended)
    port = await server.start()
    everywhere = "on every network of this machine, and here " if server.host in EVERYWHERE else ""
    with contextlib.suppress(OSError):  # nobody hears it: it serves all the same
        print(f"Leyline is {everywhere}at http://{_shown(server.host)}:{port}", flush=True)
    try:
        await asyncio.wrap_future(ended)
    finally:
        log.info("event=stopping")
        await server.stop()
        log.info("event=stopped")


def local_names(number: int) -> list[str]:
    """By which so many model processes of this machine are told apart."""
    return [f"local {n}" if n > 1 else "local" for n in range(1, number + 1)]


def _shown(host: str) -> str:
    """The host as a browser on this machine wants it."""
    if host in ("localhost", "127.0.0.1", *EVERYWHERE):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def main(settings: Settings) -> int:
    """The exit code of a server that ran until it was told to stop; raises `StartupError` and `SettingError`.

    Where the log is JSON, these two are told there as well, and the exit code is theirs.
    """
    log_to(sys.stderr, settings.log)
    # A full collection walks over all that ten thousand sockets are made of: most of a second, for nothing.
    gc.set_threshold(700, 10, FULL_COLLECTION_AFTER)
    try:
        asyncio.run(serve(settings))
    except (StartupError, SettingError) as error:
        if settings.log == "text":
            raise
        log.critical("event=cannot_start reason=%r", str(error))
        return WRONG if isinstance(error, StartupError) else WRONG_USAGE
    except BaseException:
        log.exception("event=bug in=server")
        os._exit(1)  # Python would wait for the children, and they for us
    return 0
