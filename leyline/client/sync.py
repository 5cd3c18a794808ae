"""The Python client for scripts and notebooks that do not await: each call returns when it has its answer.

    from leyline.client.sync import LeylineClient

    with LeylineClient("http://localhost:3000") as leyline:
        task = leyline.submit(Path("beach.jpg"))
        for task in leyline.follow([task["task_id"]]):
            print(task["status"], task["progress"])

It is `client.LeylineClient` on an event loop of its own, in a thread of its own: so it works where another loop
runs already, as in a notebook, and from several threads at once. Danger: a call blocks its thread, so on an event
loop it would hold up everything else there; and `on_sent` and `on_pause` are called in the client's own thread.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, TypeVar, Unpack

from tornado.ioloop import IOLoop

from leyline.client import client
from leyline.client.remote import ClientError, Task
from leyline.client.sharing import LinkTerms

T = TypeVar("T")

FROM_A_CALLBACK = "This was called by the client itself, which cannot wait for its own answer: call it afterwards."
NOT_OPEN = "The client is not open. Use it in a `with` block, or call `open` first."


class LeylineClient:
    """One server as seen from a script, with `with`, or `open` and `close`. Every call may raise `ClientError`."""

    def __init__(self, url: str = "http://localhost:3000", token: str | None = None) -> None:
        self._client = client.LeylineClient(url, token)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._connections: IOLoop
        self._scheduling = threading.Lock()

    def __enter__(self) -> "LeylineClient":
        return self.open()

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> "LeylineClient":
        """For where no `with` block fits, as in a notebook. Safe to call twice."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon, so that a script that forgets to close it ends all the same.
            self._thread = threading.Thread(target=self._loop.run_forever, name="leyline client", daemon=True)
            self._thread.start()
            self._connections = self._wait(self._begin())
        return self

    def close(self) -> None:
        """Let go of all connections; what another thread still waits for is given up. Safe to call twice."""
        with self._scheduling:  # from here on nothing new gets onto the loop
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        self._connections.close(all_fds=True)  # also those that still said goodbye; and the loop with them

    @property
    def url(self) -> str:
        """The server's address, without what is secret in it."""
        return self._client.url

    def page_url(self, task_id: str) -> str:
        """Where a person sees this task in a browser."""
        return self._client.page_url(task_id)

    def queue(self) -> dict[str, Any]:
        """The line's public numbers."""
        return self._wait(self._client.queue())

    def model(self) -> dict[str, Any]:
        """The model: its `name`, and what may be chosen as a JSON `schema`, None until that is known."""
        return self._wait(self._client.model())

    def status(self, task_id: str) -> Task:
        """The task as it is now."""
        return self._wait(self._client.status(task_id))

    def cancel(self, task_id: str) -> Task:
        """Ask for the task's end; a running one ends a little later. Safe to call twice."""
        return self._wait(self._client.cancel(task_id))

    def move(self, task_id: str, to: str, *, among: Iterable[str] = ()) -> Task:
        """Move a waiting task among the places that one's own have in line: `first`, `up`, `down` or `last`.

        Of a task that was sent without a session, `among` are the others whose places count, at most 1,000.
        """
        return self._wait(self._client.move(task_id, to, among=among))

    def retry(self, task_id: str, *, parameters: Mapping[str, Any] | None = None) -> Task:
        """A new task from the picture of a finished one, with these parameters, else with the old ones.

        Each call makes another one, also where its answer was lost.
        """
        return self._wait(self._client.retry(task_id, parameters=parameters))

    def trash(self, task_id: str) -> Task:
        """Put a finished task into the trash, which keeps it for an hour. Safe to call twice."""
        return self._wait(self._client.trash(task_id))

    def restore(self, task_id: str) -> Task:
        """Take a task out of the trash. Safe to call twice."""
        return self._wait(self._client.restore(task_id))

    def delete(self, task_id: str) -> None:
        """Remove a finished task and its files for good; where it was removed before, it is `not_found`."""
        self._wait(self._client.delete(task_id))

    def pause(self) -> dict[str, Any]:
        """The operator's: no other picture starts until `resume`. The line as it is then. Safe to call twice."""
        return self._wait(self._client.pause())

    def resume(self) -> dict[str, Any]:
        """The operator's: the line goes on. The line as it is then. Safe to call twice."""
        return self._wait(self._client.resume())

    def workers(self) -> dict[str, Any]:
        """Each model process of the server, as `workers`."""
        return self._wait(self._client.workers())

    def drain(self, name: str) -> dict[str, Any]:
        """The operator's: this model process finishes what it has, takes no other and goes. Safe to call twice."""
        return self._wait(self._client.drain(name))

    def let_go(self, name: str) -> None:
        """The operator's: this model process goes at once; what it has goes back, first in line."""
        self._wait(self._client.let_go(name))

    def link(self, task_id: str, **terms: Unpack[LinkTerms]) -> dict[str, Any]:
        """A new viewing link of the task's video: whoever has its `url` can watch it, and nothing else."""
        return self._wait(self._client.link(task_id, **terms))

    def share(
        self, task_ids: Iterable[str] = (), *, batch_id: str | None = None, **terms: Unpack[LinkTerms]
    ) -> dict[str, Any]:
        """One new viewing link to the videos of these tasks, in this order, or of all that were sent with the
        `batch_id` by now; those that are still being made join its page."""
        return self._wait(self._client.share(task_ids, batch_id=batch_id, **terms))

    def links(self) -> dict[str, Any]:
        """The viewing links that this session has made, as `links`; without their addresses."""
        return self._wait(self._client.links())

    def revoke_link(self, link_id: str) -> None:
        """End one of these links, and whatever is watched by it. Safe to call twice."""
        self._wait(self._client.revoke_link(link_id))

    def ask_login(self, name: str | None = None) -> dict[str, Any]:
        """Ask to act for somebody's page, which calls this client so: `user_code` for a person to type there, and
        `device_code` for `take_token`, to be asked each `interval` seconds, for `expires_in` seconds (RFC 8628)."""
        return self._wait(self._client.ask_login(name))

    def take_token(self, device_code: str) -> dict[str, Any]:
        """`token`, `login_id` and `session`, once the code was typed. Safe to call twice.

        Until then it is `Refused` with `authorization_pending` or `slow_down`, and for good with `access_denied` or
        `expired_token`.
        """
        return self._wait(self._client.take_token(device_code))

    def log_out(self) -> None:
        """The token that this client bears is worth nothing any more; where it was so before: `login_over`."""
        self._wait(self._client.log_out())

    def follow(self, task_ids: Iterable[str]) -> Iterator[Task]:
        """Each of these tasks whenever it has changed, until all have ended.

        The last of a task has the status `succeeded`, `failed`, `canceled`, or `gone` where it was removed. A loop
        that is left early lets go of its connection.
        """
        changed = self._client.follow(task_ids)
        try:
            while (task := self._wait(_next(changed))) is not None:
                yield task
        finally:
            with contextlib.suppress(RuntimeError, CancelledError):  # closed meanwhile, and so is this
                self._wait(_end(changed))

    def submit(
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
        return self._wait(
            self._client.submit(
                picture,
                parameters=parameters,
                client_id=client_id,
                batch_id=batch_id,
                webhook_url=webhook_url,
                idempotency_key=idempotency_key,
                patience_seconds=patience_seconds,
                waits_as_asked=waits_as_asked,
                seen=seen,
                on_sent=on_sent,
                on_pause=on_pause,
            )
        )

    def _wait(self, call: Coroutine[Any, Any, T]) -> T:
        """What comes of it on the client's loop; Ctrl-C gives it up there, too."""
        with self._scheduling:
            if self._loop is None or threading.current_thread() is self._thread:
                call.close()
                raise RuntimeError(NOT_OPEN if self._loop is None else FROM_A_CALLBACK)
            answer = asyncio.run_coroutine_threadsafe(call, self._loop)
        try:
            return answer.result()
        except BaseException:
            answer.cancel()
            raise

    async def _begin(self) -> IOLoop:
        await self._client.__aenter__()
        return IOLoop.current()

    async def _end(self) -> None:
        """Give up what runs on the loop, and close the client."""
        running = asyncio.all_tasks() - {asyncio.current_task()}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.get_running_loop().shutdown_asyncgens()
        await self._client.__aexit__()
        await asyncio.get_running_loop().shutdown_default_executor()


async def _next(changed: AsyncIterator[Task]) -> Task | None:
    return await anext(changed, None)


async def _end(changed: Any) -> None:
    await changed.aclose()
