"""GET /api/openapi.json: the API's description for programs, as OpenAPI 3.1.

Written by hand, one row for each call, and held against the table of routes by a test. For people there
is docs/api.md.
"""

from dataclasses import dataclass
from typing import Any

from leyline import errors
from leyline.errors import Refusal
from web.base import Handler
from web.schemas import PARAMETERS, SCHEMAS, reference

PATTERNS = {"task_id": "[0-9a-f]{32}", "token": "[0-9a-f]{32}", "link_id": "[0-9a-f]{16}"}
JSON, JPEG, TEXT = "application/json", "image/jpeg", "text/plain"


@dataclass(frozen=True)
class Call:
    """One method of one address: what it is for, what it answers, and what else may refuse it."""

    method: str
    path: str
    summary: str
    answers: dict[int, str | None]  # status → the content: a schema's name, a media type, or nothing
    refusals: tuple[type[Refusal], ...] = ()
    body: str | None = None  # a schema's name or a media type
    parameters: tuple[str, ...] = ()  # of the query and of headers, by their names in PARAMETERS


INTAKE = (errors.LineFull, errors.ClientLimit, errors.Stopping, errors.DatabaseBusy, errors.DiskLow)
KEYED = (errors.KeyInFlight, errors.KeyReused)
PICTURE = (
    *(errors.EmptyFile, errors.TooLarge, errors.NotAPicture, errors.UnsupportedFormat),
    *(errors.DamagedPicture, errors.TooManyPixels),
)
GONE = (errors.Expired, errors.VideoMissing)
VIEWING = (errors.NotReady, *GONE, errors.NoSession, errors.ViewsBusy)
STREAM = (
    errors.NotReady,
    *GONE,
    errors.NoSession,
    errors.WatchOnly,
    errors.TicketRefused,
    errors.RangeNotSatisfiable,
)
TASK, WATCH = "/api/video/{task_id}", "/api/watch/{token}"
CIPHERTEXT = "application/octet-stream"

CALLS = (
    Call("POST", "/api/video/upload/", "Send a picture", {202: "Task", 200: "Task"}, (*PICTURE, *KEYED, *INTAKE),
         "Upload", ("Idempotency-Key",)),
    Call("GET", "/api/video/", "The caller's tasks, newest first", {200: "Tasks"}, (errors.NotFound,), None,
         ("before", "limit")),
    Call("DELETE", TASK, "Delete a task and its files", {204: None}, (errors.TaskRunning,)),
    Call("GET", f"{TASK}/status", "The task; on request at its next change", {200: "Task", 304: None}, (), None,
         ("Prefer",)),
    Call("POST", f"{TASK}/cancel", "Cancel a task", {200: "Task", 202: "Task"}, (errors.TaskFinished,)),
    Call("POST", f"{TASK}/retry", "A new task from the same picture", {202: "Task"},
         (errors.TaskNotFinished, errors.PictureMissing, *INTAKE)),
    Call("GET", f"{TASK}/thumbnail", "What the model sees, small", {200: JPEG}, (errors.PictureMissing, *GONE)),
    Call("GET", f"{TASK}/preview", "The newest frame while the model works", {200: JPEG}, (errors.NotReady,)),
    Call("POST", f"{TASK}/view", "Open a view", {200: "View"}, VIEWING),
    Call("GET", f"{TASK}/video", "The view's encrypted stream", {200: CIPHERTEXT, 206: CIPHERTEXT}, STREAM, None,
         ("Range", "X-Leyline-Ticket")),
    Call("POST", f"{TASK}/links", "Make a viewing link", {201: "Link"},
         (errors.TooManyLinks, errors.NotReady, *GONE), "NewLink"),
    Call("GET", f"{TASK}/links", "The video's viewing links", {200: "Links"}),
    Call("DELETE", TASK + "/links/{link_id}", "Revoke a viewing link", {204: None}),
    Call("POST", f"{WATCH}/view", "Open a view by a link", {200: "View"}, (errors.LinkOver, *VIEWING)),
    Call("GET", f"{WATCH}/video", "That view's encrypted stream", {200: CIPHERTEXT, 206: CIPHERTEXT},
         (errors.LinkOver, *STREAM), None, ("Range", "X-Leyline-Ticket")),
    Call("GET", f"{WATCH}/events", "The WebSocket of a viewing link's page", {101: None}, (errors.LinkOver,)),
    Call("GET", "/api/video/events", "The WebSocket: everything live", {101: None}),
    Call("GET", "/api/queue", "The line's public numbers", {200: "Queue"}),
    Call("POST", "/api/queue/pause", "Pause the line", {200: "Queue"}, (errors.OperatorOnly, errors.ClientLimit)),
    Call("POST", "/api/queue/resume", "Resume the line", {200: "Queue"}, (errors.OperatorOnly, errors.ClientLimit)),
    Call("POST", "/api/session", "Admit this browser's session", {204: None}, (errors.ClientLimit,), "Token"),
    Call("GET", "/healthz", "The process lives", {200: JSON}),
    Call("GET", "/readyz", "The model is loaded", {200: JSON, 503: JSON}),
    Call("GET", "/metrics", "The server's numbers, for Prometheus", {200: TEXT}),
    Call("GET", "/api/openapi.json", "This description", {200: JSON}),
)  # fmt: skip


class OpenApiHandler(Handler):
    """The description, the same for everybody."""

    needs_admission = False

    async def get(self) -> None:
        self.write_json(description())


def description() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leyline",
            "version": "1",
            "description": "Pictures in, videos out, one at a time. Task ids are 32 lower-case hex digits; "
            "a task of somebody else's session is 404, like one that never was.",
        },
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "parameters": PARAMETERS,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "Where an access token is set."}
            },
        },
        "security": [{}, {"bearer": []}],
    }


def _operation(call: Call) -> dict[str, Any]:
    in_path = [name for name in PATTERNS if f"{{{name}}}" in call.path]
    parameters = [_in_path(name) for name in in_path]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in call.parameters]
    found: dict[str, Any] = {"summary": call.summary, "responses": _responses(call, bool(in_path))}
    if parameters:
        found["parameters"] = parameters
    if call.body:
        media = "multipart/form-data" if call.body == "Upload" else JSON
        found["requestBody"] = {"required": True, "content": {media: {"schema": reference(call.body)}}}
    return found


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{PATTERNS[name]}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(call: Call, names_something: bool) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, content in call.answers.items():
        responses[str(status)] = {"description": call.summary, **_content(content)}
    codes: dict[int, list[str]] = {}
    for refusal in (*call.refusals, *((errors.NotFound,) if names_something else ())):
        codes.setdefault(refusal.status, []).append(refusal.code)
    for status, found in sorted(codes.items()):
        responses[str(status)] = _problems(f"Refused: {', '.join(found)}")
    return {**responses, "default": _problems("Any other refusal")}


def _content(content: str | None) -> dict[str, Any]:
    if content is None:
        return {}
    if "/" in content:
        return {"content": {content: {}}}
    return {"content": {JSON: {"schema": reference(content)}}}


def _problems(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    }
