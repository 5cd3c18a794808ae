"""The shapes of what goes over HTTP, as JSON Schema: for the API's description, not for checking anything.

What a limit is, is said where it is checked, and only told here.
"""

from enum import StrEnum
from typing import Any

from leyline import errors
from leyline.line import failures
from leyline.line.own_moves import To
from leyline.line.standings import Basis, EtaReason
from leyline.line.tasks import TaskStatus
from leyline.line.videos import MOST_LETTERS, Order
from leyline.origins import MAX_URL
from leyline.parameters.values import MAX_PARAMETERS_BYTES
from leyline.processes.states import ChildState
from leyline.settings import FAIR, FIRST_COME
from leyline.watching.links import MAX_VIDEOS, Poster
from leyline.webhooks.messages import EVENTS, PUSHES
from leyline.webhooks.messages import State as WebhookState
from leyline.webhooks.outbox import MOST_TRIES_KEPT
from web.links import LONGEST_SECONDS, MAX_LABEL, MAX_MESSAGE, MOST_VIEWS, SHORTEST_SECONDS
from web.logins import MAX_NAME
from web.push import MAX_LANGUAGE, MAX_WORDS
from web.representation import MAX_BATCH_ID_LENGTH
from web.tasks import MAX_PAGE, MOST_AMONG
from web.uploads import MAX_CLIENT_ID_LENGTH, MAX_KEY_LENGTH
from web.webhooks import MOST

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
BINARY: Schema = {"type": "string", "format": "binary"}
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


def _codes(base: type[errors.LeylineError]) -> list[str]:
    """Of all errors of a kind."""
    return sorted(code for child in base.__subclasses__() for code in (child.code, *_codes(child)))


def _enum(values: type[StrEnum]) -> Schema:
    return {"type": "string", "enum": [each.value for each in values]}


# Each has a name of its own, by which generated clients know it everywhere.
ENUMS: dict[str, Schema] = {
    "TaskStatus": _enum(TaskStatus),
    "EtaBasis": _enum(Basis),
    "EtaReason": _enum(EtaReason),
    "ModelState": _enum(ChildState),
    "VideoOrder": _enum(Order),
    "FailureCode": {"type": "string", "enum": _codes(failures.Failure)},
    "ProblemCode": {"type": "string", "enum": _codes(errors.Refusal)},
    "WebhookState": _enum(WebhookState),
    "WebhookType": {"type": "string", "enum": sorted({*EVENTS.values(), *PUSHES.values()})},
    "Poster": {**_enum(Poster), "description": "What is seen of a video before it plays."},
    "LinkState": {"type": "string", "enum": ["open", "revoked", "expired", "spent"]},
}

TASK = _object(
    task_id=TASK_ID,
    client_id=_nullable(TEXT),
    batch_id=_nullable(TEXT),
    status=reference("TaskStatus"),
    version=WHOLE,
    stage=_nullable(TEXT),
    progress=_nullable(NUMBER),
    preview=_nullable(_object(url=TEXT, revision=WHOLE)),
    watchable=_nullable(_object(segments=WHOLE, seconds=NUMBER)),
    attempt=WHOLE,
    max_attempts=WHOLE,
    cancel_requested=TRUTH,
    queue=_nullable(_object(position=WHOLE, size=WHOLE)),
    eta=_nullable(_object(ready_at=TIME, basis=reference("EtaBasis"))),
    eta_reason=_nullable(reference("EtaReason")),
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
    error=_nullable(_object(code=reference("FailureCode"), title=TEXT, detail=TEXT, retryable=TRUTH)),
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
    "hello": {**reference("Hello"), "description": "Where the list is followed: what the socket says first."},
}

PROCESSES = _object(**{state.value: WHOLE for state in ChildState})
PROCESSES["description"] = "How many model processes are in each state."

