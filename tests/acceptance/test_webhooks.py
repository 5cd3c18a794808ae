"""Webhooks of a whole server: named by uploads or set by the operator, across kills, and seen by the operator."""

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, form
from tests.pictures import photo
from tests.receiver import Receiver, receiver

pytestmark = pytest.mark.long

ENDED = {"task.succeeded", "task.failed"}


def ended_of(there: Receiver) -> set[str]:
    """The tasks whose end it has heard of."""
    return {each.said["data"]["task_id"] for each in there.heard if each.said["type"] in ENDED}


def allowing(folder: Path, *receivers: Receiver, **settings: Any) -> LiveServer:
    hosts = ", ".join(each.origin for each in receivers)
    return LiveServer(folder / "data", webhook_hosts=hosts, webhook_networks="127.0.0.0/8", **settings)


async def upload(api: Api, url: str, number: int = 0, **headers: str) -> tuple[int, Any]:
    body, content_type = form(photo(number), webhook_url=url)
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    return await api.call(
        "POST", "/api/video/upload/", body=body, headers={"Content-Type": content_type, **headers}
    )


async def messages(api: Api, server: LiveServer, query: str = "") -> Any:
    token = (server.data_dir / "operator-token").read_text().strip()
    return (await api.call("GET", f"/api/webhooks{query}", headers={"Authorization": f"Bearer {token}"}))[1]


@pytest.mark.gen_test(timeout=120)
async def test_an_upload_names_its_receiver_which_can_verify_what_it_is_told(tmp_path: Path) -> None:
    async with receiver() as there, receiver() as other:
        with allowing(tmp_path, there, webhook_url=other.url) as server:
            api = await Api(server.url).open_page()
            status, task = await upload(api, there.url)
            assert status == 202
            secret = server.data_dir / "webhook-secret"
            assert secret.stat().st_mode & 0o777 == 0o600
            for each in await there.until(2):
                told = Webhook(secret.read_text()).verify(each.body, each.headers)
                assert told["data"]["task_id"] == task["task_id"]  # type: ignore[index]
            await other.until(2)
            assert there.types == other.types == ["task.started", "task.succeeded"]
            async with asyncio.timeout(DEADLINE_SECONDS):
                while {each["state"] for each in (await messages(api, server))["messages"]} != {"delivered"}:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            page = await messages(api, server, "?limit=3")
            rest = await messages(api, server, f"?before={page['next']}&task_id={task['task_id']}")
            assert (len(page["messages"]), len(rest["messages"]), rest["next"]) == (3, 1, None)
            assert page["messages"][0]["tries"][0]["status"] == 204
            assert (await api.call("GET", "/api/webhooks"))[0] == 403
            assert (await messages(api, server, "?before=x"))["code"] == "bad_request"
            log = server.log()
            assert f"event=webhook task={task['task_id']}" in log and "/hook" not in log
            before = secret.read_text()
        with server:
            assert secret.read_text() == before, "it is made once"


@pytest.mark.gen_test(timeout=120)
async def test_without_allowed_hosts_no_upload_may_name_one(tmp_path: Path) -> None:
    async with receiver() as there, receiver() as other:
        with LiveServer(tmp_path / "none") as server:
            status, problem = await upload(Api(server.url), there.url)
            assert (status, problem["code"]) == (422, "bad_webhook") and "LEYLINE_WEBHOOK_HOSTS" in problem[
                "detail"
            ]
        with allowing(tmp_path, other) as server:
            api = await Api(server.url).open_page()
            status, problem = await upload(api, there.url)
            assert (status, problem["code"]) == (422, "bad_webhook") and there.origin in problem["detail"]
            long = await upload(api, other.url + 2000 * "a")
            assert (long[0], long[1]["code"]) == (422, "bad_webhook")
            assert (await upload(api, ""))[1]["code"] == "bad_webhook"
            assert (await api.call("GET", "/api/video/"))[1]["tasks"] == [], "nothing of it is left"


@pytest.mark.gen_test(timeout=120)
async def test_the_receiver_belongs_to_what_a_key_stands_for(tmp_path: Path) -> None:
    async with receiver() as there:
        with allowing(tmp_path, there, model="tests.models.plain:WaitsForCancel") as server:
            api = await Api(server.url).open_page()
            first = await upload(api, there.url, Idempotency_Key="key")
            again = await upload(api, there.url, Idempotency_Key="key")
            assert (first[0], again[0]) == (202, 200) and first[1]["task_id"] == again[1]["task_id"]
            other = await upload(api, there.url + "2", Idempotency_Key="key")
            none = await api.upload(photo(), Idempotency_Key="key")
            for status, problem in (other, none):
                assert (status, problem["code"]) == (422, "key_reused") and "webhook_url" in problem["detail"]


@pytest.mark.gen_test(timeout=120)
async def test_a_retry_tells_the_same_receiver(tmp_path: Path) -> None:
    async with receiver() as there:
        with allowing(tmp_path, there) as server:
            api = await Api(server.url).open_page()
            _, task = await upload(api, there.url)
            await api.finished(task["task_id"])
            _, again = await api.call("POST", f"/api/video/{task['task_id']}/retry", body=b"")
            heard = await there.until(4)
            assert [each.said["data"]["task_id"] for each in heard[2:]] == 2 * [again["task_id"]]


@pytest.mark.gen_test(timeout=300)
@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_whenever_the_server_is_killed_each_event_arrives_with_one_id(tmp_path: Path, kills: int) -> None:
    """The receiver takes nothing until the server has died over its messages so many times."""
    chance = random.Random(kills)
    async with receiver("hangs") as there:
        server = allowing(tmp_path, there)
        tasks: list[str] = []
        for number in range(kills):
            with server:
                api = Api(server.url)
                heard = len(there.heard)
                tasks += [(await upload(api, there.url, 2 * number + each))[1]["task_id"] for each in range(2)]
                there.how = chance.choice(["hangs", "fails", "takes"])
                await there.until(heard + 1)
                await asyncio.sleep(chance.uniform(0, 0.3))  # any instant will do
                server.kill()
        there.how = "takes"
        with server:
            api = Api(server.url)
            for task_id in tasks:
                await api.finished(task_id)
            async with asyncio.timeout(DEADLINE_SECONDS):
                while ended_of(there) != set(tasks):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            shown = (await messages(api, server, "?limit=100"))["messages"]
        bodies = {(each.message_id, each.body) for each in there.heard}
        assert len({message_id for message_id, _ in bodies}) == len(bodies), "an id stands for one message"
        assert {each["message_id"] for each in shown} <= {message_id for message_id, _ in bodies}
        for task_id in tasks:
            types = [
                json.loads(body)["type"] for _, body in bodies if json.loads(body)["data"]["task_id"] == task_id
            ]
            assert types.count("task.started") >= 1 and len(ENDED & set(types)) == 1
            firsts = list(dict.fromkeys(e.message_id for e in there.heard if e.said["data"]["task_id"] == task_id))
            order = [each["message_id"] for each in shown[::-1] if each["task_id"] == task_id]
            assert firsts == order or len(shown) == 100, "in order"
