"""The table of calls: every address and method that the server answers to, and what is known about it.

Routing and the description for programs are made from it, and docs/api.md is held against it by a test.
"""

from typing import Any

from leyline import errors
from web import (
    about,
    admin,
    docs,
    health,
    line,
    links,
    live,
    logins,
    metrics,
    model,
    page,
    phone,
    push,
    stills,
    tasks,
    uploads,
    videos,
    visitors,
    wall,
    webhooks,
    workers,
)
from web.base import Handler
from web.call import CIPHERTEXT, HTML, JPEG, JSON, TEXT, Call
from web.openapi import description
from web.parts import Parts


class OpenApiHandler(Handler):
    """GET /api/openapi.json: this table as OpenAPI 3.1, with what the model lets people choose."""

    needs_admission = False

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.known = parts.known

    async def get(self) -> None:
        schema = self.known.schema
        self.write_json(description(CALLS, self.prefix, schema.body if schema else None))


WRITING = (errors.DatabaseBusy, errors.DiskLow)


class DocsHandler(OpenApiHandler):
    """GET /api/docs: the same for people."""

    async def get(self) -> None:
        schema = self.known.schema
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.write(docs.page(description(CALLS, self.prefix, schema.body if schema else None)))


INTAKE = (errors.LineFull, errors.ClientLimit, errors.Stopping, *WRITING)
CHOSEN = (errors.BadParameters, errors.ModelLoading)
TELLING = (errors.BadWebhook, errors.WebhooksFull)
KEYED = (errors.KeyInFlight, errors.KeyReused)
PICTURE = (
    *(errors.EmptyFile, errors.TooLarge, errors.NotAPicture, errors.UnsupportedFormat),
    *(errors.DamagedPicture, errors.TooManyPixels, errors.PicturesBusy),
)
GONE = (errors.Expired, errors.VideoMissing)
NO_VIDEO = (errors.NotReady, errors.InTrash, errors.NoVideo, *GONE)
VIEWING = (*NO_VIDEO, errors.NoSession, errors.ViewsBusy, errors.ClientLimit, *WRITING)
OWN_VIEWING = (*VIEWING, errors.TicketRefused, errors.ViewEnded)
KEY = (
    *(errors.NoSession, errors.TicketRefused, errors.ViewEnded, errors.KeyUsed),
    *(errors.ViewsBusy, errors.ClientLimit, *WRITING),
)
STREAM = (
    *(*NO_VIDEO, errors.NoSession),
    *(errors.WatchOnly, errors.TicketRefused, errors.ViewEnded, errors.RangeNotSatisfiable),
)
OPERATOR = (errors.OperatorOnly, errors.ClientLimit)
CODE = (errors.NoSession, errors.CodeUnknown, errors.ClientLimit)
PUSH = (errors.PushOff, errors.NoSession)
TASK, WATCH = "/api/video/{task_id}", "/api/watch/{token}"

