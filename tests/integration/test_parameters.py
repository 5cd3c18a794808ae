"""What people choose for a picture, from the upload to the model: a real server, and a real model process."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leyline.client import LeylineClient
from leyline.client.remote import Refused
from leyline.parameters.schema import Schema
from leyline.processes.states import ChildState
from model_proc.parameters import schema_of
from tests.live_server import Api, LiveServer, eventually, form
from tests.models.choosing import Chooses, ChoosesLess
from tests.pictures import photo
from tests.uploads import RawUpload

pytestmark = pytest.mark.slow

MODELS = "tests.models.choosing:"
CHOSEN = {"prompt": "Wind\n„sanft“", "direction": "out", "seconds": 2.5}
DEFAULTS = {"prompt": "", "direction": "in", "seconds": 6, "frames": 8, "loop": True}
LESS = {"prompt": "", "seconds": 2, "strength": 5}  # the defaults of `ChoosesLess`
OPERATOR = "operator"


def server_of(folder: Path, model: str, **settings: Any) -> LiveServer:
    server = LiveServer(folder / "data", model=MODELS + model, operator_token=OPERATOR, **settings)
    server.environment |= {"CHOSEN": str(folder / "chosen"), "SLOW_LOAD_UNTIL": str(folder / "loaded")}
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One whose model lets people choose."""
    folder = tmp_path_factory.mktemp("chooses")
    with server_of(folder, "Chooses", model_about="It moves.") as running:
        yield running


async def page(server: LiveServer) -> Api:
    """A session of its own, once the model has been loaded."""
    api = await Api(server.url).open_page()
    await api.model()
    return api


async def upload(api: Api, parameters: Any = None, *, after: bool = False, **headers: str) -> tuple[int, Any]:
    """The answer to a picture with these parameters before it, or after it."""
    text = parameters if isinstance(parameters, str) else json.dumps(parameters, ensure_ascii=False)
    fields = {} if parameters is None else {"parameters": text}
    body, content_type = form(photo(), **(fields if not after else {}))
    if after:
        boundary = content_type.partition("boundary=")[2].encode()
        part = b'\r\nContent-Disposition: form-data; name="parameters"\r\n\r\n' + text.encode() + b"\r\n--"
        body = body.removesuffix(b"--\r\n") + part + boundary + b"--\r\n"
    named = {"Content-Type": content_type} | {key.replace("_", "-"): value for key, value in headers.items()}
    return await api.call("POST", "/api/video/upload/", body=body, headers=named)


async def retry(api: Api, task: Any, body: Any = None) -> tuple[int, Any]:
    data = b"" if body is None else json.dumps(body).encode()
    return await api.call("POST", f"/api/video/{task['task_id']}/retry", body=data)


def given(server: LiveServer) -> list[Any]:
    """What the model was given, run by run."""
    path = server.data_dir.parent / "chosen"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def all_of(api: Api) -> list[Any]:
    found: list[Any] = (await api.call("GET", "/api/video/"))[1]["tasks"]
    return found


# What may be chosen


@pytest.mark.gen_test(timeout=60)
async def test_what_may_be_chosen_is_told_to_everybody(server: LiveServer) -> None:
    api = Api(server.url)
    model = await api.model()
    assert model == {
        "name": f"{MODELS}Chooses",
        "state": "ready",
        "detail": "",
        "processes": {state.value: int(state is ChildState.READY) for state in ChildState},
        "about": "It moves.",
        "schema": json.loads(schema_of(Chooses.Parameters)),
    }
    first = await api.request("GET", "/api/model")
    again = await api.request("GET", "/api/model", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.code, again.code, again.body) == (200, 304, b"")


@pytest.mark.gen_test(timeout=60)
async def test_the_socket_says_which_schema_there_is(server: LiveServer) -> None:
    api = await page(server)
    socket = await api.socket()
    digest = hashlib.sha256(schema_of(Chooses.Parameters).encode()).hexdigest()[:12]
    told = {"detail": "", "name": f"{MODELS}Chooses", "schema": digest}
    ready, busy = (
        {state.value: int(state is one) for state in ChildState} for one in (ChildState.READY, ChildState.BUSY)
    )
    assert (await socket.until("hello"))["model"] == {**told, "state": "ready", "processes": ready}
    await api.upload(photo())
    assert await socket.until("model") == {**told, "state": "busy", "processes": busy}
    socket.close()


