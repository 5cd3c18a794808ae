"""Wiring only: builds the parts in order, starts them, stops them in reverse. As a process it is `serving`'s."""

import asyncio
import contextlib
import os
import time
from concurrent.futures import Future

from tornado.web import Application

from leyline.data_folder import DataFolder
from leyline.intake.intake import Intake
from leyline.line.canceling import Canceling
from leyline.line.events import Events
from leyline.line.fleet import Fleet
from leyline.line.index import LineIndex
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.pins import Pins
from leyline.line.retention import DAY_SECONDS, Retention
from leyline.line.standings import Line
from leyline.line.store import TaskStore
from leyline.line.trash import Trash
from leyline.line.videos import Videos
from leyline.logins import Logins
from leyline.media import Media
from leyline.pictures.pool import PicturePool
from leyline.service import Service
from leyline.settings import SettingError, Settings
from leyline.watching.copies import Copies
from leyline.watching.glimpses import Glimpses
from leyline.watching.links import Links
from leyline.watching.sharing import Sharing
from leyline.watching.views import Views
from leyline.watching.watching import Watching
from model_proc.burning import run as run_label_helper
from model_proc.glimpsing import run as run_glimpse_helper
from web.answers import Answers
from web.base import NothingHere
from web.bulletins import Bulletins
from web.calls import routes
from web.connections import Connections, listen, listeners
from web.forwarded import Proxies
from web.gauges import Gauges
from web.hosts import Hosts
from web.limits import RateLimit
from web.login_limits import LoginLimits
from web.numbers import Numbers
from web.page import release
from web.parts import Parts
from web.places import Places
from web.processes import ModelProcesses, settings_of_models
from web.pulse import Pulse
from web.representation import Representation
from web.sessions import Sessions
from web.signed_in import SignedIn
from web.sockets import Sockets
from web.telling import Telling
from web.uploads import UPLOADS_IN_A_BURST

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
        self._wire_line(settings)
        self._wire_watching(settings)
        self._wire_web(settings)

    def _wire_line(self, settings: Settings) -> None:
        """From a picture that comes in to a video: what waits, who makes it, who is told."""
        self.media = Media(settings.data_dir)
        database = settings.data_dir / "leyline.db"
        self.media.check_for(database)
        self.store = TaskStore(database)
        self.telling = Telling(settings, self.folder, self.store.database, self.numbers.tried)
        self.moves = Moves(
            self.store.database,
            self.events,
            keep_seconds=settings.keep_days * DAY_SECONDS,
            index=LineIndex(is_fair=settings.is_fair),
            outbox=self.telling.outbox,
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
            self.store.database, settings.model, {**settings_of_models(settings), **settings.options}
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
        self.models = ModelProcesses(settings, self.fleet, self.known, self._give_up)
        self.line = Line(self.moves.index, self.events, prior_seconds=settings.model_seconds, models=self.fleet)
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
            self.telling.receivers,
            settings,
        )

    def _wire_watching(self, settings: Settings) -> None:
        """From a video to those who watch it: by its page, by links, in small."""
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
        self.watching = Watching(self.store, self.moves, self.media, self.views, self.copies)
        self.sharing = Sharing(self.store, self.links, self.media, self.views, self.copies)
        self.glimpses = Glimpses(self.store, self.media, run_glimpse_helper, has_room=self.retention.has_room)

    def _wire_web(self, settings: Settings) -> None:
        """What is shown of all that, and the connections by which it is asked for."""
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

    def _give_up(self, wrong: SettingError) -> None:
        if not self.ended.done():
            self.ended.set_exception(wrong)

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
        logins = Logins(self.store.database, secret)
        sessions = Sessions(
            secret,
            settings.token,
            operator_token,
            logins,
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
            videos=Videos(self.store.database),
            trash=Trash(self.store, self.moves, on_put=self.views.end, on_taken_back=self.views.begin_again),
            moves=self.moves,
            retention=self.retention,
            watching=self.watching,
            sharing=self.sharing,
            glimpses=self.glimpses,
            outbox=self.telling.outbox,
            receivers=self.telling.receivers,
            subscriptions=self.telling.subscriptions,
            services=settings.allowed_services,
            push_key=self.telling.push_key,
            sessions=sessions,
            signed_in=SignedIn(secret, sessions),
            logins=logins,
            login_limits=LoginLimits(),
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
        release()
        passed = self.service.passed_sockets()
        sockets = listeners(passed) if passed else listen(self.settings.host, self.settings.port)
        self.http.add_sockets(sockets)
        host, port = sockets[0].getsockname()[:2]
        self.host = host if passed else self.settings.host
        self.folder.sign(f"process {os.getpid()}, serving {self.host}:{port}")
        await self.models.start()
        self.pictures.start()
        self.fleet.start()
        self.retention.start()
        await self.telling.delivery.start()
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
        await self.models.stop()
        for last in (self.http.all_answered, self.http.close_all_connections):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(last(), LAST_ANSWERS_SECONDS)
        await self.pictures.stop()
        await self.watching.close()
        await self.glimpses.stop()
        await self.known.kept()
        await self.telling.delivery.stop()
        self.store.close()
        self.folder.release()
