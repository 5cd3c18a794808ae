"""The API's description for programs, as OpenAPI 3.1, made from the table of calls. For people: docs/api.md."""

from collections.abc import Iterable
from typing import Any

from web.call import JSON, PATTERNS, Call
from web.schemas import PARAMETERS, SCHEMAS, reference


def description(calls: Iterable[Call], prefix: str = "") -> dict[str, Any]:
    """The whole document, for who sees this server below `prefix`."""
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leyline",
            "version": "1",
            "description": "Pictures in, videos out, one at a time. Task ids are 32 lower-case hex digits; "
            "a task of somebody else's session is 404, like one that never was.",
        },
        "servers": [{"url": prefix or "/"}],
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
    parameters = [_in_path(name) for name in call.names]
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in call.parameters]
    found: dict[str, Any] = {"summary": call.summary, "responses": _responses(call)}
    if parameters:
        found["parameters"] = parameters
    if call.body:
        media = "multipart/form-data" if call.body == "Upload" else JSON
        is_needed = bool(SCHEMAS[call.body].get("required"))
        found["requestBody"] = {"required": is_needed, "content": {media: {"schema": reference(call.body)}}}
    return found


def _in_path(name: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{PATTERNS[name]}$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _responses(call: Call) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, content in call.answers.items():
        responses[str(status)] = {"description": call.summary, **_content(content)}
    codes: dict[int, list[str]] = {}
    for refusal in call.refused_by:
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