@pytest.mark.gen_test(timeout=60)
async def test_a_model_without_parameters_has_nothing_to_choose(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "data", model="tests.models.plain:Tiny") as server:
        api = await page(server)
        assert (await api.model())["schema"]["properties"] == {}
        task = await api.finished((await api.upload(photo()))[1]["task_id"])
        assert (task["status"], task["parameters"]) == ("succeeded", {})
        code, problem = await upload(api, {"prompt": "x"})
        assert (code, problem["detail"]) == (422, "This model has nothing to choose.")


# Upload


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("after", [False, True])
async def test_what_is_chosen_gets_to_the_model_complete(server: LiveServer, after: bool) -> None:
    api = await page(server)
    code, task = await upload(api, CHOSEN, after=after)
    seed = task["parameters"]["seed"]
    assert (code, task["parameters"]) == (202, {**DEFAULTS, **CHOSEN, "seed": seed})
    done = await api.finished(task["task_id"])
    assert (done["status"], done["parameters"]) == ("succeeded", task["parameters"])
    assert given(server)[-1] == task["parameters"]


@pytest.mark.gen_test(timeout=60)
async def test_what_is_not_chosen_takes_its_default_and_a_seed_of_its_own(server: LiveServer) -> None:
    api = await page(server)
    tasks = [(await upload(api, chosen))[1] for chosen in (None, {}, "", {"seed": None})]
    seeds = [task["parameters"].pop("seed") for task in tasks]
    assert [task["parameters"] for task in tasks] == [DEFAULTS] * 4
    assert len({seed for seed in seeds if isinstance(seed, int)}) == 4


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("after", [False, True])
async def test_what_does_not_fit_is_refused_at_its_fields_and_leaves_nothing(
    server: LiveServer, after: bool
) -> None:
    api = await page(server)
    code, problem = await upload(api, {"seconds": 99, "loop": True, "promt": ""}, after=after)
    assert (code, problem["code"], problem["retryable"]) == (422, "bad_parameters", False)
    assert problem["errors"] == [
        {"pointer": "/seconds", "detail": "Length must be a number from 1 to 12 s, in steps of 0.5."},
        {"pointer": "/promt", "detail": "There is no parameter “promt”. Did you mean “prompt”?"},
    ]
    assert problem["detail"] == " ".join(error["detail"] for error in problem["errors"])
    assert await all_of(api) == []
    await eventually(lambda: not list((server.data_dir / "tmp").iterdir()), "its file is gone")


@pytest.mark.gen_test(timeout=60)
async def test_what_comes_before_the_file_is_refused_before_the_file_is_taken(server: LiveServer) -> None:
    await page(server)
    async with RawUpload(server.url, photo(size=(2000, 2000)), parameters='{"seconds": 99}') as sending:
        await sending.send(0.01)  # of what follows the field, nothing comes
        code, problem, _ = await sending.answer()
    assert (code, problem["errors"][0]["pointer"]) == (422, "/seconds")


HOSTILE = ["[1]", "{", '{"loop": true, "loop": true}', '{"seconds": 1e400}', '{"seconds": NaN}', "[" * 7_000]


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("text", [*HOSTILE, '{"prompt": "' + "x" * 9_000 + '"}'], ids=lambda text: text[:20])
async def test_what_is_no_choice_at_all_is_one_sentence(server: LiveServer, text: str) -> None:
    code, problem = await upload(await page(server), text)
    assert (code, [error["pointer"] for error in problem["errors"]]) == (422, [""])


@pytest.mark.gen_test(timeout=60)
async def test_two_fields_of_parameters_are_refused(server: LiveServer) -> None:
    body, content_type = form(photo(), parameters="{}")
    field, _, rest = body.partition(b"\r\n--")
    sent = {"body": field + b"\r\n" + field + b"\r\n--" + rest, "headers": {"Content-Type": content_type}}
    code, problem = await Api(server.url).call("POST", "/api/video/upload/", **sent)
    assert (code, problem["code"]) == (400, "bad_request")


