"""Web Push of a whole server: subscribed, sealed, signed, sent, ended; with a receiver for a push service."""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from leyline.push import subscriptions
from tests.acceptance.test_webhooks import messages
from tests.browser_keys import BrowserKeys, claims
from tests.live_server import DEADLINE_SECONDS, ROOT, Api, LiveServer
from tests.pictures import photo
from tests.receiver import Receiver, receiver

ADDRESS = "/api/push/subscriptions"
pytestmark = [pytest.mark.long, pytest.mark.gen_test(timeout=120)]


def pushing(folder: Path, *services: Receiver, **settings: Any) -> LiveServer:
    hosts = ", ".join(each.origin for each in services)
    allowing = {"push_services": hosts, "webhook_networks": "127.0.0.0/8"}
    return LiveServer(folder / "data", **{**allowing, **settings})


async def subscribe(api: Api, subscription: Any) -> tuple[int, Any]:
    return await api.call("POST", ADDRESS, body=json.dumps(subscription))


async def told(api: Api, server: LiveServer, *states: str) -> list[Any]:
    """What the outbox has for browsers, once it stands so."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            found = [each for each in (await messages(api, server))["messages"] if each["type"].startswith("push.")]
            if tuple(each["state"] for each in found) == states:
                return found
            await asyncio.sleep(0.02)


async def test_a_browser_is_told_in_its_words_what_it_alone_can_read(tmp_path: Path) -> None:
    browser = BrowserKeys()
    async with receiver() as service:
        with pushing(tmp_path, service) as server:
            api = await Api(server.url).open_page()
            status, made = await subscribe(api, browser.subscription(service.url))
            assert status == 201 and made["service"] == service.origin and made["language"] == "de"
            _, task = await api.upload(photo(), "Möwe.jpg")
            [heard] = await service.until(1)
            assert browser.opened(heard) == {
                "task_id": task["task_id"], "status": "succeeded", "language": "de", "left": 0,
                "title": "Möwe.jpg ist fertig",
            }  # fmt: skip
            key = (await api.call("GET", ADDRESS))[1]["key"]
            said = claims(heard, key)
            assert said["aud"] == service.origin and said["sub"] == "https://localhost"
            assert 86_000 < int(heard.headers["ttl"]) <= 86_400
            assert heard.headers["urgency"] == "normal"
            assert len(heard.headers["topic"]) == 32 and heard.headers["topic"] != task["task_id"]
            assert "webhook-signature" not in heard.headers, "that is for receivers of webhooks"
            with pytest.raises(Exception, match=r"Decryption error|tag"):
                BrowserKeys().opened(heard)
            [shown] = await told(api, server, "delivered")
            assert (shown["type"], shown["url"]) == ("push.succeeded", service.origin)
            secret = server.data_dir / "push-key"
            assert secret.stat().st_mode & 0o777 == 0o600
            log = server.log()
            assert "type=push.succeeded" in log and "/hook" not in log and secret.read_text() not in log
        with server:
            api = await Api(server.url).open_page()
            assert (await api.call("GET", ADDRESS))[1]["key"] == key, "it is made once"


async def test_a_browser_is_told_of_failures_and_of_nobody_elses_pictures(tmp_path: Path) -> None:
    browser = BrowserKeys()
    async with receiver() as service:
        with pushing(tmp_path, service, model="tests.models.failing:Raises") as server:
            mine, other = await Api(server.url).open_page(), await Api(server.url).open_page()
            await subscribe(mine, browser.subscription(service.url))
            _, task = await other.upload(photo(1))
            await other.finished(task["task_id"])
            _, task = await mine.upload(photo(2), "")
            [heard] = await service.until(1)
            said = browser.opened(heard)
            assert (said["task_id"], said["status"]) == (task["task_id"], "failed")
            assert said["title"] == f"Kein Video von {task['image']['name'] or 'Bild'}"


async def test_a_subscription_is_its_sessions_alone_and_can_be_deleted(tmp_path: Path) -> None:
    browser = BrowserKeys()
    async with receiver() as service:
        with pushing(tmp_path, service) as server:
            mine, other = await Api(server.url).open_page(), await Api(server.url).open_page()
            assert (await subscribe(Api(server.url), browser.subscription(service.url)))[1]["code"] == "no_session"
            _, made = await subscribe(mine, browser.subscription(service.url))
            status, again = await subscribe(mine, browser.subscription(service.url, language="fr"))
            assert (status, again["push_id"], again["language"]) == (200, made["push_id"], "fr"), "renewed"
            assert (await other.call("GET", ADDRESS))[1]["subscriptions"] == []
            address = f"{ADDRESS}/{made['push_id']}"
            assert (await other.call("DELETE", address))[0] == 404
            assert (await mine.call("DELETE", address))[0] == 204
            assert (await mine.call("DELETE", address))[0] == 404
            assert (await mine.call("GET", ADDRESS))[1]["subscriptions"] == []
            _, task = await mine.upload(photo())
            await mine.finished(task["task_id"])
            await told(mine, server)
            # The same browser with another session: what was the first one's is told it no longer.
            await subscribe(mine, browser.subscription(service.url))
            await subscribe(other, browser.subscription(service.url))
            assert (await mine.call("GET", ADDRESS))[1]["subscriptions"] == []
            _, task = await mine.upload(photo(1))
            await mine.finished(task["task_id"])
            _, task = await other.upload(photo(2))
            [heard] = await service.until(1)
            assert browser.opened(heard)["task_id"] == task["task_id"]


@pytest.mark.parametrize("how", ["is gone", "does not know"])
async def test_a_browser_that_its_service_no_longer_knows_is_forgotten(tmp_path: Path, how: str) -> None:
    async with receiver(how) as service:
        with pushing(tmp_path, service) as server:
            api = await Api(server.url).open_page()
            await subscribe(api, BrowserKeys().subscription(service.url))
            await api.upload(photo())
            await told(api, server, "gone")
            assert (await api.call("GET", ADDRESS))[1]["subscriptions"] == []
            _, task = await api.upload(photo(1))
            await api.finished(task["task_id"])
            assert len(service.heard) == 1


async def test_what_its_service_does_not_take_waits_through_a_kill_and_a_restart(tmp_path: Path) -> None:
    browser = BrowserKeys()
    async with receiver("hangs") as service:
        server = pushing(tmp_path, service)
        with server:
            api = await Api(server.url).open_page()
            await subscribe(api, browser.subscription(service.url))
            await api.upload(photo())
            [first] = await service.until(1)
            server.kill()
        service.how = "takes"
        with server:
            _, second = await service.until(2)
            await told(Api(server.url), server, "delivered")
        assert browser.opened(first) == browser.opened(second)
        assert first.body != second.body, "sealed anew"
        assert first.headers["topic"] == second.headers["topic"], "its service keeps one of them"


async def test_what_cannot_be_a_subscription_is_refused_with_a_sentence(tmp_path: Path) -> None:
    good = BrowserKeys().subscription("https://push.example.org/x")
    keys = good["keys"]
    with LiveServer(tmp_path / "data", push_services="push.example.org, *.below.example.org") as server:
        api = await Api(server.url).open_page()
        for wrong in (
            {**good, "endpoint": "http://push.example.org/x"},
            {**good, "endpoint": "https://push.example.org:8443/x"},
            {**good, "endpoint": "https://elsewhere.example.org/x"},
            {**good, "endpoint": "https://below.example.org/x"},
            {**good, "endpoint": "https://me@push.example.org/x"},
            {**good, "endpoint": "https://push.example.org/" + 1000 * "x"},
            {**good, "endpoint": 7},
            {**good, "keys": {**keys, "p256dh": keys["auth"]}},
            {**good, "keys": {**keys, "p256dh": "B" + 86 * "A"}},
            {**good, "keys": {**keys, "p256dh": compressed(keys["p256dh"])}},
            {**good, "keys": {**keys, "auth": keys["auth"] + "AAAA"}},
            {**good, "keys": {"p256dh": keys["p256dh"]}},
            {**good, "keys": "none"},
            {**good, "words": None},
            {**good, "words": {**good["words"], "succeeded": "It is ready"}},
            {**good, "words": {**good["words"], "failed": "{name}" + 200 * "!"}},
            {},
        ):
            status, problem = await subscribe(api, wrong)
            assert (status, problem["code"]) == (422, "bad_subscription"), wrong
            assert problem["detail"].endswith(".") and "example.org/x" not in problem["detail"]
        assert (await subscribe(api, {**good, "endpoint": "https://a.below.example.org/x"}))[0] == 201
        for number in range(1, subscriptions.MOST_OF_OWNER):
            assert (await subscribe(api, {**good, "endpoint": f"https://push.example.org/{number}"}))[0] == 201
        status, problem = await subscribe(api, {**good, "endpoint": "https://push.example.org/more"})
        assert (status, problem["code"]) == (409, "push_limit")
        assert (await subscribe(api, {**good, "endpoint": "https://push.example.org/1"}))[0] == 200


async def test_no_message_goes_to_a_private_address_that_is_not_allowed(tmp_path: Path) -> None:
    async with receiver() as service:
        with pushing(tmp_path, service, webhook_networks="") as server:
            api = await Api(server.url).open_page()
            await subscribe(api, BrowserKeys().subscription(service.url))
            await api.upload(photo())
            async with asyncio.timeout(DEADLINE_SECONDS):
                while not (await told(api, server, "waiting"))[0]["tries"]:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            [message] = await told(api, server, "waiting")
            assert "no address that messages may go to" in message["tries"][0]["error"]
            assert not service.heard


async def test_a_server_may_send_browsers_nothing(tmp_path: Path) -> None:
    async with receiver() as service:
        server = pushing(tmp_path, service)
        with server:
            api = await Api(server.url).open_page()
            await subscribe(api, BrowserKeys().subscription(service.url))
            service.how = "fails"
            await api.upload(photo())
            await service.until(1)
        server.settings["push"] = "no"
        with server:
            api = await Api(server.url).open_page()
            assert (await api.call("GET", ADDRESS))[1]["code"] == "push_off"
            assert (await subscribe(api, BrowserKeys().subscription(service.url)))[1]["code"] == "push_off"
            await told(api, server, "refused")
            assert len(service.heard) == 1
        with LiveServer(tmp_path / "never", push="no"):
            assert not (tmp_path / "never" / "push-key").exists()


async def test_a_backup_has_the_key_and_who_is_told(tmp_path: Path) -> None:
    browser = BrowserKeys()
    async with receiver() as service:
        server = pushing(tmp_path, service)
        with server:
            api = await Api(server.url).open_page()
            await subscribe(api, browser.subscription(service.url))
            key = (await api.call("GET", ADDRESS))[1]["key"]
            tar = tmp_path / "leyline.tar"
            await asyncio.to_thread(leyline, "backup", str(tar), "--data-dir", str(server.data_dir))
        shutil.rmtree(server.data_dir)
        await asyncio.to_thread(leyline, "restore", str(tar), "--data-dir", str(server.data_dir))
        with server:
            again = Api(server.url)
            again.cookie = api.cookie
            assert (await again.call("GET", ADDRESS))[1]["key"] == key
            await again.upload(photo())
            assert browser.opened((await service.until(1))[0])["status"] == "succeeded"


def leyline(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "leyline", *arguments], cwd=ROOT, check=True, capture_output=True)


def compressed(point: str) -> str:
    """The same point in the short form, in which no browser sends it."""
    raw = base64.urlsafe_b64decode(point + "=")
    return base64.urlsafe_b64encode(bytes([2 + raw[-1] % 2]) + raw[1:33]).rstrip(b"=").decode()