CALLS = (
    Call("POST", "/api/video/upload/", uploads.UploadHandler, "Send a picture",
         {202: "Task", 200: "Task"}, (*PICTURE, *CHOSEN, *TELLING, *KEYED, *INTAKE),
         "Upload", ("Idempotency-Key",)),
    Call("GET", "/api/video/", tasks.ListHandler,
         "The caller's tasks, newest first; on request at the next change of any",
         {200: "Tasks"}, (errors.NotFound, errors.ClientLimit), None,
         ("before", "limit", "batch_id", "since", "Prefer"), "list_tasks"),
    Call("GET", "/api/videos", wall.WallHandler, "The caller's videos, by words and in an order",
         {200: "Tasks"}, (errors.NotFound,), None, ("before_video", "limit", "search", "sort"), "list_videos"),
    Call("GET", "/api/video/events", live.LiveHandler, "The WebSocket: everything live", {101: None}),
    Call("DELETE", TASK, tasks.DeleteHandler, "Delete a task and its files",
         {204: None}, (errors.TaskRunning, *WRITING), None, (), "delete_task"),
    Call("GET", f"{TASK}/status", tasks.StatusHandler, "The task; on request at its next change",
         {200: "Task", 304: None}, (errors.ClientLimit,), None, ("Prefer",)),
    Call("GET", f"{TASK}/output", tasks.OutputHandler, "What the model printed last, in each run",
         {200: "Output"}, OPERATOR),
    Call("POST", f"{TASK}/cancel", tasks.CancelHandler, "Cancel a task",
         {200: "Task", 202: "Task"}, (errors.TaskFinished, *WRITING)),
    Call("POST", f"{TASK}/move", tasks.MoveHandler, "Move a waiting task among the places of one's own",
         {200: "Task"}, (errors.LineMoved, errors.MoveTooFar, errors.TaskNotWaiting, *WRITING), "OwnMove"),
    Call("POST", f"{TASK}/retry", tasks.RetryHandler, "A new task from the same picture",
         {202: "Task"}, (errors.TaskNotFinished, errors.Expired, errors.PictureMissing, *CHOSEN, *INTAKE),
         "Again"),
    Call("POST", f"{TASK}/trash", tasks.TrashHandler, "Put a finished task into the trash",
         {200: "Task"}, (errors.TaskNotFinished, *WRITING)),
    Call("POST", f"{TASK}/restore", tasks.RestoreHandler, "Take a task out of the trash", {200: "Task"}, WRITING),
    Call("POST", f"{TASK}/pin", tasks.PinHandler, "Keep a video until somebody says otherwise",
         {200: "Task"}, (errors.PinLimit, errors.NotReady, errors.InTrash, errors.Expired, *WRITING)),
    Call("POST", f"{TASK}/unpin", tasks.UnpinHandler, "Keep a video only as long as any other",
         {200: "Task"}, WRITING),
    Call("GET", f"{TASK}/thumbnail", stills.ThumbnailHandler, "What the model sees, small",
         {200: JPEG}, (errors.PictureMissing, *GONE), None, ("side",)),
    Call("GET", f"{TASK}/preview", stills.PreviewHandler, "The newest frame while the model works",
         {200: JPEG}, (errors.NotReady, errors.PreviewOver)),
    Call("GET", f"{TASK}/glimpse", stills.GlimpseHandler, "One of at most eight small stills of a finished video",
         {200: JPEG}, (*NO_VIDEO, errors.ViewsBusy, errors.ClientLimit, errors.DiskLow), None, ("eighth",)),
    Call("POST", f"{TASK}/view", videos.ViewHandler, "Open a view; with its ticket, see what there is of it now",
         {200: "View"}, OWN_VIEWING, "ViewQuestion"),
    Call("POST", f"{TASK}/view/key", videos.KeyHandler, "The view's key, wrapped",
         {200: "Key"}, KEY, "KeyQuestion"),
    Call("GET", f"{TASK}/video", videos.VideoHandler, "The view's encrypted stream",
         {200: CIPHERTEXT, 206: CIPHERTEXT}, STREAM, None, ("Range", "X-Leyline-Ticket")),
    Call("POST", f"{TASK}/links", links.LinksHandler, "Make a viewing link",
         {201: "Link"}, (errors.TooManyLinks, errors.LabelNotDrawable, errors.ViewsBusy, *NO_VIDEO, *WRITING),
         "NewLink", (), "make_link"),
    Call("GET", f"{TASK}/links", links.LinksHandler, "The video's viewing links",
         {200: "Links"}, (), None, (), "list_links"),
    Call("DELETE", TASK + "/links/{link_id}", links.LinkHandler, "Revoke a viewing link",
         {204: None}, WRITING, None, (), "revoke_link"),
    Call("POST", "/api/links", links.AllLinksHandler, "Make one viewing link to several videos",
         {201: "Link"},
         (errors.NotFound, errors.NoVideo, errors.TooManyLinks, errors.LabelNotDrawable, errors.ViewsBusy,
          *WRITING),
         "NewLinkToSeveral", (), "share"),
    Call("GET", "/api/links", links.AllLinksHandler, "The caller's viewing links",
         {200: "Links"}, (), None, (), "list_all_links"),
    Call("DELETE", "/api/links/{link_id}", links.OwnLinkHandler, "Revoke a viewing link of the caller's",
         {204: None}, WRITING, None, (), "revoke_own_link"),
    Call("GET", WATCH, visitors.ShownHandler, "What a viewing link shows", {200: "Shown"}, (errors.LinkOver,)),
    Call("GET", f"{WATCH}/still", visitors.LinkStillHandler, "A video of a link, before it plays",
         {200: JPEG}, (errors.LinkOver, errors.PictureMissing, *NO_VIDEO), None, ("video", "side")),
    Call("POST", f"{WATCH}/view", visitors.LinkViewHandler, "Open a view by a link",
         {200: "View"}, (errors.LinkOver, errors.LinkNotReady, *VIEWING), "WhichVideo"),
    Call("POST", f"{WATCH}/view/key", visitors.LinkKeyHandler, "That view's key, wrapped",
         {200: "Key"}, (errors.LinkOver, *NO_VIDEO, *KEY), "KeyQuestion"),
    Call("GET", f"{WATCH}/video", visitors.LinkVideoHandler, "That view's encrypted stream",
         {200: CIPHERTEXT, 206: CIPHERTEXT}, (errors.LinkOver, errors.LinkNotReady, *STREAM), None,
         ("Range", "X-Leyline-Ticket")),
    Call("GET", f"{WATCH}/events", visitors.LinkSocketHandler, "The WebSocket of a viewing link's page",
         {101: None}, (errors.LinkOver,)),
    Call("GET", "/api/about", about.AboutHandler, "What is taken, kept and told, by the settings in force",
         {200: "About"}),
    Call("GET", "/api/model", model.ModelHandler, "The model, and what may be chosen for each picture",
         {200: "Model", 304: None}),
    Call("GET", "/api/queue", line.QueueHandler, "The line's public numbers", {200: "Queue"}),
    Call("POST", "/api/queue/pause", line.PauseHandler, "Pause the line", {200: "Queue"}, (*OPERATOR, *WRITING)),
    Call("POST", "/api/queue/resume", line.ResumeHandler, "Resume the line", {200: "Queue"}, (*OPERATOR, *WRITING)),
    Call("GET", "/api/workers", workers.WorkersHandler, "Each model process", {200: "Workers"}),
    Call("POST", "/api/workers/{name}/drain", workers.DrainHandler,
         "Have a model process finish what it has, and go", {200: "Worker"}, (*OPERATOR, *WRITING)),
    Call("DELETE", "/api/workers/{name}", workers.WorkerHandler, "Let a model process go now",
         {204: None}, (*OPERATOR, *WRITING)),
    Call("GET", "/api/webhooks", webhooks.WebhooksHandler, "What receivers were told, and what of that they took",
         {200: "WebhookMessages"}, OPERATOR, None, ("before_number", "limit", "of_task")),
    Call("GET", "/api/push/subscriptions", push.SubscriptionsHandler,
         "The session's browsers that are told, and the key to subscribe with",
         {200: "Subscriptions"}, PUSH, None, (), "list_subscriptions"),
    Call("POST", "/api/push/subscriptions", push.SubscriptionsHandler, "Tell this browser what becomes of pictures",
         {201: "Subscription", 200: "Subscription"}, (*PUSH, errors.BadSubscription, errors.PushLimit, *WRITING),
         "NewSubscription", (), "subscribe"),
    Call("DELETE", "/api/push/subscriptions/{push_id}", push.SubscriptionHandler, "Tell that browser nothing more",
         {204: None}, (*PUSH, *WRITING), None, (), "unsubscribe"),
    Call("POST", "/api/session", page.SessionHandler, "Admit this browser's session",
         {204: None}, (errors.ClientLimit,), "Token"),
    Call("POST", "/api/login", logins.AskHandler, "Ask for a session's leave to act for it",
         {200: "LoginCodes"}, (errors.LoginsFull, errors.ClientLimit, *WRITING), "NewLogin", (), "ask_login"),
    Call("DELETE", "/api/login", logins.AskHandler, "Take leave: the token that is borne ends",
         {204: None}, WRITING, None, (), "log_out"),
    Call("POST", "/api/login/token", logins.TokenHandler, "The token, once the code was typed",
         {200: "LoginToken"},
         (errors.AuthorizationPending, errors.SlowDown, errors.AccessDenied, errors.ExpiredToken),
         "DeviceCode", (), "take_token"),
    Call("POST", "/api/logins/look", logins.LookHandler, "What asks under a code",
         {200: "LoginAsking"}, CODE, "UserCode", (), "look_at_login"),
    Call("POST", "/api/logins/refuse", logins.RefuseHandler, "Tell what asks under a code no",
         {204: None}, (*CODE, *WRITING), "UserCode", (), "refuse_login"),
    Call("POST", "/api/logins", logins.ConnectedHandler, "Connect what asks under a code to this session",
         {201: "Login"}, (*CODE, errors.TooManyLogins, *WRITING), "UserCode", (), "connect"),
    Call("GET", "/api/logins", logins.ConnectedHandler, "The commands that are connected to this session",
         {200: "Logins"}, (errors.NoSession,), None, (), "list_logins"),
    Call("DELETE", "/api/logins/{login_id}", logins.LoginHandler, "Disconnect one of them",
         {204: None}, (errors.NoSession, *WRITING), None, (), "disconnect"),
    Call("POST", "/api/admin/session", admin.SignInHandler, "Sign the operator's browser in",
         {204: None}, (*OPERATOR, errors.ClientLimit), "Token"),
    Call("DELETE", "/api/admin/session", admin.SignInHandler, "Sign the operator's browser out", {204: None},
         named="sign_out"),
    Call("GET", "/api/admin/state", admin.StateHandler, "All that the operator's page shows",
         {200: "Overview"}, OPERATOR, named="overview"),
    Call("GET", "/api/admin/events", admin.AdminSocketHandler, "The WebSocket of the operator's page",
         {101: None}, (*OPERATOR, errors.ClientLimit)),
    Call("POST", "/api/admin/queue/pause", line.PauseHandler, "Pause the line",
         {200: "Queue"}, (*OPERATOR, *WRITING), named="admin_pause"),
    Call("POST", "/api/admin/queue/resume", line.ResumeHandler, "Resume the line",
         {200: "Queue"}, (*OPERATOR, *WRITING), named="admin_resume"),
    Call("POST", "/api/admin/tasks/{task_id}/cancel", admin.AdminCancelHandler, "Cancel anybody's task",
         {204: None}, (*OPERATOR, errors.TaskFinished, *WRITING)),
    Call("POST", "/api/admin/tasks/{task_id}/move", admin.AdminMoveHandler, "Move anybody's waiting task",
         {204: None}, (*OPERATOR, errors.LineMoved, errors.InTurn, errors.TaskNotWaiting, *WRITING), "Move"),
    Call("POST", "/api/admin/workers/{name}/drain", workers.DrainHandler,
         "Have a model process finish what it has, and go", {200: "Worker"}, (*OPERATOR, *WRITING),
         named="admin_drain"),
    Call("DELETE", "/api/admin/workers/{name}", workers.WorkerHandler, "Let a model process go now",
         {204: None}, (*OPERATOR, *WRITING), named="admin_worker"),
    Call("GET", "/healthz", health.HealthHandler, "The process lives", {200: "Health"}),
    Call("GET", "/readyz", health.ReadyHandler, "The model is loaded", {200: "Readiness", 503: "Readiness"}),
    Call("GET", "/metrics", metrics.MetricsHandler, "The server's numbers, for Prometheus", {200: TEXT}),
    Call("GET", "/api/openapi.json", OpenApiHandler, "This description", {200: JSON}),
)  # fmt: skip
PAGES = (  # for people: programs are told nothing of them
    Call("GET", "/", page.PageHandler, "The page", {200: HTML}),
    Call("GET", "/api/docs", DocsHandler, "The API, for people to read", {200: HTML}),
    Call("GET", "/about", about.AboutPageHandler, "What becomes of pictures, for people to read", {200: HTML}),
    Call("GET", "/admin", admin.AdminPageHandler, "The operator's page", {200: HTML}),
    Call("GET", "/manifest.webmanifest", phone.ManifestHandler, "What a browser installs", {200: None}),
    Call("GET", "/sw.js", phone.WorkerHandler, "What works for the page while it is closed", {200: None}),
    Call("POST", "/share", phone.ShareHandler, "Where a phone's share sheet leads", {303: None}),
    Call("GET", "/static/{file}", page.StaticHandler, "Its modules, styles and pictures", {200: None}),
    Call("GET", "/watch/{token}", visitors.LinkPageHandler, "The page of a viewing link", {200: HTML}),
)


def routes(parts: Parts) -> list[tuple[Any, ...]]:
    """(pattern, handler, its arguments) for each address."""
    asked_most_first = sorted((*PAGES, *CALLS), key=lambda call: call.handler is not tasks.StatusHandler)
    handlers = {call.route: call.handler for call in asked_most_first}  # Tornado tries one after the other
    return [(route, handler, {"parts": parts}) for route, handler in handlers.items()]