# The idempotency key


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("with_session", [True, False])
async def test_a_key_stands_for_the_picture_and_what_was_sent_with_it(
    server: LiveServer, with_session: bool
) -> None:
    api = await page(server) if with_session else Api(server.url)
    key = f"key of {with_session}"
    code, task = await upload(api, {"prompt": "a\r\nb", "seconds": 2.0}, Idempotency_Key=key)
    again = await upload(api, '{ "seconds":2, "prompt":"a\\nb" }', after=True, Idempotency_Key=key)
    assert (code, again[0], again[1]["task_id"]) == (202, 200, task["task_id"])
    assert again[1]["parameters"] == task["parameters"], "the seed too"
    for other in ({"prompt": "a\nb"}, {"prompt": "a\nb", "seconds": 2, "seed": task["parameters"]["seed"]}, None):
        code, problem = await upload(api, other, Idempotency_Key=key)
        assert (code, problem["code"]) == (422, "key_reused")
        assert "other parameters" in problem["detail"]


@pytest.mark.gen_test(timeout=60)
async def test_a_key_without_parameters_stands_for_none(server: LiveServer) -> None:
    api = await page(server)
    first, second, other = [
        await upload(api, chosen, Idempotency_Key="key") for chosen in (None, {}, {"loop": False})
    ]
    assert (first[0], second[0], other[0]) == (202, 200, 422)
    assert first[1]["parameters"] == second[1]["parameters"]


# Retry


@pytest.mark.gen_test(timeout=60)
async def test_a_retry_makes_the_same_or_what_is_chosen_anew(server: LiveServer) -> None:
    api = await page(server)
    task = (await upload(api, {**CHOSEN, "seed": 7}))[1]
    await api.finished(task["task_id"])
    for body in (None, {}, {"parameters": None}):
        code, same = await retry(api, task, body)
        assert (code, same["parameters"]) == (202, task["parameters"])
    code, changed = await retry(api, task, {"parameters": {"prompt": "Rain"}})
    seed = changed["parameters"]["seed"]
    assert (code, changed["parameters"]) == (202, {**DEFAULTS, "prompt": "Rain", "seed": seed})
    assert changed["retry_of"] == task["task_id"]
    await api.finished(changed["task_id"])
    assert given(server)[-1] == changed["parameters"]


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("chosen", [{"seconds": 0}, {"nothing": 1}, [], "x", 3, {"prompt": "\ud800"}], ids=str)
async def test_a_retry_that_chooses_badly_makes_no_task(server: LiveServer, chosen: Any) -> None:
    api = await page(server)
    task = await api.finished((await upload(api))[1]["task_id"])
    code, problem = await retry(api, task, {"parameters": chosen})
    assert (code, problem["code"]) in ((422, "bad_parameters"), (400, "bad_request"))
    assert len(await all_of(api)) == 1


# The client


@pytest.mark.gen_test(timeout=60)
async def test_the_client_chooses_is_told_what_is_wrong_and_chooses_anew(
    server: LiveServer, tmp_path: Path
) -> None:
    picture = tmp_path / "beach.jpg"
    picture.write_bytes(photo())
    await page(server)
    async with LeylineClient(server.url) as leyline:
        assert next(iter((await leyline.model())["schema"]["properties"])) == "prompt"
        with pytest.raises(Refused) as refused:
            await leyline.submit(picture, parameters={"seconds": 99})
        assert refused.value.errors == {"/seconds": "Length must be a number from 1 to 12 s, in steps of 0.5."}
        task = await leyline.submit(picture, parameters=CHOSEN)
        assert {**task["parameters"], **CHOSEN} == task["parameters"]
        await Api(server.url).finished(task["task_id"])
        again = await leyline.retry(task["task_id"])
        changed = await leyline.retry(task["task_id"], parameters={"loop": False})
    assert again["parameters"] == task["parameters"]
    assert changed["parameters"]["loop"] is False


# Other starts, other models


@pytest.mark.gen_test(timeout=60)
async def test_a_run_that_was_put_back_is_given_the_same(tmp_path: Path) -> None:
    with server_of(tmp_path, "FallsOver") as server:
        api = Api(server.url)
        task = await api.finished((await api.upload(photo()))[1]["task_id"])
        assert (task["status"], task["attempt"]) == ("succeeded", 2)
        first, second = given(server)
        assert first == second == task["parameters"]


