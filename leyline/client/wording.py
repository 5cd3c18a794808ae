"""What the command says of pictures and how a terminal can show it.

Where it is shown is left to `display`. Danger: file names and the server's sentences are other people's
texts, and a terminal obeys escape sequences; whatever is shown goes through `fit_to_show`.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from leyline.client.picture import Picture
from leyline.client.remote import ClientError, Refused, Task, Unreachable, Unsafe
from leyline.client.submission import Submission
from leyline.flags import REFUSED, UNREACHABLE
from leyline.text import fit_to_show

WAITS = {  # by the task's `eta_reason`: why nobody knows a time
    "paused": "waits until the line goes on",
    "model_loading": "waits until the model has started",
    "model_failed": "waits until the model has started",
}


def clock(timestamp: str, now: datetime | None = None) -> str:
    """A time of the server as people here read it: with seconds when it is near, with the day when not."""
    now = now or datetime.now().astimezone()
    then = datetime.fromisoformat(timestamp).astimezone(now.tzinfo)
    if then.date() != now.date():
        return f"{then:%a %H:%M}"
    return f"{then:%H:%M:%S}" if then - now < timedelta(minutes=10) else f"{then:%H:%M}"


def named(picture: Picture) -> str:
    """The picture's name, and what it has of its own where that differs from the others."""
    return " ".join(filter(None, [picture.path.name, picture.own]))


def words(picture: Picture) -> str:
    """Where the picture stands, in a few words, or the sentence of what went wrong."""
    task = picture.task or {}
    match picture.phase:
        case "unsent":
            return picture.pause or "not sent yet"
        case "sending":
            return picture.pause or "sending"
        case "refused":
            return picture.problem
        case "queued":
            waits = None if _ready_moment(picture) else WAITS.get(str(task.get("eta_reason")))
            return ", ".join(filter(None, [_place(task.get("queue")), waits]))
        case "processing":
            return str(task.get("stage") or "starting")
        case "succeeded":
            return " ".join(filter(None, [f"ready{_took(task)}", picture.problem]))
        case "failed":
            return _failure(task.get("error") or {})
        case "gone":
            return "removed on the server"
    return picture.phase


def _failure(error: Mapping[str, object]) -> str:
    """Why the task failed; what the model itself says of its picture is told as its own."""
    detail = str(error.get("detail") or "failed")
    is_models_own = error.get("code") == "unsuitable" and detail != error.get("title")
    return f"the model says: {detail}" if is_models_own else detail


def ready_at(picture: Picture) -> str:
    """When its video will be ready, or "" when nobody knows."""
    moment = _ready_moment(picture)
    return clock(moment) if moment else ""


def _ready_moment(picture: Picture) -> str | None:
    eta = (picture.task or {}).get("eta")
    return eta["ready_at"] if eta and not picture.ended else None


def _place(place: Mapping[str, int] | None) -> str:
    if not place:
        return "in line"
    return "next in line" if place["position"] == 1 else f"{place['position']} of {place['size']} in line"


def _took(task: Task) -> str:
    started, finished = task.get("started_at"), task.get("finished_at")
    if not started or not finished:
        return ""
    return f", made in {(datetime.fromisoformat(finished) - datetime.fromisoformat(started)).total_seconds():.0f} s"


COUNTED = {
    "succeeded": "ready",
    "refused": "refused",
    "failed": "failed",
    "canceled": "canceled",
    "gone": "removed",
    "processing": "running",
    "queued": "in line",
    "unsent": "to send",
}


def summary(submission: Submission) -> str:
    """All pictures in one line: how many stand where, when the last is ready, and what hinders."""
    counts = Counter(picture.phase for picture in submission.pictures)
    said = [f"{counts[phase]} {name}" for phase, name in COUNTED.items() if counts[phase]]
    moments = [
        _ready_moment(picture) for picture in submission.pictures if picture.phase in ("queued", "processing")
    ]
    known = [moment for moment in moments if moment]
    if counts["queued"] and len(known) == len(moments):
        said.append(f"all ready {clock(max(known))}")
    return fit_to_show(" · ".join(said + _hindrances(submission)))


