"""Told in a real Firefox: subscribed by a click, sealed by the server, opened by the browser, and shown."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.live_server import LiveServer, eventually
from tests.push_service import DELIVERED, PushService, push_service

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which(FIREFOX) is None, reason="Firefox is not here; make long installs it"),
]
LIVE = "document.documentElement.dataset.connection === 'live'"
UPLOAD = """
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
    canvas.getContext("2d").fillRect(0, 0, 99, 99);
    const picture = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
    const data = new FormData();
    data.append("file", picture, "Möwe.jpg");
    return (await (await fetch("/api/video/upload/", { method: "POST", body: data })).json()).task_id;
"""
TITLES = """
    const worker = await navigator.serviceWorker.ready;
    return (await worker.getNotifications()).map(({ title, tag, lang }) => [title, tag, lang]);
"""


def preferences(service: PushService) -> dict[str, Any]:
    return {
        "dom_push_serverURL": f"ws://127.0.0.1:{service.port}/",
        "dom_push_connection_enabled": True,
        "dom_push_testing_allowInsecureServerURL": True,
        "dom_push_testing_ignorePermission": True,
        "permissions_default_desktop-notification": 1,
        "alerts_useSystemBackend": False,  # this machine has nothing that shows them; Firefox's own does
    }


async def told(browser: Firefox) -> list[Any]:
    return list(await browser.script(TITLES))


@pytest.mark.gen_test(timeout=240)
async def test_firefox_is_told_of_a_video_by_its_push_service_and_not_after_the_bell_is_off(tmp_path: Path) -> None:
    async with push_service() as service, firefox(**preferences(service)) as browser:
        allowing = {"push_services": service.origin, "webhook_networks": "127.0.0.0/8"}
        with LiveServer(tmp_path / "data", **allowing) as server:
            await browser.open(server.url)
            await browser.until(LIVE)
            await browser.script("await navigator.serviceWorker.ready; document.querySelector('.bell').click();")
            await browser.until(
                "document.querySelector('.toast')?.textContent.includes('even when this page is closed')"
            )
            assert await eventually(lambda: list(service.keys.values()), "a subscription")
            # Nobody looks at the page: what is open is another one of the same site.
            await browser.open(f"{server.url}/api/docs")
            task_id = await browser.script(UPLOAD)
            await eventually(lambda: service.acknowledged, "Firefox to have had the message")
            assert service.acknowledged == [DELIVERED], "it could open it, and its worker did not fail"
            shown: list[Any] = []
            while not shown:
                shown = await told(browser)
            assert shown == [["Möwe.jpg is ready", task_id, "en"]]
            assert "vapid t=" in service.posted[0]["Authorization"]
            # Off again: its push service and the server forget it.
            await browser.open(server.url)
            await browser.until(LIVE)
            await browser.script("await navigator.serviceWorker.ready; document.querySelector('.bell').click();")
            await eventually(lambda: not service.keys, "Firefox to have unsubscribed")
            listed = "return (await (await fetch('/api/push/subscriptions')).json()).subscriptions.length"
            while await browser.script(listed):
                pass
