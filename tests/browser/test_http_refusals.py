"""What only a browser can show of HTTP: that it reads a refusal although it was still sending."""

from collections.abc import Callable

import pytest
from selenium import webdriver

from tests.live_server import LiveServer

pytestmark = pytest.mark.long

SEND = """
const [how, done] = arguments;
const form = new FormData();
form.append("file", new Blob([new Uint8Array(30_000_000)]), "large.jpg");
if (how === "fetch") {
  fetch("/api/video/upload/", { method: "POST", body: form })
    .then(async (answer) => done([answer.status, (await answer.json()).detail]))
    .catch((error) => done([0, String(error)]));
} else {
  const request = new XMLHttpRequest();
  request.open("POST", "/api/video/upload/");
  request.onload = () => done([request.status, JSON.parse(request.responseText).detail]);
  request.onerror = () => done([0, "broken connection"]);
  request.send(form);
}
"""


@pytest.mark.parametrize("how", ["fetch", "XMLHttpRequest"])
def test_a_browser_that_sends_too_much_reads_why_it_was_refused(
    driver: webdriver.Chrome, serve: Callable[..., LiveServer], how: str
) -> None:
    driver.get(serve().url + "/healthz")
    driver.set_script_timeout(60)
    for _ in range(5):
        status, detail = driver.execute_async_script(SEND, how)
        assert (status, "30.0 MB" in detail, "20 MB" in detail) == (413, True, True), detail