QUEUE = _object(
    waiting=WHOLE,
    running=WHOLE,
    paused=TRUTH,
    order={"type": "string", "enum": [FIRST_COME, FAIR]},
    position=WHOLE,
    run_seconds=NUMBER,
    drain_seconds=NUMBER,
    ready_at=_nullable(TIME),
    eta_reason=TASK["properties"]["eta_reason"],
    model=reference("ModelProcess"),
    installation=TASK_ID,
)
STANDING = _object(task_id=TASK_ID, **{name: TASK["properties"][name] for name in ("queue", "eta", "eta_reason")})
QUEUE["properties"]["tasks"] = {
    **_list(reference("Standing")),
    "description": "Of everybody, first to last: for the operator.",
}

HELLO = _object(
    protocol=WHOLE,
    server_time=TIME,
    session=TRUTH,
    model=_object(
        state=reference("ModelState"), detail=TEXT, processes=PROCESSES, name=TEXT, schema=_nullable(TEXT)
    ),
    queue=_object(
        **{name: QUEUE["properties"][name] for name in QUEUE["required"] if name not in ("model", "installation")}
    ),
    limits=_object(
        max_upload_bytes=WHOLE,
        max_pixels=WHOLE,
        formats=_list(TEXT),
        uploads_at_once=WHOLE,
        keep_days=NUMBER,
        keep_gb=NUMBER,
    ),
)

MODEL = _object(
    name=TEXT,
    state=reference("ModelState"),
    detail=TEXT,
    processes=PROCESSES,
    about=TEXT,
    schema=_nullable(
        {"type": "object", "description": "A JSON Schema of one task's parameters.", "additionalProperties": True}
    ),
)

COUNT, SPAN = _nullable(WHOLE), _nullable(NUMBER)
ABOUT = _object(
    needs_token=TRUTH,
    sending=_object(
        formats=_list(TEXT), max_upload_bytes=COUNT, max_pixels=COUNT, uploads_per_minute=COUNT, longest_side=WHOLE
    ),
    line=_object(
        order=QUEUE["properties"]["order"],
        max_waiting=COUNT,
        max_waiting_per_client=COUNT,
        limits_networks=TRUTH,
        max_attempts=WHOLE,
        undo_seconds=WHOLE,
    ),
    making=_object(on_other_machines=TRUTH),
    keeping=_object(
        files_seconds=SPAN, row_seconds=SPAN, all_bytes=SPAN, pinned_bytes_of_network=SPAN, trash_seconds=WHOLE
    ),
    watching=_object(by_page=TRUTH, same_view_seconds=WHOLE, link_seconds=WHOLE, longest_link_seconds=WHOLE),
    telling=_object(operators_receiver=TRUTH, own_receivers=TRUTH, push=TRUTH),
    model=_nullable(_object(name=TEXT, about=TEXT)),
)

WORKER = _object(
    name=TEXT,
    machine=TEXT,
    state=reference("ModelState"),
    detail=TEXT,
    task_id=_nullable(TASK_ID),
    since=TIME,
    draining=TRUTH,
    runs=WHOLE,
    failures=WHOLE,
    restarts=WHOLE,
)

