"""What the handlers are made of: built once, by `server`; each takes what it uses in its `initialize`."""

from dataclasses import dataclass

from leyline.intake.intake import Intake
from leyline.line.canceling import Canceling
from leyline.line.events import Events
from leyline.line.fleet import Fleet
from leyline.line.known_schema import KnownSchema
from leyline.line.moves import Moves
from leyline.line.pins import Pins
from leyline.line.retention import Retention
from leyline.line.store import TaskStore
from leyline.line.trash import Trash
from leyline.line.videos import Videos
from leyline.logins import Logins
from leyline.media import Media
from leyline.origins import Allowed
from leyline.push.subscriptions import Subscriptions
from leyline.settings import Settings
from leyline.watching.glimpses import Glimpses
from leyline.watching.sharing import Sharing
from leyline.watching.watching import Watching
from leyline.webhooks.outbox import Outbox
from leyline.webhooks.receivers import Receivers
from web.answers import Answers
from web.bulletins import Bulletins
from web.gauges import Gauges
from web.limits import RateLimit
from web.login_limits import LoginLimits
from web.numbers import Numbers
from web.places import Places
from web.representation import Representation
from web.sessions import Sessions
from web.signed_in import SignedIn
from web.sockets import Sockets


@dataclass(frozen=True)
class Parts:
    """The core as handlers know it, and what they share besides."""

    settings: Settings
    store: TaskStore
    media: Media
    events: Events
    intake: Intake
    known: KnownSchema
    fleet: Fleet
    canceling: Canceling
    trash: Trash
    pins: Pins
    videos: Videos
    moves: Moves
    retention: Retention
    watching: Watching
    glimpses: Glimpses
    sharing: Sharing
    outbox: Outbox
    receivers: Receivers
    subscriptions: Subscriptions
    services: Allowed  # that push messages may go by
    push_key: str  # the public half, as browsers subscribe with it; "" where none are told
    sessions: Sessions
    representation: Representation
    bulletins: Bulletins
    sockets: Sockets
    places: Places
    answers: Answers
    numbers: Numbers
    gauges: Gauges
    signed_in: SignedIn
    logins: Logins
    login_limits: LoginLimits
    started_at: float  # seconds since 1970
    uploads_rate: RateLimit
    retries_rate: RateLimit
