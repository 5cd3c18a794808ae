"""A browser that watches: its network is on record, its clicks are a person's, its profile lies at hand."""

import base64
import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.chromium import CHROMIUM, DRIVER, Page

OTHER_HOST = "leyline.test"  # plain http from here is an insecure origin, as on a home network


@contextlib.contextmanager
def watching_browser(profile: Path | None = None) -> Iterator[webdriver.Chrome]:
    """A Chromium with the profile folder `profile`, which stays; without one, with a new folder that goes."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    with tempfile.TemporaryDirectory(prefix="leyline-chromium-", ignore_cleanup_errors=True) as folder:
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--window-size=1280,900",
            f"--host-resolver-rules=MAP {OTHER_HOST} 127.0.0.1",
            f"--user-data-dir={profile or folder}",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


class WatchingPage(Page):
    """A page with one player, or several."""

    def play(self, task_id: str) -> None:
        """Open the task's page and press its play button."""
        self.open(f"/#{task_id}")
        self.click(".card-play")
        self.playing()

    def playing(self, number: int = 0) -> None:
        """Wait until the player's picture moves."""
        self.until(lambda: self.video("readyState >= 3 && v.currentTime > 0.1", number), "a video that plays")

    def video(self, expression: str, number: int = 0) -> Any:
        """The value of an expression of the video element, such as `duration`; `v` is the element."""
        return self.script(f"const v = document.querySelectorAll('video')[{number}]; return v && (v.{expression})")

    def wait_for(self, source: str, *arguments: Any) -> Any:
        """What a script's promise resolves to; the message of its error when it is rejected."""
        self.driver.set_script_timeout(60)
        return self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; (async (...arguments_) => {{ {source} }})(...arguments)"
            ".then(done, (error) => done(String(error)))",
            *arguments,
        )

    def gesture(self, source: str) -> None:
        """Run a script as if a person had just pressed a key."""
        self.cdp("Runtime.evaluate", expression=source, userGesture=True, awaitPromise=True)

    def network(self) -> list[dict[str, Any]]:
        """What the browser's network said since the last time, as DevTools events."""
        entries = self.driver.get_log("performance")
        return [json.loads(entry["message"])["message"] for entry in entries]

    def body(self, request_id: str) -> bytes:
        """A response's body, as DevTools shows and saves it."""
        found = self.cdp("Network.getResponseBody", requestId=request_id)
        return base64.b64decode(found["body"]) if found["base64Encoded"] else found["body"].encode()
