"""A headless Chromium on Leyline's page, and what a person does and sees there.

Selenium's own calls are left visible where a test is clearer with them. Danger: a page changes under a
test's hands, so everything here waits for what it wants, with a deadline, and never for a time.
"""

import contextlib
import json
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.live_server import LiveServer

DEADLINE_SECONDS = 60
POLL_SECONDS = 0.03
CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)
UNSETTLED = (NoSuchElementException, StaleElementReferenceException, ElementClickInterceptedException)


@contextlib.contextmanager
def chromium(languages: str = "en-GB,en", environment: dict[str, str] | None = None) -> Iterator[webdriver.Chrome]:
    """A new browser with a profile of its own; both are gone afterwards."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.add_experimental_option("prefs", {"intl.accept_languages": languages})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="leyline-chromium-", ignore_cleanup_errors=True) as profile:
        for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        driver = webdriver.Chrome(options=options, service=Service(DRIVER, env=environment))
        driver.set_script_timeout(2 * DEADLINE_SECONDS)
        try:
            yield driver
        finally:
            driver.quit()


class Page:
    """Leyline's page in a browser."""

    server: LiveServer  # where a test has one of its own

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        self.url = url
        self._early: list[str] = []

    def open(self, address: str = "/") -> "Page":
        """Go there and wait until the page is live."""
        self.driver.get("about:blank")
        self.driver.get(self.url + address)
        return self.live()

    def live(self) -> "Page":
        """Wait until the page has heard the truth."""
        self.until(
            lambda: self.script("return document.documentElement.dataset.connection") == "live", "a live page"
        )
        return self

    def until(self, truth: Callable[[], Any], what: str, seconds: float = DEADLINE_SECONDS) -> Any:
        """The first true answer of `truth`; AssertionError with `what` at the deadline."""
        wait = WebDriverWait(self.driver, seconds, POLL_SECONDS, UNSETTLED)
        try:
            return wait.until(lambda _: truth())
        except TimeoutException:
            raise AssertionError(f"not within {seconds} s: {what}\n{self.text()[:3000]}") from None

    def script(self, source: str, *arguments: Any) -> Any:
        return self.driver.execute_script(source, *arguments)

    def cdp(self, command: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)

    def text(self) -> str:
        return str(self.script("return document.body?.innerText ?? ''"))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """The element, as soon as there is one that can be seen."""

        def seen() -> WebElement | None:
            return next((element for element in self.all(selector) if element.is_displayed()), None)

        return self.until(seen, f"{selector} to be seen")

    def click(self, selector: str) -> None:
        """Click it, once it hears the pointer: what is dangerous does not for a second after it has come."""

        def clicked() -> bool:
            found = self.one(selector)
            if found.get_attribute("data-deaf") is not None:
                return False
            found.click()
            return not self._was_unheard(found)

        self.until(clicked, f"{selector} to be clicked")

    def _was_unheard(self, found: WebElement) -> bool:
        """Whether it came to the pointer at the very moment of a click, and so did not take it."""
        try:
            return found.get_attribute("data-deaf") is not None
        except StaleElementReferenceException:
            return False

    def gone(self, selector: str) -> None:
        self.until(lambda: not any(e.is_displayed() for e in self.all(selector)), f"{selector} to be gone")

    def says(self, selector: str, text: str) -> str:
        """The text of the first such element, once it contains `text`."""

        def said() -> str | None:
            shown = self.one(selector).text
            return shown if text in shown else None

        return str(self.until(said, f"{selector} to say {text!r}"))

    def choose(self, *paths: Path) -> None:
        """Choose files as in the browser's own dialog."""
        self.driver.find_element(By.ID, "choose").send_keys("\n".join(map(str, paths)))

    def drop(self, *paths: Path) -> None:
        """Drop files or folders from outside onto the page, as the system does it."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.cdp("Input.dispatchDragEvent", type=kind, x=400, y=200, data=data)

    def paste(self, name: str, content: bytes) -> None:
        """Paste a picture, as from a screenshot."""
        self.script(
            """
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(arguments[1])], arguments[0], { type: "image/png" }));
            const options = { clipboardData, bubbles: true, cancelable: true };
            document.body.dispatchEvent(new ClipboardEvent("paste", options));
            """,
            name,
            list(content),
        )

    def before_scripts(self, source: str) -> None:
        """Run this in each page that is opened from now on, before its own scripts, until `restore`."""
        self._early.append(self.cdp("Page.addScriptToEvaluateOnNewDocument", source=source)["identifier"])

    def slow_network(self, bytes_per_second: int = -1, latency_ms: int = 0) -> None:
        """Let uploads take their time, or answers, until `restore`."""
        self.cdp("Network.enable")
        self.cdp(
            "Network.emulateNetworkConditions",
            offline=False,
            latency=latency_ms,
            downloadThroughput=-1,
            uploadThroughput=bytes_per_second,
        )

    def operator(self, command: str) -> None:
        """`pause` or `resume` the line, with the operator's token of the data folder."""
        token = (self.server.data_dir / "operator-token").read_text().strip()
        address = f"{self.server.url}/api/queue/{command}"
        request = urllib.request.Request(address, method="POST", headers={"Authorization": f"Bearer {token}"})
        urllib.request.urlopen(request).close()

    def cards(self, state: str = "") -> list[WebElement]:
        return self.all(f'.card[data-state="{state}"]' if state else ".card")

    def names(self) -> list[str]:
        """The names of the cards' pictures, in the order of the page."""
        return list(self.script("return Array.from(document.querySelectorAll('.card-name'), (e) => e.textContent)"))

    def card(self, state: str) -> WebElement:
        """The first card in this state."""
        return self.one(f'.card[data-state="{state}"]')

    def heard(self) -> str:
        """What a screen reader was told so far."""
        return str(self.script("return document.querySelector('[role=log]').textContent"))

    def errors(self) -> list[str]:
        """What the console complains about, refusals of the server aside: those are what a test is about."""
        return [
            json.dumps(entry)
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and entry["source"] != "network"
        ]

    def resize(self, width: int, height: int, touch: bool = False, scale: float = 1) -> None:
        """The window of another device, in CSS pixels, until `restore`."""
        self.cdp(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=touch
        )
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=touch)

    def media(self, **features: str) -> None:
        """Preferences of the person, as prefers_color_scheme="dark", until `restore`."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.cdp("Emulation.setEmulatedMedia", features=listed)

    def restore(self) -> None:
        """Undo everything that would change the next test's page."""
        self.media()
        self.cdp("Emulation.clearDeviceMetricsOverride")
        self.cdp("Emulation.setTouchEmulationEnabled", enabled=False)
        self.cdp("Network.disable")
        while self._early:
            self.cdp("Page.removeScriptToEvaluateOnNewDocument", identifier=self._early.pop())
        self.driver.get("about:blank")
