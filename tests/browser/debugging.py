"""Chromium's debugging protocol itself, for what comes as an event: selenium hears of none.

One connection to one page. Danger: events that nobody waits for are thrown away.
"""

import contextlib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import websocket
from selenium import webdriver

from tests.browser.chromium import DEADLINE_SECONDS


class Debugging:
    """Speaks with the page that the driver is at."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._number = 0
        self._events: list[Any] = []

    def ask(self, method: str, **parameters: Any) -> Any:
        """The answer."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while (message := self._next()).get("id") != self._number:
            self._events.append(message)
        assert "error" not in message, message
        return message["result"]

    def event(self, method: str, matches: Callable[[Any], Any]) -> Any:
        """The first true answer of `matches` to what such an event tells."""
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end:
            message = self._events.pop(0) if self._events else self._next()
            found = message.get("method") == method and matches(message["params"])
            if found:
                return found
        raise AssertionError(f"no {method}")

    def _next(self) -> Any:
        return json.loads(self._socket.recv())

    def pushes(self, url: str) -> Callable[..., None]:
        """What delivers a message to the worker of the page at `url`, as the browser's push service would."""
        self.ask("ServiceWorker.enable")

        def here(said: Any) -> Any:
            return next((each for each in said["registrations"] if each["scopeURL"] == f"{url}/"), None)

        registration = self.event("ServiceWorker.workerRegistrationUpdated", here)["registrationId"]

        def deliver(task_id: str, **said: Any) -> None:
            message = {"task_id": task_id, "status": "succeeded", "language": "en", "left": 0, **said}
            data = json.dumps(message)
            self.ask("ServiceWorker.deliverPushMessage", origin=url, registrationId=registration, data=data)

        return deliver


@contextlib.contextmanager
def debugging(driver: webdriver.Chrome) -> Iterator[Debugging]:
    """A connection beside selenium's own."""
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    targets = json.load(urllib.request.urlopen(f"http://{address}/json"))
    url = next(each["webSocketDebuggerUrl"] for each in targets if each["id"] == driver.current_window_handle)
    socket = websocket.create_connection(url, timeout=DEADLINE_SECONDS, suppress_origin=True)
    try:
        yield Debugging(socket)
    finally:
        socket.close()
