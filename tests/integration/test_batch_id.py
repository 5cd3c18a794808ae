"""The client's own word for what it sends together: kept by each task, and what its list can be narrowed to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from leyline.client.sync import LeylineClient
from tests.live_server import Api, LiveServer, form
from tests.pictures import photo


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with LiveServer(tmp_path_factory.mktemp("batches") / "data") as running:
        yield running


async def send(api: Api, batch_id: str) -> Any:
    body, content_type = form(photo(), batch_id=batch_id)
    status, task = await api.call("POST", "/api/video/upload/", body=body, headers={"Content-Type": content_type})
    assert status == 202, task
    return task


async def listed(api: Api, query: str) -> Any:
    status, answer = await api.call("GET", f"/api/video/{query}")
    assert status == 200, answer
    return [task["task_id"] for task in answer["tasks"]], answer["next"]


@pytest.mark.gen_test
async def test_a_list_can_be_narrowed_to_one_batch_of_ones_own(server: LiveServer) -> None:
    mine, other = await Api(server.url).open_page(), await Api(server.url).open_page()
    words = ["Süd & <b>", "north", "Süd & <b>", ""]
    sent = [await send(mine, word) for word in words]
    await send(other, "north")
    assert [task["batch_id"] for task in sent] == [word or None for word in words]
    south = quote("Süd & <b>")
    ids = [task["task_id"] for task in sent]
    assert await listed(mine, f"?batch_id={south}") == ([ids[2], ids[0]], None)
    assert await listed(mine, f"?batch_id={south}&limit=1") == ([ids[2]], ids[2])
    assert await listed(mine, f"?batch_id={south}&before={ids[2]}") == ([ids[0]], None)
    assert await listed(mine, "?batch_id=north") == ([ids[1]], None)
    assert await listed(mine, "?batch_id=nobody") == ([], None)
    assert len((await listed(mine, "?batch_id="))[0]) == 4
    assert (await mine.call("GET", f"/api/video/?batch_id={'x' * 65}"))[1]["code"] == "bad_request"


@pytest.mark.gen_test
async def test_trying_again_and_a_restart_keep_the_batch(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data") as server:
        api = await Api(server.url).open_page()
        task = await api.finished((await send(api, "holiday"))["task_id"])
        status, again = await api.call("POST", f"/api/video/{task['task_id']}/retry", body="")
        assert (status, again["batch_id"]) == (202, "holiday")
        server.stop()
        server.start()
        api.url = server.url
        assert {(await api.status(each["task_id"]))["batch_id"] for each in (task, again)} == {"holiday"}


def test_a_script_names_its_batch(server: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "a.jpg"
    picture.write_bytes(photo())
    with LeylineClient(server.url) as leyline:
        assert leyline.submit(picture, batch_id="of a script")["batch_id"] == "of a script"
        assert leyline.submit(picture)["batch_id"] is None
