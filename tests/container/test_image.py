"""The image of the Dockerfile, run as compose.yaml says: it is nobody in particular, and keeps what it took."""

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.test_path import photo
from tests.container.engine import Container, podman
from tests.live_server import QUICK, Api


@pytest.fixture
def volume() -> Iterator[str]:
    name = f"leyline-{secrets.token_hex(4)}"
    yield name
    podman("volume", "rm", "--force", name)


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    name = f"leyline-{secrets.token_hex(4)}"
    with Container(name, **QUICK) as running:
        yield running
    podman("volume", "rm", "--force", name)


def test_its_server_is_not_root_and_can_write_nothing_but_its_data(container: Container) -> None:
    assert container.run("id", "-u").stdout.strip() == "1000"
    for path in ("/x", "/opt/leyline/x", "/home/leyline/x", "/etc/x"):
        refused = container.run("touch", path, check=False)
        assert "Read-only file system" in refused.stderr, path
    container.run("touch", "/data/x")
    container.run("rm", "/data/x")
    assert int(container.run("sed", "-n", r"s/^CapEff:\s*//p", "/proc/self/status").stdout, 16) == 0


def test_it_has_nothing_that_was_needed_to_build_it_only(container: Container) -> None:
    left = (
        "for path in /src /root/.cache /usr/bin/gcc /var/lib/apt/lists/*; do [ -e $path ] && echo $path; done; true"
    )
    assert container.run("sh", "-c", left).stdout == ""


def test_its_health_is_the_servers(container: Container) -> None:
    test = json.loads(podman("inspect", "--format", "{{json .Config.Healthcheck.Test}}", container.name).stdout)

    def is_healthy(**variables: str) -> bool:
        return container.run(*test[1:], check=False, **variables).returncode == 0

    assert test[0] == "CMD"
    assert is_healthy()
    assert not is_healthy(LEYLINE_PORT="1"), "where nothing listens"
    assert not is_healthy(LEYLINE_PORT="", PORT="1"), "as the server itself takes it from a platform"
    assert not is_healthy(LEYLINE_PATH="/elsewhere")


def test_a_doctor_finds_all_that_a_server_needs(container: Container) -> None:
    told = container.run("leyline", "doctor", check=False)
    assert told.returncode == 0, told.stdout + told.stderr


def test_its_operators_token_can_be_read(container: Container) -> None:
    assert len(container.run("cat", "/data/operator-token").stdout.strip()) == 64


def test_a_second_server_on_its_data_is_refused_in_a_sentence(container: Container) -> None:
    refused = container.run("leyline", "serve", "--port", "0", check=False)
    assert refused.returncode != 0
    assert "is in use by process" in refused.stderr


@pytest.mark.gen_test(timeout=300)
async def test_what_it_took_outlives_it(volume: str) -> None:
    slow: dict[str, Any] = QUICK | {"model_seconds": 600}
    with Container(volume, **slow) as container:
        api = Api(container.url)
        task_id = (await api.upload(photo(320, 240)))[1]["task_id"]

        task, address = {"status": "queued"}, f"/api/video/{task_id}/status"
        while task["status"] == "queued":
            _, task = await api.call("GET", address, headers={"Prefer": "wait=25"})
        assert container.stop() == 0, "by itself, within what compose.yaml gives it"
        assert "event=stopped" in container.log()
    with Container(volume, **QUICK) as container:
        task = await Api(container.url).finished(task_id)
        assert (task["status"], task["attempt"]) == ("succeeded", 1)
