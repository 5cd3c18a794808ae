"""A label that is burned in by a real server that is killed half way: nothing stays of it, and the next one can."""

import json
from pathlib import Path

import pytest

from tests.live_server import Api, LiveServer, eventually
from tests.pictures import photo
from tests.processes import lives

pytestmark = pytest.mark.long


@pytest.mark.slow
@pytest.mark.gen_test(timeout=120)
async def test_a_server_killed_while_a_label_is_burned_in_leaves_no_file(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", clip_seconds=40, clip_height=480) as server:
        api = await Api(server.url).open_page()
        _, task = await api.upload(photo(1))
        await api.finished(task["task_id"])
        asked = json.dumps({"label": "For Anna", "burn_label": True})
        code, link = await api.call("POST", f"/api/video/{task['task_id']}/links", body=asked)
        assert code == 201, link
        view = f"/api/watch/{link['url'].rpartition('/')[2]}/view"
        code, refused = await api.call("POST", view, body="")
        assert (code, refused["code"]) == (503, "link_not_ready")
        parts = tmp_path / "data" / "tmp"
        await eventually(lambda: any(part.stat().st_size for part in parts.glob("*.part")), "a copy half made")
        children = server.children()
        server.kill()
        await eventually(lambda: not any(map(lives, children)), "the helper has ended with its server")
        server.settings["port"] = int(server.url.rpartition(":")[2])
        server.start()
        assert not list(parts.iterdir())
        videos = tmp_path / "data" / "videos"
        assert len(list(videos.iterdir())) == 1, "the video, and no copy"
        assert (await api.call("POST", view, body=""))[0] == 503
        await eventually(lambda: len(list(videos.iterdir())) == 2, "the copy")
        assert (await api.call("POST", view, body=""))[0] == 200
        server.kill()
        server.start()
        assert (await api.call("POST", view, body=""))[0] == 200, "what was made is kept over a restart"