def _hindrances(submission: Submission) -> list[str]:
    if submission.is_lost:
        return ["the server does not answer, trying again"]
    if submission.line.get("paused"):
        return ["the line is paused by the operator"]
    state = submission.model.get("state", "ready")
    if state == "failed":
        return [f"the model does not start: {submission.model.get('detail')}"]
    if is_nobody(submission.model):
        return ["no model has joined yet"]
    return [] if state in ("ready", "busy") else [f"the model is {state}"]


def is_nobody(model: Mapping[str, Any]) -> bool:
    """Whether there is no model process at all, as far as the server tells."""
    return "processes" in model and not _processes(model)


def several(model: Mapping[str, Any]) -> str:
    """Of several model processes, how many do what; "" of one, or where the server does not tell."""
    counts = _processes(model)
    most_first = sorted(counts.items(), key=lambda count: -count[1])
    return ", ".join(f"{number} {state}" for state, number in most_first) if sum(counts.values()) > 1 else ""


def _processes(model: Mapping[str, Any]) -> dict[str, int]:
    """How many are in each state in which any is."""
    told = model.get("processes")
    found = told.items() if isinstance(told, Mapping) else ()
    return {state: number for state, number in found if isinstance(number, int) and number}


def outcome(submission: Submission, left_out: int = 0) -> str:
    """The last sentence of a submission that came to its end, and how much in its folders was left out."""
    said = _outcome(submission)
    return f"{said} Left out: {left_out} (folders, and files not named as pictures)." if left_out else said


def _outcome(submission: Submission) -> str:
    total = len(submission.pictures)
    if submission.waits:
        ready = sum(picture.phase == "succeeded" for picture in submission.pictures)
        return f"{ready} of {_count(total, 'video is', 'videos are')} ready."
    accepted = sum(picture.task is not None for picture in submission.pictures)
    return f"{accepted} of {_count(total, 'picture is', 'pictures are')} in line."


def reckoning(submission: Submission) -> str:
    """What an earlier command had done of this batch, and what was sent now; "" where it had done nothing."""
    counts = submission.counts
    if not counts.keys() - {"sent"}:
        return ""
    ended = _count(counts["ended"], "failed or was canceled earlier", "failed or were canceled earlier")
    said = [f"{counts['done']} done", f"{counts['in line']} already in line", f"{counts['sent']} sent"]
    return f"{', '.join(said + ([ended] if counts['ended'] else []))}."


def farewell(submission: Submission) -> list[str]:
    """What somebody who leaves before the end needs to know: what stays in line, and how to come back."""
    staying = [picture for picture in submission.pictures if picture.task and not picture.ended]
    unsent = sum(picture.phase == "unsent" for picture in submission.pictures)
    lines = [f"  {fit_to_show(named(picture))}  {picture.page_url}" for picture in staying]
    if staying:
        lines.insert(0, f"{_count(len(staying), 'picture stays', 'pictures stay')} in line; come back here:")
    for picture in submission.pictures:
        if picture.phase == "sending":
            lines.append(f"{fit_to_show(picture.path.name)} was on its way; it may have arrived or not.")
    if unsent:
        lines.append(f"{_count(unsent, 'picture was', 'pictures were')} not sent.")
    if submission.batch and lines:
        lines.append("The same command again goes on from here.")
    return lines


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def advice(error: ClientError) -> str:
    """The error's sentence, and what can be done about it from the command line."""
    said = fit_to_show(str(error))
    if isinstance(error, Unreachable) and not isinstance(error, Unsafe):
        return f"{said} Is the server running? leyline serve starts one, and --url names another."
    if isinstance(error, Refused) and error.code == "token_needed":
        return f"{said} Give it in LEYLINE_TOKEN or with --token."
    return said


def exit_code(error: ClientError) -> int:
    """What a program is told of an error that ends a command."""
    return UNREACHABLE if error.may_pass or isinstance(error, Unreachable) else REFUSED
