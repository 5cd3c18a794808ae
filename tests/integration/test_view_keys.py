"""The key of a view: told once, wrapped, and together with what it counts."""

import asyncio
import io
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from leyline.errors import DatabaseBusy
from leyline.watching import ledger as ledger_module
from leyline.watching.views import base64url, from_base64url
from tests.live_server import Api
from tests.watch_site import KeyPair, WatchSite, code, packets, stream, view_of
from web.sessions import Caller

UNKNOWN = "0" * 32


# The key


@pytest.mark.gen_test
async def test_a_key_is_told_once_and_to_one_asker(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    pages = [await site.connect(api) for _ in range(3)]
    answers = await asyncio.gather(*(site.ask_key(page, ticket) for page in pages))
    assert sorted("key" in answer for answer in answers) == [False, False, True]
    refused = [answer for answer in answers if "key" not in answer]
    assert all(answer["code"] == "key_used" and answer["ticket"] == ticket for answer in refused)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_no_message_holds_a_key_that_opens_anything(site: WatchSite, master: Path) -> None:
    """Whoever reads along, in the developer tools or on the way, has both public halves and the wrapped key."""
    task_id, api = await site.add_video(master), await site.api()
    view = await view_of(api, task_id)
    body = (await stream(api, task_id, view["ticket"])).body
    page = await site.connect(api)
    key = (await site.ask_key(page, view["ticket"]))["key"]
    said = next(message["data"] for message in page.heard if message["event"] == "view_key")
    assert set(said) == {"kid", "public", "wrapped"}
    seen = json.dumps([view, page.heard])
    assert base64url(key) not in seen and key.hex() not in seen
    words = [from_base64url(value) for value in said.values()]
    for tried in {word[at : at + 16] for word in words for at in range(len(word) - 15)}:
        assert packets(io.BytesIO(body), tried) != packets(master)
    assert packets(io.BytesIO(body), key) == packets(master)


@pytest.mark.gen_test
async def test_a_busy_database_spends_no_view_at_whatever_step(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket, page = (await view_of(api, task_id))["ticket"], await site.connect(api)
    write = site.server.store.database.write

    def failing(fail_at: int) -> Any:
        writes = iter(range(100))

        async def write_or_fail(*work: Any, **options: Any) -> Any:
            if next(writes) == fail_at:
                raise DatabaseBusy
            return await write(*work, **options)

        return write_or_fail

    for fail_at in (0, 1):
        monkeypatch.setattr(site.server.store.database, "write", failing(fail_at))
        refusal = await site.ask_key(page, ticket)
        assert (refusal["code"], refusal["retryable"], refusal["ticket"]) == ("database_busy", True, ticket)
        assert (await api.status(task_id))["views"] == 0
    monkeypatch.setattr(site.server.store.database, "write", write)
    assert "key" in await site.ask_key(page, ticket)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_a_view_opened_again_by_the_same_browser_counts_once_an_hour(site: WatchSite, master: Path) -> None:
    api, other = await site.api(), await site.api()
    task_id = await site.add_video(master)
    keys = []
    for browser, passed, views in (
        (api, 0, 1),
        (api, 1800, 1),
        (api, 1799, 1),
        (other, 0, 2),
        (api, 2, 3),
        (api, 2, 3),
    ):
        site.clock.seconds += passed
        answer = await site.ask_key(await site.connect(browser), (await view_of(browser, task_id))["ticket"])
        keys.append(answer["key"])
        assert (await api.status(task_id))["views"] == views
    assert len(set(keys)) == len(keys), "each opening has a key of its own"


@pytest.mark.gen_test
async def test_many_pages_of_one_browser_count_once_whoever_comes_first(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    pages = [(await site.connect(api), (await view_of(api, task_id))["ticket"]) for _ in range(8)]
    answers = await asyncio.gather(*(site.ask_key(page, ticket) for page, ticket in pages))
    assert all("key" in answer for answer in answers)
    assert (await api.status(task_id))["views"] == 1


@pytest.mark.gen_test
async def test_what_was_told_is_remembered_over_a_restart(io_loop: Any, tmp_path: Path, master: Path) -> None:
    site = await WatchSite(tmp_path / "data").start()
    task_id, api = await site.add_video(master), await site.api()
    used, fresh = [(await view_of(api, task_id))["ticket"] for _ in range(2)]
    assert "key" in await site.ask_key(await site.connect(api), used)
    await site.stop()
    site = await WatchSite(tmp_path / "data").start()
    try:
        again = Api(site.url)
        again.cookie = api.cookie
        assert (await stream(again, task_id, used)).code == 200
        page = await site.connect(again)
        assert (await site.ask_key(page, used))["code"] == "key_used"
        assert "key" in await site.ask_key(page, fresh)
        assert (await again.status(task_id))["views"] == 1
    finally:
        await site.stop()


@pytest.mark.gen_test
async def test_at_the_limit_of_what_is_remembered_openings_are_refused_until_time_has_passed(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task_id, api, other = await site.add_video(master), await site.api(), await site.api()
    monkeypatch.setattr(ledger_module, "MAX_TOLD", 3)
    monkeypatch.setattr(ledger_module, "MAX_TOLD_OF_SESSION", 2)
    tickets = [(await view_of(api, task_id))["ticket"] for _ in range(3)]
    page = await site.connect(api)
    answers = [await site.ask_key(page, ticket) for ticket in tickets]
    assert ["key" in answer for answer in answers] == [True, True, False]
    assert answers[2]["code"] == "views_busy" and answers[2]["retryable"]
    answer = await api.request("POST", f"/api/video/{task_id}/view", body="")
    assert (answer.code, code(answer), answer.headers["Retry-After"]) == (503, "views_busy", "60")
    assert "key" in await site.ask_key(await site.connect(other), (await view_of(other, task_id))["ticket"])
    stranger = await site.api()
    assert (await stranger.call("POST", f"/api/video/{task_id}/view", body=""))[1]["code"] == "views_busy"
    site.clock.seconds += 3600
    assert "key" in await site.ask_key(await site.connect(api), (await view_of(api, task_id))["ticket"])
    rows = await site.server.store.database.read(lambda c: c.execute("SELECT count(*) FROM views").fetchone()[0])
    assert rows == 1, "what is over is forgotten"


@pytest.mark.gen_test
async def test_a_key_is_asked_for_with_a_ticket(site: WatchSite, master: Path) -> None:
    api = await site.api()
    socket = await site.connect(api)
    for nonsense in (None, 7, [], {}):
        assert (await site.ask_key(socket, nonsense))["code"] == "bad_request"
    assert (await site.ask_key(socket, "no.ticket"))["code"] == "ticket_refused"
    task_id = await site.add_video(master)
    ticket = (await view_of(api, task_id))["ticket"]
    for public in (None, 7, "", "no base64", "A" * 42, base64url(bytes(32)), base64url(bytes(31)), [1], "é" * 43):
        await socket.say("view_key", ticket=ticket, public=public)
        assert (await socket.next())["data"]["code"] == "bad_request"
    assert (await api.status(task_id))["views"] == 0
    assert "key" in await site.ask_key(socket, ticket), "nonsense spent nothing"
    assert (await site.ask_key(await site.connect(Api(site.url)), "no.ticket"))["code"] == "no_session"


@pytest.mark.gen_test
async def test_a_view_counts_when_its_key_is_told_and_its_owner_hears_of_it(
    site: WatchSite, master: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    api = await site.api()
    task_id = await site.add_video(master, site.owner(api))
    page = await site.connect(api)
    view = await view_of(api, task_id)
    assert (await api.status(task_id))["views"] == 0
    await page.say("view_key", ticket=view["ticket"], public=base64url(KeyPair().public))
    heard = await page.until("task_status", lambda task: task.get("views") == 1)
    assert heard["task_id"] == task_id
    line = next(record.getMessage() for record in caplog.records if "event=view " in record.getMessage())
    assert task_id in line and site.owner(api) in line
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert view["ticket"] not in log


@pytest.mark.gen_test
async def test_the_key_of_a_deleted_task_is_not_told(site: WatchSite, master: Path) -> None:
    task_id, api = await site.add_video(master), await site.api()
    ticket = (await view_of(api, task_id))["ticket"]
    socket = await site.connect(api)
    assert (await api.request("DELETE", f"/api/video/{task_id}")).code == 204
    assert (await site.ask_key(socket, ticket))["code"] == "not_found"


@pytest.mark.gen_test
async def test_one_network_cannot_take_all_that_is_remembered(
    site: WatchSite, master: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many sessions it makes. On this machine itself the address tells nobody apart, and is not asked."""
    task_id, apis = await site.add_video(master), [await site.api() for _ in range(4)]
    monkeypatch.setattr(ledger_module, "MAX_TOLD_OF_NETWORK", 2)

    async def watch_from(network: str | None, api: Api) -> str:
        """What comes of watching: the code of a refusal, else nothing."""
        monkeypatch.setattr(Caller, "network", network)
        status, view = await api.call("POST", f"/api/video/{task_id}/view", body="")
        if status != 200:
            return str(view["code"])
        return str((await site.ask_key(await site.connect(api), view["ticket"])).get("code", ""))

    assert [await watch_from("192.0.2.7", api) for api in apis] == ["", "", "client_limit", "client_limit"]
    assert [await watch_from(None, api) for api in apis] == [""] * 4
    assert await watch_from("192.0.2.8", apis[3]) == ""


@pytest.mark.gen_test
async def test_where_no_socket_passes_a_key_is_asked_for_by_a_plain_request(site: WatchSite, master: Path) -> None:
    api, thief = await site.api(), await site.api()
    task_id, pair = await site.add_video(master), KeyPair()
    view = await view_of(api, task_id)
    question = json.dumps({"ticket": view["ticket"], "public": base64url(pair.public)})
    address = f"/api/video/{task_id}/view/key"
    assert (await thief.call("POST", address, body=question))[1]["code"] == "ticket_refused"
    assert (await api.call("POST", address, body="{}"))[1]["code"] == "bad_request"
    status, told = await api.call("POST", address, body=question)
    assert (status, told["kid"]) == (200, view["kid"])
    key = pair.unwrapped(view["ticket"], from_base64url(told["public"]), from_base64url(told["wrapped"]))
    body = (await stream(api, task_id, view["ticket"])).body
    assert packets(io.BytesIO(body), key) == packets(master)
    status, refusal = await api.call("POST", address, body=question)
    assert (status, refusal["code"], refusal["ticket"]) == (409, "key_used", view["ticket"])
    assert (await api.status(task_id))["views"] == 1
