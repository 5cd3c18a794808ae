"""One method of one address: who answers, what it is for, what it answers, and what else may refuse it.

All calls stand in `calls`; routes, the description for programs and the documentation are held to that one table.
"""

import re
from dataclasses import dataclass

from leyline import errors
from leyline.errors import Refusal
from web.base import Answering

PATTERNS = {
    "task_id": "[0-9a-f]{32}",
    "token": "[0-9a-f]{32}",
    "link_id": "[0-9a-f]{16}",
    "login_id": "[0-9a-f]{16}",
    "push_id": "[0-9a-f]{32}",
    "name": "[^/]+",
    "file": ".*",
}
TASK_ID = re.compile(PATTERNS["task_id"])
JSON, JPEG, TEXT, HTML = "application/json", "image/jpeg", "text/plain", "text/html"
CIPHERTEXT = "application/octet-stream"

NAME = re.compile(r"{(\w+)}")
WORD = re.compile(r"(?<!^)(?=[A-Z])")
# What may refuse any call.
ANY = (
    *(errors.BadRequest, errors.ClientLimit, errors.TooLarge, errors.UnknownHost),
    *(errors.HeadersTooLarge, errors.Internal),
)


@dataclass(frozen=True)
class Call:
    """A row of the table of calls."""

    method: str
    path: str  # names in braces are those in PATTERNS
    handler: type[Answering]
    summary: str
    answers: dict[int, str | None]  # status → the content: a schema's name, a media type, or nothing
    refusals: tuple[type[Refusal], ...] = ()
    body: str | None = None  # a schema's name
    parameters: tuple[str, ...] = ()  # of the query and of headers, by their names in `schemas.PARAMETERS`
    named: str = ""  # the operation's name in generated clients; "" for its handler's

    @property
    def names(self) -> list[str]:
        """What stands in braces."""
        return NAME.findall(self.path)

    @property
    def operation(self) -> str:
        """What generated clients call it; no two calls share one."""
        return self.named or WORD.sub("_", self.handler.__name__.removesuffix("Handler")).lower()

    @property
    def refused_by(self) -> tuple[type[Refusal], ...]:
        """All that may refuse it, each once."""
        found = [*self.refusals, *ANY]
        found += [errors.NotFound] if self.names else []  # what its path names may not be there
        found += [errors.Unauthorized] if self.handler.needs_admission else []
        found += [errors.LoginOver]
        found += [errors.CrossOrigin] if self.method != "GET" or 101 in self.answers else []
        return tuple(dict.fromkeys(found))

    @property
    def is_for_operator(self) -> bool:
        """Whether it needs the operator's token."""
        return errors.OperatorOnly in self.refusals

    @property
    def route(self) -> str:
        """The regular expression of the path; a slash at its end may be left out."""
        pattern = NAME.sub(lambda name: f"({PATTERNS[name[1]]})", self.path)
        return f"{pattern}?" if pattern.endswith("/") else pattern
