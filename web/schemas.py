"""The shapes of what goes over HTTP, as JSON Schema: for the API's description, not for checking anything.

What a limit is, is said where it is checked, and only told here.
"""

from typing import Any

from leyline.line.standings import Basis, EtaReason
from leyline.line.tasks import TaskStatus
from leyline.parameters.values import MAX_PARAMETERS_BYTES
from web.links import LONGEST_SECONDS, MAX_LABEL, MOST_VIEWS, SHORTEST_SECONDS
from web.tasks import MAX_PAGE
from web.uploads import MAX_CLIENT_ID_LENGTH, MAX_KEY_LENGTH

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
TASK_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}


def reference(name: str) -> Schema:
    """What stands for the schema of that name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(longest: int, shortest: int = 0) -> Schema:
    return {**TEXT, "minLength": shortest, "maxLength": longest}


def _whole(least: int, most: int) -> Schema:
    return {**WHOLE, "minimum": least, "maximum": most}


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _optional(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields}


TASK = _object(
    task_id=TASK_ID,
    client_id=_nullable(TEXT),
    status={"type": "string", "enum": [status.value for status in TaskStatus]},
    version=WHOLE,
    stage=_nullable(TEXT),
    progress=_nullable(NUMBER),
    preview=_nullable(_object(url=TEXT, revision=WHOLE)),
    watchable=_nullable(_object(segments=WHOLE, seconds=NUMBER)),
    attempt=WHOLE,
    max_attempts=WHOLE,
    cancel_requested=TRUTH,
    queue=_nullable(_object(position=WHOLE, size=WHOLE)),
    eta=_nullable(_object(ready_at=TIME, basis={"type": "string", "enum": [basis.value for basis in Basis]})),
    eta_reason=_nullable({"type": "string", "enum": [reason.value for reason in EtaReason]}),
    image=_object(name=TEXT, width=WHOLE, height=WHOLE, bytes=WHOLE, thumbnail_url=_nullable(TEXT)),
    parameters=_nullable(
        {
            "type": "object",
            "description": "As the model's schema has them, complete.",
            "additionalProperties": {"type": ["string", "number", "boolean"]},
        }
    ),
    video_url=_nullable(TEXT),
    video=_nullable(_object(width=WHOLE, height=WHOLE, seconds=NUMBER, bytes=WHOLE, sound=TRUTH)),
    views=WHOLE,
    retry_of=_nullable(TASK_ID),
    error=_nullable(_object(code=TEXT, title=TEXT, detail=TEXT, retryable=TRUTH)),
    created_at=TIME,
    started_at=_nullable(TIME),
    finished_at=_nullable(TIME),
    expires_at=_nullable(TIME),
    trashed_at=_nullable(TIME),
    pinned=TRUTH,
)

OUTPUT = _object(task_id=TASK_ID, runs=_list(_object(run=WHOLE, ended_at=_nullable(TIME), lines=_list(TEXT))))

TASKS = _object(tasks=_list(reference("Task")), next=_nullable(TASK_ID))
TASKS["properties"] |= {
    "version": {**TEXT, "description": "Where the list is followed: what the next question names as `since`."},
    "hello": {"type": "object", "description": "Where the list is followed: what the socket says first."},
}

QUEUE = _object(
    waiting=WHOLE,
    running=WHOLE,
    paused=TRUTH,
    run_seconds=NUMBER,
    drain_seconds=NUMBER,
    ready_at=_nullable(TIME),
    eta_reason=TASK["properties"]["eta_reason"],
    model=_object(state=TEXT, detail=TEXT),
)
STANDING = _object(task_id=TASK_ID, **{name: TASK["properties"][name] for name in ("queue", "eta", "eta_reason")})
QUEUE["properties"]["tasks"] = {**_list(STANDING), "description": "Of everybody, first to last: for the operator."}

MODEL = _object(
    name=TEXT,
    state=TEXT,
    detail=TEXT,
    about=TEXT,
    schema=_nullable({"type": "object", "description": "A JSON Schema of one task's parameters."}),
)

VIEW = _object(
    ticket=TEXT,
    kid=TEXT,
    codec=TEXT,
    size=WHOLE,
    seconds=NUMBER,
    segments=_list(_list(NUMBER)),
    complete=TRUTH,
    without_eme=TRUTH,
    expires_at=TIME,
)
VIEW["properties"]["label"] = {**_nullable(TEXT), "description": "Of the viewing link by which it was opened."}

KEY = _object(kid=TEXT, public=TEXT, wrapped=TEXT)

LINK = _object(
    link_id={"type": "string", "pattern": "^[0-9a-f]{16}$"},
    state=TEXT,
    label=_nullable(TEXT),
    burn_label=TRUTH,
    created_at=TIME,
    expires_at=TIME,
    max_views=_nullable(WHOLE),
    views=WHOLE,
)
LINK["properties"]["url"] = {"type": "string", "description": "Told once, when the link is made."}

PROBLEM = _object(type=TEXT, title=TEXT, status=WHOLE, detail=TEXT, code=TEXT, retryable=TRUTH)
PROBLEM["properties"] |= {
    "limit": {**WHOLE, "description": "Bytes or pixels: the most that is taken, where that is the reason."},
    "actual": {**WHOLE, "description": "How many there were, as far as they were counted."},
    "errors": {
        **_list(_object(pointer={**TEXT, "format": "json-pointer"}, detail=TEXT)),
        "description": "What is wrong with which of the parameters, where they are the reason.",
    },
}

SCHEMAS: dict[str, Schema] = {
    "Task": TASK,
    "Tasks": TASKS,
    "Output": OUTPUT,
    "Queue": QUEUE,
    "Model": MODEL,
    "View": VIEW,
    "Key": KEY,
    "ViewQuestion": _optional(ticket=TEXT),
    "KeyQuestion": _object(ticket=TEXT, public=TEXT),
    "Link": LINK,
    "Links": _object(links=_list(reference("Link"))),
    "NewLink": _optional(
        label=_nullable(_text(MAX_LABEL)),
        burn_label=TRUTH,
        seconds=_nullable(_whole(SHORTEST_SECONDS, LONGEST_SECONDS)),
        max_views=_nullable(_whole(1, MOST_VIEWS)),
    ),
    "Token": _object(token=TEXT),
    "Move": _object(before=_nullable(TASK_ID)),
    "Upload": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "client_id": _text(MAX_CLIENT_ID_LENGTH),
            "parameters": {
                **_text(MAX_PARAMETERS_BYTES),
                "contentMediaType": "application/json",
                "description": "What is chosen, by the schema of the model; all else takes its default.",
            },
        },
    },
    "Again": _optional(
        parameters=_nullable(
            {"type": "object", "description": "What is chosen anew; without it, what was chosen before."}
        )
    ),
    "Problem": PROBLEM,
}


def _parameter(name: str, where: str, description: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": where, "description": description, "schema": schema}


PARAMETERS: dict[str, Schema] = {
    "before": _parameter("before", "query", "Only tasks older than this one: `next` of the last answer.", TASK_ID),
    "limit": _parameter("limit", "query", "How many at most.", _whole(1, MAX_PAGE)),
    "since": _parameter(
        "since", "query", "Follow the list: all live tasks and the newest others, once `version` is another one."
    ),
    "Idempotency-Key": _parameter(
        "Idempotency-Key",
        "header",
        "Sent again with the same key, the same picture with the same parameters is one task.",
        _text(MAX_KEY_LENGTH, shortest=1),
    ),
    "Prefer": _parameter("Prefer", "header", "`wait=25`: answer at the next change, or after so many seconds."),
    "Range": _parameter("Range", "header", "One range of bytes."),
    "X-Leyline-Ticket": _parameter("X-Leyline-Ticket", "header", "The ticket of the view."),
}
