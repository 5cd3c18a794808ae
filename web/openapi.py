"""The API's description for programs, as OpenAPI 3.1, made from the table of calls. For people: docs/api.md.

Danger: programs are generated from it, and tests hold it to the server: each status that a call may answer with
stands here, and what stands here may be asked.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from leyline.errors import Refusal
from leyline.formats import MEDIA_TYPES
from web.call import JSON, PATTERNS, TEXT, Call
from web.schemas import BINARY, PARAMETERS, RESPONSE_HEADERS, SCHEMAS, SOCKET_HEADERS, Schema, reference

PARAMETERS_OF_MODEL = "Parameters"
SAME_VIEW = {"X-Leyline-Ticket": "$response.body#/ticket"}
OF_MEDIA: dict[str, Schema] = {TEXT: {"type": "string"}, JSON: {"type": "object"}}
TYPABLE = r"[^\x00-\x1f\x7f-\x9f]"
# Which headers come with an answer of this status, and where only some have it, with this content.
HEADERS: dict[int, tuple[str, ...]] = {
    206: ("Content-Range", "Accept-Ranges"),
    304: ("ETag",),
    401: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
    507: ("Retry-After",),
}
ABOUT = (
    "Pictures in, videos out, one at a time. Task ids are 32 lower-case hex digits; a task of somebody else's "
    "session is 404, like one that never was. What is refused is a problem (RFC 9457) whose `code` never changes; "
    "`x-codes` names those that each status may have."
)
SECURITY: dict[str, Schema] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token, where one is set; or a connected command's own.",
    },
    "operator": {"type": "http", "scheme": "bearer", "description": "The operator's token."},
}


def description(calls: Iterable[Call], prefix: str = "", chosen: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The whole document, for who sees this server below `prefix`.

    `chosen` is the model's schema of what may be chosen, where that is known.
    """
    calls = list(calls)
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, calls)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Leyline", "version": "1", "description": ABOUT},
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, PARAMETERS_OF_MODEL: _of_model(chosen)},
            "parameters": PARAMETERS,
            "headers": RESPONSE_HEADERS,
            "securitySchemes": SECURITY,
        },
        "security": [{}, {"bearer": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(_tag(call) for call in calls)],
    }


def _of_model(chosen: Mapping[str, Any] | None) -> Schema:
    """What may be chosen, in words that every program knows: of our own keywords, what others say as well."""
    if chosen is None:
        return {"type": "object", "description": "What may be chosen: known once the model has been loaded."}
    properties = {name: _property(each) for name, each in chosen["properties"].items()}
    return {**chosen, "title": PARAMETERS_OF_MODEL, "properties": properties}


def _property(each: Mapping[str, Any]) -> Schema:
    found = dict(each)
    if "maxLength" in each:  # a text of one's own
        found["pattern"] = f"^{TYPABLE}*$" if each["x-lines"] == 1 else rf"^({TYPABLE}|\r?\n)*$"
    if "x-step" in each:
        step = Fraction(str(each["x-step"]))
        if Fraction(str(each["minimum"])) % step == 0:  # else no other word says it
            found["multipleOf"] = each["x-step"]
    return found


def _operation(call: Call, calls: list[Call]) -> dict[str, Any]:
    parameters = [_in_path(name) for name in call.names]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in _named(call)]
    parameters += SOCKET_HEADERS if 101 in call.answers else []
    found: dict[str, Any] = {
        "operationId": call.operation,
        "summary": call.summary,
        "tags": [_tag(call)],
        "responses": _responses(call, calls),
    }
    if call.is_for_operator:
        found["security"] = [{"operator": []}]
    if parameters:
        found["parameters"] = parameters
    if call.body:
        found["requestBody"] = _body(call.body)
    return found


def _tag(call: Call) -> str:
    return call.handler.__module__.rpartition(".")[2]


def _named(call: Call) -> tuple[str, ...]:
    return (*call.parameters, "If-None-Match") if 304 in call.answers else call.parameters


def _body(name: str) -> dict[str, Any]:
    is_needed = any(SCHEMAS[name].get(word) for word in ("required", "minProperties"))
    if name == "Upload":
        parts = {"file": {"contentType": ", ".join(MEDIA_TYPES)}, "parameters": {"contentType": JSON}}
        content = {"multipart/form-data": {"schema": reference(name), "encoding": parts}}
        return {"required": is_needed, "content": content}
    return {"required": is_needed, "content": {JSON: {"schema": reference(name)}}}


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{PATTERNS[name]}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(call: Call, calls: list[Call]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, content in call.answers.items():
        responses[str(status)] = {
            "description": call.summary,
            **_content(content),
            **_headers(call, status),
            **_links(call, status, calls),
        }
    refusals: dict[int, list[type[Refusal]]] = {}
    for refusal in call.refused_by:
        refusals.setdefault(refusal.status, []).append(refusal)
    for status, found in sorted(refusals.items()):
        if status not in call.answers:  # `readyz` has words of its own
            responses[str(status)] = _refused(status, found)
    return responses


def _content(content: str | None) -> dict[str, Any]:
    if content is None:
        return {}
    if "/" in content:
        return {"content": {content: {"schema": OF_MEDIA.get(content, BINARY)}}}
    return {"content": {JSON: {"schema": reference(content)}}}


def _headers(call: Call, status: int) -> dict[str, Any]:
    names = list(HEADERS.get(status, ()))
    if status in (200, 202) and call.body in ("Upload", "Again"):
        names.append("Location")
    if status == 200 and 304 in call.answers:
        names.append("ETag")
    if status == 200 and "Prefer" in call.parameters:
        names.append("Preference-Applied")
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}


def _links(call: Call, status: int, calls: list[Call]) -> dict[str, Any]:
    """What can be asked next, of what this answer has made."""
    links: dict[str, Any] = {}
    if call.body in ("Upload", "Again") and status < 300:
        for other in calls:
            if other.names == ["task_id"]:
                links[other.operation] = _link(other, task_id="$response.body#/task_id")
    if call.body == "NewLink":
        (revoke,) = (other for other in calls if other.names == ["task_id", "link_id"])
        link_id = "$response.body#/link_id"
        links[revoke.operation] = _link(revoke, task_id="$request.path.task_id", link_id=link_id)
    if call.answers.get(status) == "Login":
        (disconnect,) = (other for other in calls if other.names == ["login_id"])
        links[disconnect.operation] = _link(disconnect, login_id="$response.body#/login_id")
    if call.body == "NewLinkToSeveral":
        (revoke,) = (other for other in calls if other.names == ["link_id"])
        links[revoke.operation] = _link(revoke, link_id="$response.body#/link_id")
    if call.answers.get(status) == "View":
        name = call.names[0]
        for other in calls:
            if other.names == call.names and "X-Leyline-Ticket" in other.parameters:
                links[other.operation] = _link(other, **{name: f"$request.path.{name}", **SAME_VIEW})
    return {"links": links} if links else {}


def _link(call: Call, **parameters: str) -> dict[str, Any]:
    return {"operationId": call.operation, "parameters": parameters}


def _refused(status: int, refusals: list[type[Refusal]]) -> dict[str, Any]:
    codes = [refusal.code for refusal in refusals]
    names = HEADERS.get(status, ())
    return {
        "description": f"Refused: {', '.join(codes)}",
        "content": {"application/problem+json": {"schema": reference("Problem")}},
        **({"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}} if names else {}),
        "x-codes": codes,
    }
