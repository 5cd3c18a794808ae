"""What people meet when a video's time is over: first without its files, then without its row."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

KEPT_SECONDS = 6


async def without(api: Api, task_id: str, field: str) -> tuple[int, Any]:
    """The answer about the task once this field of it has gone."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (found := await api.call("GET", f"/api/video/{task_id}/status"))[1].get(field):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


@pytest.mark.gen_test(timeout=90)
async def test_an_expired_task_says_so_and_is_forgotten_as_long_again_after_that(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", keep_days=KEPT_SECONDS / 86_400) as server:
        api = await Api(server.url).open_page()
        task_id = (await api.upload(photo(), Idempotency_Key="key"))[1]["task_id"]
        done = await api.finished(task_id)
        assert (done["status"], done["video_url"] is None, done["video"] is None) == ("succeeded", False, False)

        _, expired = await without(api, task_id, "video_url")
        assert (expired["status"], expired["video"], expired["image"]["thumbnail_url"]) == ("succeeded", None, None)
        assert expired["version"] > done["version"]
        assert expired["expires_at"] > done["expires_at"]
        for method, path in (("GET", "video"), ("GET", "thumbnail"), ("POST", "view"), ("POST", "retry")):
            body = b"" if method == "POST" else None
            code, problem = await api.call(method, f"/api/video/{task_id}/{path}", body=body)
            assert (code, problem["code"]) == (410, "expired"), path
        await eventually(lambda: not any((server.data_dir / "videos").iterdir()), "its video is gone")
        assert (await api.upload(photo(), Idempotency_Key="key"))[1]["task_id"] == task_id

        assert (await without(api, task_id, "task_id"))[0] == 404
        code, fresh = await api.upload(photo(), Idempotency_Key="key")
        assert (code, fresh["task_id"] != task_id) == (202, True), "its key is free again"
