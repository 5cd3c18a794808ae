"""A headless Firefox, driven by WebDriver BiDi itself: Debian has no geckodriver, and Firefox speaks it.

Only what the tests of watching need. Danger: nobody clicks in such a browser, so scripts run as if somebody had.
"""

import asyncio
import contextlib
import itertools
import json
import re
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

FIREFOX = "firefox-esr"
START_SECONDS, ANSWER_SECONDS = 60, 60
LISTENING = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.autoplay.default": 0,  # videos may begin
    "media.eme.enabled": True,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.dns.forceResolve": "127.0.0.1",  # whatever the host: nothing leaves this machine
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One window."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._window = ""

    async def begin(self) -> None:
        await self._ask("session.new", capabilities={})
        tree = await self._ask("browsingContext.getTree")
        self._window = tree["contexts"][0]["context"]

    async def end(self) -> None:
        self._connection.close()
        while await self._connection.read_message() is not None:
            pass

    async def open(self, url: str) -> None:
        await self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    async def script(self, body: str) -> Any:
        """What the body of an async function returns, as if somebody had just clicked."""
        answer = await self._ask(
            "script.evaluate",
            expression=f"(async () => {{ {body} }})().then((value) => JSON.stringify(value ?? null))",
            target={"context": self._window},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    async def until(self, truth: str) -> None:
        """Wait until an expression is true; AssertionError at the deadline."""
        wait = f"""
            const end = Date.now() + 30_000;
            while (!({truth}) && Date.now() < end) await new Promise(requestAnimationFrame);
            return Boolean({truth});
        """
        assert await self.script(wait), f"{truth}: {await self.script('return document.body.innerText')}"

    async def _ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        await self._connection.write_message(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                message = await self._connection.read_message()
                assert message is not None, "Firefox has ended"
                answer = json.loads(message)
                if answer.get("id") == number:
                    assert answer["type"] == "success", answer
                    return answer["result"]


@contextlib.asynccontextmanager
async def firefox(**preferences: Any) -> AsyncIterator[Firefox]:
    """A new browser with a profile of its own; both are gone afterwards. Preferences have `_` for each dot."""
    with tempfile.TemporaryDirectory(prefix="leyline-firefox-", ignore_cleanup_errors=True) as folder:
        named = {name.replace("_", "."): value for name, value in preferences.items()}
        _prefer(Path(folder), PREFERENCES | named)
        process = await asyncio.create_subprocess_exec(
            *(FIREFOX, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0"),
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            browser = Firefox(await websocket_connect(await _address(process) + "/session"))
            try:
                await browser.begin()
                yield browser
            finally:
                await browser.end()
        finally:
            process.send_signal(signal.SIGKILL)
            await process.wait()


def _prefer(profile: Path, preferences: dict[str, Any]) -> None:
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
    (profile / "user.js").write_text("\n".join(lines))


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(START_SECONDS):
        async for line in process.stderr:
            if found := LISTENING.search(line):
                return found.group(1).decode()
    raise AssertionError("Firefox did not start")
