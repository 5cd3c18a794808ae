"""A picture with a prompt through the real server to a real pipeline: uploaded, followed, canceled, played."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from tests.browser.watching import WatchingPage, watching_browser
from tests.live_server import DEADLINE_SECONDS, Api, LiveServer, Socket, form, tab
from tests.pictures import photo
from tests.real_models.tiny_pipelines import save

pytestmark = pytest.mark.filterwarnings("default")

OPTIONS = {"size": 32, "steps": 3, "frames": 9}
QUICK = {"ltx": 500, "wan": 500}  # steps that may be chosen: a hundred take less time than two words of progress
HAS_FIELDS = """
  if (document.querySelector("#next-prompt")) return "words";
  return document.querySelector(".form-more") && "none";
"""
PATIENCE_SECONDS = 6 * DEADLINE_SECONDS  # on a processor that others use too


@pytest.fixture(scope="module", params=["ltx", "wan", "svd"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server whose model is this pipeline, as a user starts it."""
    folder = tmp_path_factory.mktemp(request.param)
    save(request.param, folder / "pipeline")
    options = OPTIONS | {"steps": QUICK.get(request.param, OPTIONS["steps"])}
    server = LiveServer(folder / "data", model="diffusers", model_options=json.dumps(options))
    server.command = (*server.command, "--model-option", f"repo={folder / 'pipeline'}")
    server.environment = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    with server:
        yield server


async def schema(api: Api, socket: Socket) -> dict[str, Any]:
    """What can be chosen, once the model has said it."""
    if (await api.call("GET", "/api/model"))[1]["schema"] is None:
        await socket.until("model", lambda model: model["schema"])
    told = (await api.call("GET", "/api/model"))[1]
    assert told["name"] == "diffusers"
    found: dict[str, Any] = told["schema"]["properties"]
    return found


async def upload(api: Api, **parameters: Any) -> Any:
    body, kind = form(photo(), parameters=json.dumps(parameters))
    code, task = await api.call("POST", "/api/video/upload/", body=body, headers={"Content-Type": kind})
    assert code == 202, task
    return task


async def finished(api: Api, task_id: str) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (task := await api.status(task_id))["finished_at"] is None:
            await api.call("GET", f"/api/video/{task_id}/status", headers={"Prefer": "wait=5"})
    return task


def words(choices: dict[str, Any], text: str) -> dict[str, str]:
    return {"prompt": text} if "prompt" in choices else {}


@pytest.mark.gen_test(timeout=PATIENCE_SECONDS)
async def test_a_video_is_made_step_by_step_and_can_be_played(served: LiveServer) -> None:
    async with tab(served) as (api, socket):
        choices = await schema(api, socket)
        # The others are quick, and five words a second are passed on.
        steps = 3 if "motion" in choices else choices["steps"]["maximum"]
        chosen = {"seed": 5, "steps": steps, **words(choices, "The sea begins to move.")}
        task = await upload(api, **chosen)
        done = await finished(api, task["task_id"])
        assert (done["status"], done["error"]) == ("succeeded", None)
        assert done["parameters"] == {name: choice["default"] for name, choice in choices.items()} | chosen
        await socket.until("task_status", lambda told: told.get("status") == "succeeded")
        told = [message["data"] for message in socket.heard if message["event"] == "task_status"]
        steps_seen = {each["progress"] for each in told if each.get("stage") == "denoising"}
        assert steps_seen
        ways = [88 * step / steps for step in range(steps + 1)]
        assert all(min(abs(way - seen) for way in ways) < 0.06 for seen in steps_seen), "step by step"
        (video,) = (served.data_dir / "videos").rglob(f"{task['task_id']}*.mp4")
        with av.open(str(video)) as played:
            frames = [frame.to_ndarray(format="rgb24") for frame in played.decode(video=0)]
        assert len(frames) == 9
        assert frames[0].shape == (done["video"]["height"], done["video"]["width"], 3)


@pytest.mark.gen_test(timeout=PATIENCE_SECONDS)
async def test_a_cancel_is_heard_between_steps_and_the_process_stays(served: LiveServer) -> None:
    async with tab(served) as (api, socket):
        choices = await schema(api, socket)
        task = await upload(api, steps=choices["steps"]["maximum"], **words(choices, "A storm."))
        await socket.until("task_status", lambda told: told.get("stage") == "denoising")
        pid = served.model_pid()
        code, _ = await api.call("POST", f"/api/video/{task['task_id']}/cancel", body=b"")
        assert code in (200, 202)
        done = await finished(api, task["task_id"])
        assert done["status"] == "canceled"
        again = await finished(api, (await upload(api, steps=1, seed=1))["task_id"])
        assert again["status"] == "succeeded"
        assert served.model_pid() == pid, "it was not killed for it"


@pytest.mark.gen_test(timeout=PATIENCE_SECONDS)
async def test_what_the_pipeline_does_not_take_is_refused_at_once(served: LiveServer) -> None:
    async with tab(served) as (api, socket):
        choices = await schema(api, socket)
        for wrong in ({"steps": 0}, {"weather": "fair"}):
            body, kind = form(photo(), parameters=json.dumps(wrong))
            code, problem = await api.call("POST", "/api/video/upload/", body=body, headers={"Content-Type": kind})
            assert (code, problem["code"]) == (422, "bad_parameters")
        assert ("prompt" in choices) == ("motion" not in choices)


def test_on_the_page_a_prompt_is_typed_and_the_video_plays(served: LiveServer, tmp_path: Path) -> None:
    picture = tmp_path / "beach.jpg"
    picture.write_bytes(photo())
    with watching_browser() as browser:
        page = WatchingPage(browser, served.url).open()
        assert isinstance(page, WatchingPage)
        takes_words = page.until(lambda: page.script(HAS_FIELDS), "the form") == "words"
        if takes_words:
            page.one("#next-prompt").send_keys("The sea begins to move.")
        page.choose(picture)
        page.until(lambda: page.cards("succeeded"), "the video", PATIENCE_SECONDS)
        assert not takes_words or "The sea begins to move." in page.card("succeeded").text
        page.click(".card-play")
        page.playing()
        assert page.video("videoWidth") % 8 == 0


def test_weights_that_are_not_here_are_told_in_the_log_and_waited_for(tmp_path: Path) -> None:
    server = LiveServer(tmp_path / "data", model="diffusers")
    server.command = (*server.command, "--model-option", "repo=Lightricks/LTX-Video")
    with server:
        said = asyncio.run(_failed(server))
    assert said["detail"] == "The model could not be loaded. The server's log says why."
    assert "`hf download Lightricks/LTX-Video --include" in server.log()


async def _failed(server: LiveServer) -> Any:
    async with tab(server) as (_, socket):
        return await socket.until("model", lambda model: model["state"] == "failed")
