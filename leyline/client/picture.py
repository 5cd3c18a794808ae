"""One picture of a batch, from its file to the end of its task, as `leyline submit` knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leyline.client.following import ENDED
from leyline.client.manifest import Entry, Fingerprint
from leyline.client.remote import Task


@dataclass(eq=False, slots=True)
class Picture:
    """A picture of this run. `phase` says where it is; `problem` is why something was not done for it.

    `own` is in a few words what is chosen for it and not for the others.
    """

    path: Path
    parameters: Mapping[str, Any] | None = None  # as they are sent
    own: str = ""
    fingerprint: Fingerprint | None = None  # of its file as it is to be sent
    entry: Entry | None = None  # what the manifest has of it
    is_earlier: bool = False  # an earlier command made its task
    was_in_line: bool = False  # which had not ended when this command began
    sent: float | None = None  # 0 to 1 while it is on its way
    pause: str = ""  # why it is not on its way at the moment
    task: Task | None = None
    page_url: str | None = None
    link_url: str | None = None
    problem: str = ""
    problem_code: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)  # what is wrong with its parameters, by JSON pointer

    @property
    def phase(self) -> str:
        """unsent, sending, refused, or its task's status."""
        if self.task:
            return str(self.task.get("status", "queued"))
        if self.problem:
            return "refused"
        return "unsent" if self.sent is None else "sending"

    @property
    def addresses(self) -> list[str]:
        """Where its video is watched: by whoever has its link, and on its page."""
        return [url for url in (self.link_url, self.page_url) if url]

    @property
    def ended(self) -> bool:
        return self.phase in ENDED or self.phase == "refused"

    @property
    def was_done(self) -> bool:
        """Its video was ready before this command began, and there is nothing to say of it."""
        return self.is_earlier and not self.was_in_line and self.phase == "succeeded" and not self.problem