NAMED = {"task_id": TASK_ID, "name": TEXT, "whose": TEXT, "bytes": WHOLE}  # a task as the operator's page names it
OVERVIEW = _object(
    server=_object(version=TEXT, python=TEXT, started_at=TIME),
    line=_object(
        waiting=WHOLE,
        running=WHOLE,
        paused=TRUTH,
        run_seconds=NUMBER,
        ready_at=_nullable(TIME),
        eta_reason=_nullable(TEXT),
        limit=WHOLE,
        tasks=_list(
            _object(**NAMED, created_at=TIME, queue=TASK["properties"]["queue"], eta=TASK["properties"]["eta"])
        ),
    ),
    models=_list(reference("Worker")),
    failures=_list(
        _object(
            **NAMED,
            finished_at=TIME,
            error=TASK["properties"]["error"],
            runs=_list(_object(run=WHOLE, lines=_list(TEXT))),
        )
    ),
    history=_list(
        _object(
            task_id=TASK_ID,
            status=reference("TaskStatus"),
            finished_at=TIME,
            waited=_nullable(NUMBER),
            worked=_nullable(NUMBER),
        )
    ),
    disk=_object(
        free=NUMBER,
        reserve=NUMBER,
        kept=_nullable(NUMBER),
        limit=NUMBER,
        has_room=TRUTH,
        next=_list(_object(**NAMED, why={"type": "string", "enum": ["trash", "age"]}, at=_nullable(TIME))),
        for_room=_nullable(_object(**NAMED)),
    ),
    people=_object(
        sockets=WHOLE,
        views_lately=WHOLE,
        views=WHOLE,
        uploads=WHOLE,
        refusals={"type": "object", "additionalProperties": WHOLE},
    ),
    settings=_list(_object(name=TEXT, value={"anyOf": [TEXT, NUMBER]}, is_default=TRUTH)),
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
    state=reference("LinkState"),
    videos=WHOLE,
    label=_nullable(TEXT),
    burn_label=TRUTH,
    message=_nullable(TEXT),
    poster=reference("Poster"),
    created_at=TIME,
    expires_at=TIME,
    max_views=_nullable(WHOLE),
    views=WHOLE,
)
LINK["properties"]["url"] = {"type": "string", "description": "Told once, when the link is made."}

NEW_LINK: Schema = {
    **_optional(
        label=_nullable(_text(MAX_LABEL)),
        burn_label=TRUTH,
        message=_nullable(_text(MAX_MESSAGE)),
        poster=_nullable(reference("Poster")),
        seconds=_nullable(_whole(SHORTEST_SECONDS, LONGEST_SECONDS)),
        max_views=_nullable(_whole(1, MOST_VIEWS)),
    ),
    "if": {"properties": {"burn_label": {"const": True}}, "required": ["burn_label"]},
    "then": {"properties": {"label": _text(MAX_LABEL, shortest=1)}, "required": ["label"]},
}

EITHER: Schema = {"oneOf": [{"required": ["task_ids"]}, {"required": ["batch_id"]}]}

LOGIN = _object(
    login_id={"type": "string", "pattern": "^[0-9a-f]{16}$"},
    name=TEXT,
    address=TEXT,
    connected_at=TIME,
    used_at=_nullable(TIME),
)

PROBLEM = _object(
    type=TEXT,
    title=TEXT,
    status=WHOLE,
    detail=TEXT,
    code=reference("ProblemCode"),
    retryable=TRUTH,
)
PROBLEM["properties"] |= {
    "limit": {**WHOLE, "description": "Bytes or pixels: the most that is taken, where that is the reason."},
    "actual": {**WHOLE, "description": "How many there were, as far as they were counted."},
    "errors": {
        **_list(_object(pointer={**TEXT, "format": "json-pointer"}, detail=TEXT)),
        "description": "What is wrong with which of the parameters, where they are the reason.",
    },
}

TRY = _object(at=TIME, status=_nullable(WHOLE), error=TEXT, seconds=NUMBER)
WEBHOOK_MESSAGE = _object(
    message_id=TEXT,
    task_id=TASK_ID,
    type=reference("WebhookType"),
    url=TEXT,
    state=reference("WebhookState"),
    tries={**_list(TRY), "description": f"The last {MOST_TRIES_KEPT} of them, oldest first."},
    created_at=TIME,
    due_at=_nullable(TIME),
    ended_at=_nullable(TIME),
)

