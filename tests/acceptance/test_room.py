"""Whose bytes go where room is needed, over HTTP: networks, sessions and pins."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_commands import command, uploaded
from tests.live_server import Api, LiveServer, eventually
from tests.pictures import photo

pytestmark = pytest.mark.long

PROXIED = {"trusted_proxies": "127.0.0.1,::1"}
SPACIOUS = {"model": "tests.models.plain:Tiny"}


def networks(server: LiveServer) -> list[str | None]:
    """The network of each task, as it was written down; None for this machine's own, which tells nobody apart."""
    with closing(sqlite3.connect(server.data_dir / "leyline.db")) as connection:
        return [network for (network,) in connection.execute("SELECT network FROM tasks ORDER BY number")]


class Elsewhere(Api):
    """A browser behind a trusted proxy, at this address."""

    def __init__(self, url: str, address: str) -> None:
        super().__init__(url)
        self._address = address

    async def request(self, method: str, path: str, **options: Any) -> Any:
        headers = {"X-Forwarded-For": self._address, **options.pop("headers", {})}
        return await super().request(method, path, headers=headers, **options)


@pytest.mark.gen_test(timeout=60)
async def test_a_task_remembers_the_network_it_came_from(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", **PROXIED, **SPACIOUS) as server:
        for address in ("203.0.113.7", "2001:db8:1:2:3:4:5:6", "::ffff:198.51.100.9", "127.0.0.1"):
            api = await Elsewhere(server.url, address).open_page()
            (task_id,) = await uploaded(api, 1)
            await api.finished(task_id)
            await api.finished((await command(api, task_id, "retry"))[1]["task_id"])
        told = networks(server)
        assert told[::2] == told[1::2] == ["203.0.113.7", "2001:db8:1:2::/64", "198.51.100.9", None]
        shown = (await api.call("GET", "/api/video/"))[1]["tasks"][0]
        assert "network" not in shown, "nobody is told"


@pytest.mark.gen_test(timeout=90)
async def test_six_uploads_do_not_remove_a_strangers_video(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data", **PROXIED, **SPACIOUS)
    with server:
        stranger = await Elsewhere(server.url, "192.0.2.1").open_page()
        (theirs,) = await uploaded(stranger, 0)
        task = await stranger.finished(theirs)
        server.stop()
        folders = [server.data_dir / name for name in ("pictures", "videos")]
        held = sum(path.stat().st_size for folder in folders for path in folder.iterdir())
        server.settings |= {"keep_gb": 3.5 * held / 1e9, "keep_days": 100 / 86_400}  # looked after every 10 s
        server.start()
        stranger.url = server.url
        churner = await Elsewhere(server.url, "203.0.113.7").open_page()
        made = await uploaded(churner, *range(1, 7))
        for task_id in made:
            await churner.finished(task_id)
        await eventually(lambda: server.log().count("event=expired") >= 4, "room to be made", seconds=80)
        assert (await stranger.status(theirs))["video_url"] == task["video_url"]
        left = [bool((await churner.status(task_id))["video_url"]) for task_id in made]
        assert left == sorted(left) and sum(left) <= 2, "the oldest of who holds most went"


@pytest.mark.gen_test(timeout=60)
async def test_a_video_is_pinned_and_unpinned(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", **SPACIOUS) as server:
        api = await Api(server.url).open_page()
        (task_id,) = await uploaded(api, 1)
        done = await api.finished(task_id)
        assert (done["pinned"], done["expires_at"] is None) == (False, False)
        once, twice = await command(api, task_id, "pin"), await command(api, task_id, "pin")
        assert once == twice == (200, {**done, "pinned": True, "expires_at": None, "version": once[1]["version"]})
        once, twice = await command(api, task_id, "unpin"), await command(api, task_id, "unpin")
        assert once == twice and once[1]["expires_at"] > done["expires_at"]
        stranger = await Api(server.url).open_page()
        assert (await command(stranger, task_id, "pin"))[0] == 404
        await command(api, task_id, "trash")
        code, problem = await command(api, task_id, "pin")
        assert (code, problem["code"]) == (409, "in_trash")


@pytest.mark.gen_test(timeout=60)
async def test_one_network_pins_at_most_a_quarter(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", **PROXIED, **SPACIOUS, keep_gb=1e-6) as server:  # of which 250 bytes
        api = await Elsewhere(server.url, "203.0.113.7").open_page()
        code, task = await api.upload(photo())
        assert code == 202
        done = await api.finished(task["task_id"])
        assert done["video"]["bytes"] > 250
        code, problem = await command(api, task["task_id"], "pin")
        assert (code, problem["code"]) == (409, "pin_limit")
