"""The Python client of a running Leyline: send a picture, follow it to its video.

    async with LeylineClient("http://localhost:3000") as leyline:
        task = await leyline.submit(Path("beach.jpg"))
        async for task in leyline.follow([task["task_id"]]):
            print(task["status"], task["progress"])

A task is the JSON object of the API, as a dict. How tasks are followed is left to `following`, and
what a person sees to the command. Danger: a lost answer does not mean that the picture was not
accepted; only the same Idempotency-Key makes sending it again safe, so `submit` always has one.
"""

import json
import os
import secrets
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Unpack
from urllib.parse import quote

from tornado.iostream import StreamClosedError

from leyline.client.following import Following
from leyline.client.patience import patiently
from leyline.client.remote import (
    ANSWER_SECONDS,
    ClientError,
    PictureUnreadable,
    RemoteServer,
    Task,
    is_model,
    is_task,
)
from leyline.client.sharing import LinkTerms

SLOWEST_BYTES_PER_SECOND = 20_000  # an upload slower than this is taken for stuck
CHUNK_BYTES = 64 * 1024


class LeylineClient:
    """One server as seen from a script. Use it with `async with`; every call may raise `ClientError`."""

    def __init__(self, url: str = "http://localhost:3000", token: str | None = None, *, session: str = "") -> None:
        """`session`, as `take_token` told it with the token, tells whose the tasks are; "" for nobody's."""
        self._server = RemoteServer(url, token)
        self.session = session

    async def __aenter__(self) -> "LeylineClient":
        self._server.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The server's address, without what is secret in it."""
        return self._server.url

    def page_url(self, task_id: str) -> str:
        """Where a person sees this task in a browser."""
        return f"{self._server.url}/#{task_id}"

    async def queue(self) -> dict[str, Any]:
        """The line's public numbers."""
        return await self._server.call("GET", "/api/queue")

    async def model(self) -> dict[str, Any]:
        """The model: its `name`, and what may be chosen as a JSON `schema`, None until that is known."""
        return await self._server.call("GET", "/api/model", fits=is_model)

    async def status(self, task_id: str) -> Task:
        """The task as it is now."""
        return await self._server.call("GET", f"/api/video/{task_id}/status", fits=is_task)

    async def cancel(self, task_id: str) -> Task:
        """Ask for the task's end; a running one ends a little later. Safe to call twice."""
        return await self._server.call("POST", f"/api/video/{task_id}/cancel", fits=is_task, body=b"")

    async def move(self, task_id: str, to: str, *, among: Iterable[str] = ()) -> Task:
        """Move a waiting task among the places that one's own have in line: `first`, `up`, `down` or `last`.

        Of a task that was sent without a session, `among` are the others whose places count, at most 1,000.
        """
        body = json.dumps({"to": to, "among": list(among)}).encode()
        return await self._server.call("POST", f"/api/video/{task_id}/move", fits=is_task, body=body)

    async def retry(self, task_id: str, *, parameters: Mapping[str, Any] | None = None) -> Task:
        """A new task from the picture of a finished one, with these parameters, else with the old ones.

        Each call makes another one, also where its answer was lost.
        """
        body = b"" if parameters is None else json.dumps({"parameters": dict(parameters)}).encode()
        return await self._server.call("POST", f"/api/video/{task_id}/retry", fits=is_task, body=body)

    async def trash(self, task_id: str) -> Task:
        """Put a finished task into the trash, which keeps it for an hour. Safe to call twice."""
        return await self._server.call("POST", f"/api/video/{task_id}/trash", fits=is_task, body=b"")

    async def restore(self, task_id: str) -> Task:
        """Take a task out of the trash. Safe to call twice."""
        return await self._server.call("POST", f"/api/video/{task_id}/restore", fits=is_task, body=b"")

    async def delete(self, task_id: str) -> None:
        """Remove a finished task and its files for good; where it was removed before, it is `not_found`."""
        await self._server.call("DELETE", f"/api/video/{task_id}", may_be_empty=True)

    async def pause(self) -> dict[str, Any]:
        """The operator's: no other picture starts until `resume`. The line as it is then. Safe to call twice."""
        return await self._server.call("POST", "/api/queue/pause", body=b"")

    async def resume(self) -> dict[str, Any]:
        """The operator's: the line goes on. The line as it is then. Safe to call twice."""
        return await self._server.call("POST", "/api/queue/resume", body=b"")

    async def workers(self) -> dict[str, Any]:
        """Each model process of the server, as `workers`."""
        return await self._server.call(
            "GET", "/api/workers", fits=lambda told: isinstance(told.get("workers"), list)
        )

    async def drain(self, name: str) -> dict[str, Any]:
        """The operator's: this model process finishes what it has, takes no other and goes. Safe to call twice."""
        return await self._server.call("POST", f"/api/workers/{quote(name, safe='')}/drain", body=b"")

    async def let_go(self, name: str) -> None:
        """The operator's: this model process goes at once; what it has goes back, first in line."""
        await self._server.call("DELETE", f"/api/workers/{quote(name, safe='')}", may_be_empty=True)

    async def link(self, task_id: str, **terms: Unpack[LinkTerms]) -> dict[str, Any]:
        """A new viewing link of the task's video: whoever has its `url` can watch it, and nothing else."""
        return await self._make_link(f"/api/video/{task_id}/links", terms)

    async def share(
        self, task_ids: Iterable[str] = (), *, batch_id: str | None = None, **terms: Unpack[LinkTerms]
    ) -> dict[str, Any]:
        """One new viewing link to the videos of these tasks, in this order, or of all that were sent with the
        `batch_id` by now; those that are still being made join its page."""
        shown = {"task_ids": list(task_ids)} if batch_id is None else {"batch_id": batch_id}
        return await self._make_link("/api/links", {**shown, **terms})

    async def _make_link(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        body = json.dumps(asked).encode()
        return await self._server.call("POST", path, fits=lambda link: isinstance(link.get("url"), str), body=body)

    async def links(self) -> dict[str, Any]:
        """The viewing links that this session has made, as `links`; without their addresses."""
        return await self._server.call("GET", "/api/links", fits=lambda told: isinstance(told.get("links"), list))

    async def revoke_link(self, link_id: str) -> None:
        """End one of these links, and whatever is watched by it. Safe to call twice."""
        await self._server.call("DELETE", f"/api/links/{link_id}", may_be_empty=True)

    async def ask_login(self, name: str | None = None) -> dict[str, Any]:
        """Ask to act for somebody's page, which calls this client so: `user_code` for a person to type there, and
        `device_code` for `take_token`, to be asked each `interval` seconds, for `expires_in` seconds (RFC 8628)."""
        body = json.dumps({} if name is None else {"name": name}).encode()
        return await self._server.call("POST", "/api/login", fits=_are_codes, body=body)

    async def take_token(self, device_code: str) -> dict[str, Any]:
        """`token`, `login_id` and `session`, once the code was typed. Safe to call twice.

        Until then it is `Refused` with `authorization_pending` or `slow_down`, and for good with `access_denied` or
        `expired_token`.
        """
        body = json.dumps({"device_code": device_code}).encode()
        return await self._server.call("POST", "/api/login/token", fits=_is_token, body=body)

    async def log_out(self) -> None:
        """The token that this client bears is worth nothing any more; where it was so before: `login_over`."""
        await self._server.call("DELETE", "/api/login", may_be_empty=True)

    def following(self) -> Following:
        """An empty set of tasks to follow, to which more can be added at any time."""
        return Following(self._server)

    def follow(self, task_ids: Iterable[str]) -> AsyncIterator[Task]:
        """Each of these tasks whenever it has changed, until all have ended (see `Following.tasks`)."""
        following = self.following()
        for task_id in task_ids:
            following.add(task_id)
        following.no_more()
        return following.tasks()

    async def submit(
        self,
        picture: Path,
        *,
        parameters: Mapping[str, Any] | None = None,
        client_id: str | None = None,
        batch_id: str | None = None,
        webhook_url: str | None = None,
        idempotency_key: str | None = None,
        patience_seconds: float = 0,
        waits_as_asked: bool = False,
        seen: tuple[int, int] | None = None,
        on_sent: Callable[[int, int], None] = lambda sent_bytes, total_bytes: None,
        on_pause: Callable[[ClientError, float], None] = lambda reason, seconds: None,
    ) -> Task:
        """Send a picture's file, streamed; its task once the server has it safely on disk.

        `parameters` are what is chosen of what `model` says; where they do not fit it, `Refused` has its `errors`.
        `client_id` and `batch_id`, your own words for it and for all that belongs together, come back with it.
        `webhook_url` is told what becomes of it; where the server does not allow that: `Refused`, `bad_webhook`.
        What may pass (a full line, a lost connection) is tried again for `patience_seconds`, never
        earlier than the server asks, and with `waits_as_asked` for as long as it asks; `on_pause` hears why and for
        how long. However often it is tried, one call makes at most one task. A file whose size and time in
        nanoseconds are no longer those of `seen` is not sent.
        """
        words = {"client_id": client_id, "batch_id": batch_id, "webhook_url": webhook_url}
        fields = {name: word for name, word in words.items() if word is not None}
        if parameters:
            fields["parameters"] = json.dumps(dict(parameters), ensure_ascii=False)
        key = idempotency_key or secrets.token_hex(16)
        return await patiently(
            lambda: self._send(picture, fields, key, on_sent, seen),
            seconds=patience_seconds,
            waits_as_asked=waits_as_asked,
            on_pause=on_pause,
        )

    async def _send(
        self,
        picture: Path,
        fields: Mapping[str, str],
        key: str,
        on_sent: Callable[[int, int], None],
        seen: tuple[int, int] | None,
    ) -> Task:
        with _opened(picture) as file:
            if seen and _size_and_time(file) != seen:
                raise PictureUnreadable("The file has changed since it was read. Send it again.")
            form = _Form(picture.name, file, fields, on_sent)
            try:
                return await self._server.call(
                    "POST",
                    "/api/video/upload/",
                    fits=is_task,
                    headers={"Idempotency-Key": key, **form.headers},
                    body_producer=form.produce,
                    expect_100_continue=True,  # a refusal comes before the body, not instead of its end
                    timeout_seconds=2 * ANSWER_SECONDS + form.total_bytes / SLOWEST_BYTES_PER_SECOND,
                )
            except ClientError as reason:
                raise form.problem or reason from None


def _opened(picture: Path) -> BinaryIO:
    """The picture's file; `PictureUnreadable` where there is none."""
    try:
        if not stat.S_ISREG(picture.stat().st_mode):  # before it is opened: a pipe would wait for its other end
            raise PictureUnreadable("This is no file, but a pipe, a folder or a device. Save the picture first.")
        return picture.open("rb")
    except OSError as error:
        raise PictureUnreadable(f"The file cannot be read: {error.strerror}.") from None


def _size_and_time(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


class _Form:
    """A multipart/form-data body with one file, read in chunks while it is sent."""

    def __init__(
        self, name: str, file: BinaryIO, fields: Mapping[str, str], on_sent: Callable[[int, int], None]
    ) -> None:
        boundary = secrets.token_hex(16)
        parts = [_part(boundary, key) + value + "\r\n" for key, value in fields.items()]
        head = "".join(parts) + _part(boundary, "file", name)
        self._head = head.encode("utf-8", "replace")
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._file = file
        self.problem: PictureUnreadable | None = None  # why it was given up in the middle
        self._on_sent = on_sent
        self._seen = _size_and_time(file)
        self.total_bytes = self._seen[0]  # not all that is called a file can seek
        self.headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(self._head) + self.total_bytes + len(self._tail)),
        }

    async def produce(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            await write(self._head)
            for chunk in self._chunks():
                await write(chunk)
                self._on_sent(self._file.tell(), self.total_bytes)
            self._check_unchanged()
            await write(self._tail)
        except StreamClosedError:
            pass  # the fetch itself tells of it; here it would be logged as a fault of the program
        except PictureUnreadable as problem:
            self.problem = problem
            write.__self__.close()  # type: ignore[attr-defined]  # Tornado has no other way to give a request up

    def _chunks(self) -> Iterator[bytes]:
        left = self.total_bytes
        while left and (chunk := self._read(min(CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk

    def _read(self, size_bytes: int) -> bytes:
        try:
            return self._file.read(size_bytes)
        except OSError as error:  # a disk or a network drive that has gone
            raise PictureUnreadable(f"The file cannot be read to its end: {error.strerror}.") from None

    def _check_unchanged(self) -> None:
        """Before the last of it is sent: half of an old file and half of a new one is nobody's picture."""
        if _size_and_time(self._file) != self._seen or self._file.tell() != self.total_bytes:
            raise PictureUnreadable("The file changed while it was sent. Send it again when it is complete.")


def _are_codes(answer: dict[str, Any]) -> bool:
    numbers = [answer.get(name) for name in ("interval", "expires_in")]
    texts = [answer.get(name) for name in ("device_code", "user_code")]
    return all(type(number) is int and number > 0 for number in numbers) and all(map(_is_text, texts))


def _is_token(answer: dict[str, Any]) -> bool:
    return all(_is_text(answer.get(name)) for name in ("token", "login_id", "session"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _part(boundary: str, field: str, filename: str | None = None) -> str:
    disposition = f'form-data; name="{field}"'
    if filename is not None:
        # As browsers escape it (WHATWG HTML, multipart/form-data encoding algorithm).
        escaped = filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        disposition += f'; filename="{escaped}"'
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n"