@pytest.mark.gen_test(timeout=90)
async def test_until_it_is_known_what_may_be_chosen_nothing_is_and_at_the_next_start_it_is(tmp_path: Path) -> None:
    with server_of(tmp_path, "TakesItsTime") as server:
        api = await Api(server.url).open_page()
        told = (await api.call("GET", "/api/model"))[1]
        assert (told["state"], told["schema"]) == ("loading", None)
        body, content_type = form(photo(), parameters='{"prompt": "x"}')
        headers = {"Content-Type": content_type}
        refused = await api.request("POST", "/api/video/upload/", body=body, headers=headers)
        assert (refused.code, json.loads(refused.body)["code"]) == (503, "model_loading")
        assert int(refused.headers["Retry-After"]) > 0
        code, waiting = await api.upload(photo())
        assert (code, waiting["parameters"]) == (202, None)
        socket = await api.socket()
        assert (await socket.until("hello"))["model"]["schema"] is None
        (tmp_path / "loaded").touch()
        assert (await socket.until("model", lambda data: data["state"] == "ready"))["schema"]
        done = await api.finished(waiting["task_id"])
        assert done["parameters"] == {**DEFAULTS, "seed": done["parameters"]["seed"]} == given(server)[-1]
        assert server.stop() == 0
    (tmp_path / "loaded").unlink()
    with server_of(tmp_path, "TakesItsTime") as server:
        told = (await Api(server.url).call("GET", "/api/model"))[1]
        assert (told["state"], told["schema"]) == ("loading", json.loads(schema_of(Chooses.Parameters)))
        code, task = await upload(Api(server.url), CHOSEN)
        assert (code, task["parameters"]["prompt"]) == (202, CHOSEN["prompt"])
        server.kill()
    with server_of(tmp_path, "TakesItsTime", clip_seconds=2) as server:
        assert (await Api(server.url).call("GET", "/api/model"))[1]["schema"] is None, "of other options"


@pytest.mark.gen_test(timeout=90)
async def test_the_model_may_change_under_waiting_tasks(tmp_path: Path) -> None:
    bearer = {"Authorization": f"Bearer {OPERATOR}"}
    with server_of(tmp_path, "Chooses") as server:
        api = await page(server)
        await api.call("POST", "/api/queue/pause", headers=bearer)
        chosen = {"direction": "out", "seconds": 12, "prompt": "Wind"}
        task = (await upload(api, chosen, Idempotency_Key="of the old model"))[1]
        anything = (await upload(api))[1]
        assert server.stop() == 0
    with server_of(tmp_path, "ChoosesLess") as server:
        api.url = server.url
        assert (await api.model())["schema"] == json.loads(schema_of(ChoosesLess.Parameters))
        code, replay = await upload(api, chosen, Idempotency_Key="of the old model")
        assert (code, replay["task_id"]) == (200, task["task_id"]), "what was accepted stays so"
        await api.call("POST", "/api/queue/resume", headers=bearer)
        failed = await api.finished(task["task_id"])
        assert (failed["status"], failed["attempt"]) == ("failed", 1)
        assert (failed["error"]["code"], failed["error"]["retryable"]) == ("parameters_changed", True)
        assert "“Length”" in failed["error"]["detail"]
        assert "“direction”" in failed["error"]["detail"]
        whatever = await api.finished(anything["task_id"])
        assert (whatever["status"], whatever["parameters"]) == ("succeeded", {**LESS, "prompt": ""})
        assert given(server) == [whatever["parameters"]], "nothing else was handed to the model"
        code, again = await retry(api, failed)
        assert (code, again["parameters"]) == (202, {**LESS, "prompt": "Wind"})
        assert (await api.finished(again["task_id"]))["status"] == "succeeded"
        assert given(server)[1:] == [again["parameters"]]


@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("SaysNoTitle", "Parameters.loop: title is missing"),
        ("SaysTooMuch", "Parameters say more than the pipe"),
        ("NamesInGerman", "größe must have a name of"),
    ],
)
async def test_a_model_that_says_badly_what_may_be_chosen_is_told_in_the_log(
    tmp_path: Path, model: str, said: str
) -> None:
    with server_of(tmp_path, model) as server:
        await eventually(lambda: "event=model_load_failed" in server.log(), "it could not be loaded")
        assert said in server.log()
        told = (await Api(server.url).call("GET", "/api/model"))[1]
        assert (told["schema"], "could not be loaded" in told["detail"] or told["state"] == "loading") == (
            None,
            True,
        )


def test_the_schema_of_the_test_model_is_one() -> None:
    assert Schema(schema_of(ChoosesLess.Parameters)).complete({}) == LESS
