"""GET /api/docs: the API's description as a page for people, made of what programs read, and of nothing else.

All of it is in the HTML, so that a browser's own search finds each word and it can be read without a script. It is
in English, like the description itself. Danger: everything in it is escaped, for the words of a model's parameters
are the model's own.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

Described = Mapping[str, Any]

HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Leyline: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#f3f4ee" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0e1615" media="(prefers-color-scheme: dark)">
<link rel="icon" href="../static/look/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../static/look/leyline.css">
<link rel="stylesheet" href="../static/look/docs.css">
</head>
<body class="docs">
<a class="skip" href="#calls">To the calls</a>
<header class="masthead"><p class="mark"><a href="../">Leyline</a></p></header>
"""


def page(described: Described) -> str:
    """The whole page, for the description as `openapi` makes it."""
    operations = list(_operations(described))
    schemas = described["components"]["schemas"]
    parts = [HEAD, '<div class="docs-sheet">', _contents(operations, schemas), "<main>", _introduction(described)]
    parts.append('<h2 id="calls">Calls</h2>')
    parts += [_call(described, *operation) for operation in operations]
    parts.append('<h2 id="objects">Objects</h2>')
    parts += [_object(name, schema) for name, schema in schemas.items()]
    return "".join([*parts, "</main></div></body></html>\n"])


def _operations(described: Described) -> Iterator[tuple[str, str, Described]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _contents(operations: Iterable[tuple[str, str, Described]], schemas: Described) -> str:
    """Where everything is, by what it is about."""
    groups: dict[str, list[str]] = {}
    for method, path, operation in operations:
        name = f"{_method(method)} {escape(_shortened(path))}"
        entry = f'<li><a href="#{operation["operationId"]}">{name}</a></li>'
        groups.setdefault(operation["tags"][0], []).append(entry)
    groups["objects"] = [f'<li><a href="#{_anchor(name)}">{name}</a></li>' for name in schemas]
    lists = [f"<h2>{escape(name.capitalize())}</h2><ul>{''.join(found)}</ul>" for name, found in groups.items()]
    return f'<nav aria-label="Contents">{"".join(lists)}</nav>'


def _introduction(described: Described) -> str:
    server = described["servers"][0]["url"].rstrip("/")
    tokens = [
        f"<li><code>Authorization: Bearer …</code> {escape(each['description'])}</li>"
        for each in described["components"]["securitySchemes"].values()
    ]
    return (
        f"<h1>The API</h1><p>{escape(described['info']['description'])}</p>"
        f"<ul class='docs-tokens'>{''.join(tokens)}</ul>"
        '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1); clients can be made of it.</p>'
        f"<pre tabindex='0'><code>curl -F file=@photo.jpg …{escape(server)}/api/video/upload/</code></pre>"
    )


def _call(described: Described, method: str, path: str, operation: Described) -> str:
    name = operation["operationId"]
    for_operator = ' <span class="docs-operator">the operator’s</span>' if "security" in operation else ""
    return (
        f'<section class="docs-call" aria-labelledby="{name}">'
        f'<h3 id="{name}">{_method(method)} <code>{_breakable(path)}</code></h3>'
        f"<p>{escape(operation['summary'])}.{for_operator}</p>"
        f"{_asked(described, operation)}{_sent(operation)}{_answers(operation)}</section>"
    )


def _asked(described: Described, operation: Described) -> str:
    """What goes into the address and the headers."""
    rows = []
    for given in operation.get("parameters", []):
        each = described["components"]["parameters"][_last(given["$ref"])] if "$ref" in given else given
        need = "needed" if each.get("required") else ""
        about = " ".join(filter(None, [each.get("description", ""), _limits(each["schema"])]))
        rows.append(
            (f"<code>{escape(each['name'])}</code>", each["in"], _kind(each["schema"]), need, escape(about))
        )
    return _table("Address and headers", ("name", "in", "kind", "", ""), rows)


def _sent(operation: Described) -> str:
    body = operation.get("requestBody")
    if body is None:
        return ""
    media, content = next(iter(body["content"].items()))
    may = "" if body["required"] else ", or nothing"
    return f"<p><b>Send</b> {_kind(content['schema'])} as <code>{media}</code>{may}.</p>"


def _answers(operation: Described) -> str:
    rows = []
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        kinds = [_kind(each["schema"], media) for media, each in content.items()]
        codes = " ".join(f"<code>{code}</code>" for code in answer.get("x-codes", ()))
        headers = ", ".join(f"<code>{name}</code>" for name in answer.get("headers", {}))
        rows.append((f"<b>{status}</b>", "".join(kinds), codes, headers))
    return _table("Answers", ("status", "content", "codes", "headers"), rows)


def _object(name: str, schema: Described) -> str:
    about = f"<p>{escape(schema['description'])}</p>" if "description" in schema else ""
    if "enum" in schema:
        about += f"<p>{_values(schema)}</p>"
    needed = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(field)}</code>",
            _kind(each),
            "" if field in needed else "may be missing",
            escape(" ".join(filter(None, [each.get("description", ""), _limits(each)]))),
        )
        for field, each in schema.get("properties", {}).items()
    ]
    table = _table("Fields", ("field", "kind", "", ""), rows)
    return (
        f'<section aria-labelledby="{_anchor(name)}"><h3 id="{_anchor(name)}">{name}</h3>{about}{table}</section>'
    )


def _kind(schema: Described, media: str = "") -> str:
    """What a value is, in a few words with links."""
    if "$ref" in schema:
        name = _last(schema["$ref"])
        return f'<a href="#{_anchor(name)}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if schema.get("format") == "binary":
        return f"bytes ({escape(media)})" if media else "bytes"
    if "enum" in schema:
        return _values(schema)
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if schema.get("type") == "object" and schema.get("properties"):
        fields = ", ".join(f"{escape(name)}: {_kind(each)}" for name, each in schema["properties"].items())
        return f"{{{fields}}}"
    kind = schema.get("type", "anything")
    words = kind if isinstance(kind, str) else " or ".join(kind)
    return escape({"date-time": "time"}.get(schema.get("format", ""), words))


def _values(schema: Described) -> str:
    return ", ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])


def _limits(schema: Described) -> str:
    """What holds for a value besides its kind."""
    found = []
    if "minimum" in schema and "maximum" in schema:
        found.append(f"From {schema['minimum']:,} to {schema['maximum']:,}.")
    if "maxLength" in schema:
        found.append(f"At most {schema['maxLength']:,} characters.")
    if "x-step" in schema:
        found.append(f"In steps of {schema['x-step']}.")
    if "default" in schema:
        found.append(f"Unless given: {json.dumps(schema['default'], ensure_ascii=False)}.")
    return " ".join(found)


def _table(title: str, names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table that can be moved sideways where it is wider than the screen; nothing without a row."""
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{name}</th>' if name else "<td></td>" for name in names)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<div class="docs-table" tabindex="0" role="group" aria-label="{title}"><table><caption>{title}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _method(method: str) -> str:
    return f'<span class="docs-method" data-method="{method}">{method}</span>'


def _shortened(path: str) -> str:
    """As the contents have room for it."""
    return path.removeprefix("/api").replace("/video/{task_id}", "…").replace("/watch/{token}", "/watch/…")


def _breakable(path: str) -> str:
    return escape(path).replace("/", "/<wbr>")


def _anchor(name: str) -> str:
    return f"object-{name}"


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
