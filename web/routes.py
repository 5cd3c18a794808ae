"""The table of addresses: which handler answers, and exactly which parts it gets."""

from pathlib import Path
from typing import Any

from leyline.intake.intake import Intake
from leyline.line.canceling import Canceling
from leyline.line.events import Events
from leyline.line.moves import Moves
from leyline.line.retention import Retention
from leyline.line.store import TaskStore
from leyline.media import Media
from leyline.settings import Settings
from leyline.watching.watching import Watching
from web import health, line, links, live, metrics, openapi, page, socket, tasks, uploads, videos
from web.limits import RateLimit
from web.representation import Representation
from web.sessions import Sessions

STATIC = Path(__file__).parent.parent / "static"

TASK = r"/api/video/([0-9a-f]{32})"


def routes(
    sessions: Sessions,
    representation: Representation,
    store: TaskStore,
    media: Media,
    events: Events,
    intake: Intake,
    canceling: Canceling,
    moves: Moves,
    retention: Retention,
    watch: Watching,
    sockets: socket.Sockets,
    answers: metrics.Answers,
    uploads_rate: RateLimit,
    retries_rate: RateLimit,
    settings: Settings,
) -> list[tuple[Any, ...]]:
    """(pattern, handler, parts) for each address."""
    show = {"sessions": sessions, "representation": representation}
    pause = {**show, "moves": moves}
    watching = {**show, "watch": watch}
    link = {"sessions": sessions, "watch": watch}
    key = {**link, "sockets": sockets}
    page_socket = {**key, "representation": representation, "events": events, "store": store, "settings": settings}
    return [
        (r"/", page.PageHandler, {"sessions": sessions, "page": STATIC / "index.html"}),
        (r"/static/(.*)", page.StaticHandler, {"sessions": sessions, "path": STATIC}),
        (r"/api/session", page.SessionHandler, {"sessions": sessions}),
        (r"/api/video/upload/?", uploads.UploadHandler, {**show, "intake": intake, "rate": uploads_rate}),
        (r"/api/video/events", live.LiveHandler, page_socket),
        (r"/api/video/?", tasks.ListHandler, {**show, "store": store}),
        (TASK, tasks.DeleteHandler, {**show, "retention": retention}),
        (TASK + r"/status", tasks.StatusHandler, {**show, "events": events}),
        (TASK + r"/cancel", tasks.CancelHandler, {**show, "canceling": canceling}),
        (TASK + r"/retry", tasks.RetryHandler, {**show, "intake": intake, "rate": retries_rate}),
        (TASK + r"/thumbnail", tasks.ThumbnailHandler, {**show, "media": media}),
        (TASK + r"/preview", tasks.PreviewHandler, {**show, "media": media}),
        (TASK + r"/view", videos.ViewHandler, watching),
        (TASK + r"/video", videos.VideoHandler, watching),
        (TASK + r"/links", links.LinksHandler, watching),
        (TASK + r"/links/([0-9a-f]{16})", links.LinkHandler, watching),
        (r"/watch/([0-9a-f]{32})", links.LinkPageHandler, {**link, "page": STATIC / "watch.html"}),
        (r"/api/watch/([0-9a-f]{32})/view", links.LinkViewHandler, link),
        (r"/api/watch/([0-9a-f]{32})/video", links.LinkVideoHandler, link),
        (r"/api/watch/([0-9a-f]{32})/events", links.LinkSocketHandler, key),
        (r"/api/queue", line.QueueHandler, show),
        (r"/api/queue/pause", line.PauseHandler, {**pause, "paused": True}),
        (r"/api/queue/resume", line.PauseHandler, {**pause, "paused": False}),
        (r"/healthz", health.HealthHandler, {"sessions": sessions}),
        (r"/readyz", health.ReadyHandler, show),
        (r"/metrics", metrics.MetricsHandler, {**show, "sockets": sockets, "answers": answers}),
        (r"/api/openapi.json", openapi.OpenApiHandler, {"sessions": sessions}),
    ]
