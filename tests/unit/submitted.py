"""Submissions in every state, without a server."""

from pathlib import Path

from leyline.client.client import LeylineClient
from leyline.client.picture import Picture
from leyline.client.submission import Submission

ID = "0123456789abcdef0123456789abcdef"


def picture(name="beach.jpg", *, status=None, **fields):
    """A picture that was accepted, when it has a status."""
    made = Picture(Path(name))
    if status:
        made.task = {"task_id": ID, "status": status, "progress": 0, "stage": None, "eta": None, "queue": None}
        made.task |= fields
        made.page_url = f"http://localhost:3000/#{ID}"
    return made


def refused(name, problem):
    made = picture(name)
    made.problem, made.problem_code = problem, "not_a_picture"
    return made


def submission(*pictures, waits=True):
    return Submission(list(pictures), LeylineClient(), waits=waits)