SCHEMAS: dict[str, Schema] = {
    **ENUMS,
    "Task": TASK,
    "Tasks": TASKS,
    "Output": OUTPUT,
    "Queue": QUEUE,
    "Standing": STANDING,
    "Model": MODEL,
    "About": ABOUT,
    "Overview": OVERVIEW,
    "Worker": WORKER,
    "Workers": _object(workers=_list(reference("Worker"))),
    "ModelProcess": _object(state=reference("ModelState"), detail=TEXT, processes=PROCESSES),
    "Hello": HELLO,
    "Health": _object(status={"type": "string", "enum": ["ok"]}),
    "Readiness": _object(
        status={"type": "string", "enum": ["ready", "not ready"]}, model=reference("ModelProcess")
    ),
    "View": VIEW,
    "Key": KEY,
    "ViewQuestion": _optional(ticket=_nullable(TEXT)),
    "KeyQuestion": _object(
        ticket=TEXT,
        public={
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
            "description": "The public half of an X25519 pair, in base64url.",
        },
    ),
    "Link": LINK,
    "WebhookMessages": _object(messages=_list(reference("WebhookMessage")), next=_nullable(WHOLE)),
    "WebhookMessage": WEBHOOK_MESSAGE,
    "Links": _object(links=_list(reference("Link"))),
    "NewLink": NEW_LINK,
    "NewLinkToSeveral": {
        **NEW_LINK,
        "properties": {
            **NEW_LINK["properties"],
            "task_ids": {
                **_list(TASK_ID),
                "minItems": 1,
                "maxItems": MAX_VIDEOS,
                "description": "Whose videos it shows, in this order.",
            },
            "batch_id": {
                **_text(MAX_BATCH_ID_LENGTH, shortest=1),
                "description": "Instead of `task_ids`: those of the caller's that were sent with this word by now.",
            },
        },
        "minProperties": 1,
        # Not beside the properties: programs that make clients would take it for alternatives of the whole.
        "then": {**NEW_LINK["then"], **EITHER},
        "else": EITHER,
    },
    "Shown": _object(
        message=_nullable(TEXT),
        poster=reference("Poster"),
        videos=_list(_object(number=WHOLE, width=WHOLE, height=WHOLE, seconds=NUMBER, sound=TRUTH)),
        coming=WHOLE,
    ),
    "WhichVideo": _optional(video={**_nullable(WHOLE), "description": "Its number; the first without it."}),
    "NewLogin": _optional(name={**_nullable(_text(MAX_NAME)), "description": "What the page calls the command."}),
    "LoginCodes": _object(device_code=TEXT, user_code=TEXT, interval=WHOLE, expires_in=WHOLE),
    "DeviceCode": _object(device_code=TEXT),
    "LoginToken": _object(token=TEXT, login_id=LOGIN["properties"]["login_id"], session=TASK_ID),
    "UserCode": _object(user_code=TEXT),
    "LoginAsking": _object(name=TEXT, address=TEXT, asked_at=TIME, expires_at=TIME),
    "Login": LOGIN,
    "Logins": _object(logins=_list(reference("Login"))),
    "Subscriptions": _object(key=TEXT, subscriptions=_list(reference("Subscription"))),
    "Subscription": _object(push_id=TASK_ID, service=TEXT, language=TEXT, created_at=TIME, renewed_at=TIME),
    "NewSubscription": _object(
        endpoint={**_text(MAX_URL, shortest=1), "pattern": "^https?://[!-~]+$"},
        keys=_object(p256dh=_text(MAX_WORDS, shortest=1), auth=_text(MAX_WORDS, shortest=1)),
        words=_object(
            language=_text(MAX_LANGUAGE, shortest=1),
            succeeded={**_text(MAX_WORDS, shortest=1), "pattern": r"\{name\}"},
            failed={**_text(MAX_WORDS, shortest=1), "pattern": r"\{name\}"},
            unnamed=_text(MAX_WORDS, shortest=1),
        ),
    ),
    "Token": _object(token=TEXT),
    "Move": _object(before=_nullable(TASK_ID)),
    "OwnMove": {
        **_object(to={"type": "string", "enum": list(To)}),
        "properties": {
            "to": {"type": "string", "enum": list(To)},
            "among": {
                **_list(TASK_ID),
                "maxItems": MOST_AMONG,
                "description": "Of a task that was sent without a session: the others among whose places it moves.",
            },
        },
    },
    "Upload": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {**BINARY, "description": "The picture's file."},
            "client_id": {**_text(MAX_CLIENT_ID_LENGTH), "description": "Your own word for it, which comes back."},
            "batch_id": {
                **_text(MAX_BATCH_ID_LENGTH),
                "description": "Your own word for all that is sent together, which comes back.",
            },
            "webhook_url": {
                **_text(MAX_URL, shortest=1),
                "pattern": "^https?://[!-~]+$",
                "description": "Who is told of each change of its status: an address of a host that the operator "
                "allows. See docs/webhooks.md.",
            },
            "parameters": {
                **reference("Parameters"),
                "description": "What is chosen, by the schema of the model; all else takes its default. At most "
                f"{MAX_PARAMETERS_BYTES:,} bytes.",
            },
        },
    },
    "Again": _optional(
        parameters={
            **_nullable(reference("Parameters")),
            "description": "What is chosen anew; without it, what was chosen before.",
        }
    ),
    "Problem": PROBLEM,
}


def _parameter(name: str, where: str, description: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": where, "description": description, "schema": schema}


PARAMETERS: dict[str, Schema] = {
    "before": _parameter(
        "before",
        "query",
        "Only tasks older than this one: `next` of the last answer. Empty: from the newest on.",
        {"type": "string", "pattern": "^([0-9a-f]{32})?$"},
    ),
    "before_video": _parameter(
        "before",
        "query",
        "Only what comes after this one: `next` of the last answer. Empty: from the first on.",
        {"type": "string", "pattern": "^([0-9a-f]{32})?$"},
    ),
    "search": _parameter(
        "search",
        "query",
        "Words that the picture's name or its prompt must all have, in parts or whole.",
        _text(MOST_LETTERS),
    ),
    "sort": _parameter("sort", "query", "By what: `length` begins with the longest.", reference("VideoOrder")),
    "before_number": _parameter("before", "query", "Only older ones: `next` of the last answer.", _whole(1, MOST)),
    "of_task": _parameter("task_id", "query", "Only those of this task.", TASK_ID),
    "batch_id": _parameter(
        "batch_id", "query", "Only tasks that were sent with this word.", _text(MAX_BATCH_ID_LENGTH)
    ),
    "eighth": _parameter("n", "query", "Which: the one at this eighth of the video.", _whole(0, 7)),
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
    "If-None-Match": _parameter(
        "If-None-Match", "header", "The ETag of what is had already: 304 while that is so."
    ),
    "Prefer": _parameter("Prefer", "header", "`wait=25`: answer at the next change, or after so many seconds."),
    "video": _parameter("video", "query", "Which of the link's videos; the first without it.", _whole(0, 999_999)),
    "side": _parameter("side", "query", "Its longer side in pixels.", {"type": "string", "enum": ["320", "1280"]}),
    "Range": _parameter("Range", "header", "One range of bytes."),
    "X-Leyline-Ticket": _parameter("X-Leyline-Ticket", "header", "The ticket of the view."),
}

SOCKET_HEADERS: list[Schema] = [
    {**_parameter(name, "header", "As RFC 6455 has it.", {"type": "string", **value}), "required": True}
    for name, value in (
        ("Upgrade", {"enum": ["websocket"]}),
        ("Connection", {"enum": ["Upgrade"]}),
        ("Sec-WebSocket-Version", {"enum": ["13"]}),
        ("Sec-WebSocket-Key", {"pattern": "^[A-Za-z0-9+/]{21}[AQgw]==$"}),
    )
]


def _header(description: str, schema: Schema = TEXT) -> Schema:
    return {"description": description, "schema": schema}


RESPONSE_HEADERS: dict[str, Schema] = {
    "Location": {**_header("Where its status is.", {**TEXT, "format": "uri-reference"}), "required": True},
    "ETag": _header("Of what was answered, for `If-None-Match`."),
    "Preference-Applied": _header("Where the answer waited."),
    "Retry-After": _header("In so many seconds.", _whole(1, 86_400)),
    "WWW-Authenticate": _header("Which kind of token."),
    "Content-Range": _header("Which bytes of how many; `*` while nobody knows how many."),
    "Accept-Ranges": _header("`bytes`."),
}
