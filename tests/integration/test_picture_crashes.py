"""A helper that crashes, hangs, lies or eats memory costs one picture an answer, and nothing else."""

import asyncio
import os
import signal
from time import monotonic

import pytest
from PIL import Image

from leyline import errors
from leyline.pictures import process
from leyline.pictures.process import Prepared
from leyline.processes import kept
from tests.integration import faulty_decoders
from tests.integration.helper_bench import DEADLINE, Slow, lives, running
from tests.live_server import eventually
from tests.picture_samples import sample
from tests.pictures import saved

pytestmark = pytest.mark.slow

WORK_SECONDS = 2.0  # enough for a good picture, however busy the machine is
ANSWER_SECONDS = 5.0  # the longest that anybody waits for an answer


async def killed_in_work(bench, number):
    """What a picture gets whose helper gets this signal in the middle, at every try."""
    slow = Slow(bench.folder)
    work = asyncio.ensure_future(bench.refusal(slow.path))
    while not work.done():
        reading = asyncio.ensure_future(slow.is_read())
        await asyncio.wait([work, reading], return_when=asyncio.FIRST_COMPLETED)
        if reading.done():
            os.kill(bench.pid, number)
            reading.result().close()
            await asyncio.wait([work], timeout=0.2)
        else:
            os.close(os.open(slow.path, os.O_RDONLY | os.O_NONBLOCK))  # nobody will: let the thread go
            (await reading).close()
    return work.result()


@pytest.mark.parametrize("crime", [crime for crime in faulty_decoders.CRIMES if crime != "answers"])
@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_decoder_that_misbehaves_costs_one_picture_an_answer_and_nothing_else(tmp_path, crime):
    async with running(tmp_path, target=faulty_decoders.criminal, work_seconds=WORK_SECONDS) as bench:
        first = bench.pid
        refusal = await bench.refusal(crime.encode())
        assert isinstance(refusal, errors.DamagedPicture)
        assert await bench.send(b"answers") == Prepared(3, 2)
        assert bench.pid != first


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_crash_of_the_real_helper_is_a_damaged_picture_at_once(tmp_path, number):
    async with running(tmp_path) as bench:
        refusal = await killed_in_work(bench, number)
        assert isinstance(refusal, errors.DamagedPicture)
        assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_killed_from_outside_tries_the_picture_again(tmp_path):
    async with running(tmp_path) as bench:
        slow = Slow(tmp_path)
        work = asyncio.ensure_future(bench.send(slow.path))
        with await slow.is_read():
            good = tmp_path / "good.part"
            good.write_bytes(sample("jpeg"))
            good.replace(slow.path)
            os.kill(bench.pid, signal.SIGKILL)
            assert await work == Prepared(96, 64)


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_killed_from_outside_again_and_again_is_not_the_pictures_fault(tmp_path):
    async with running(tmp_path) as bench:
        refusal = await killed_in_work(bench, signal.SIGKILL)
        assert isinstance(refusal, errors.PicturesBusy)
        assert refusal.retry_after_seconds
        assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_an_idle_helper_killed_costs_nobody_anything(tmp_path):
    async with running(tmp_path) as bench:
        for _ in range(3):
            assert await bench.works()
            os.kill(bench.pid, signal.SIGKILL)
            assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_frozen_helper_is_given_up_in_time_and_replaced(tmp_path):
    async with running(tmp_path, work_seconds=WORK_SECONDS) as bench:
        slow = Slow(tmp_path)
        begin = monotonic()
        work = asyncio.ensure_future(bench.refusal(slow.path))
        with await slow.is_read():
            frozen = bench.pid
            os.kill(frozen, signal.SIGSTOP)
            refusal = await work
        assert isinstance(refusal, errors.DamagedPicture)
        assert "too long" in refusal.detail
        assert monotonic() - begin < ANSWER_SECONDS
        assert not lives(frozen)
        assert await bench.works()


def many_scans(size, scans):
    """A progressive JPEG whose last scan is there again and again: small, and slow without end."""
    file = saved(Image.new("RGB", size, (200, 30, 30)), "JPEG", progressive=True)
    last = file.rindex(b"\xff\xda")
    return file[:last] + file[last:-2] * scans + file[-2:]


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_picture_that_takes_for_ever_is_given_up_in_time(tmp_path):
    file = many_scans((6000, 6000), 200)
    assert len(file) < 5_000_000
    async with running(tmp_path, work_seconds=WORK_SECONDS) as bench:
        refusal = await bench.refusal(file)
        assert "too long" in refusal.detail
        assert not bench.picture.exists()
        assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_picture_that_eats_memory_is_told_so_and_the_helper_lives(tmp_path):
    async with running(tmp_path, target=faulty_decoders.cramped) as bench:
        assert await bench.works()
        helper = bench.pid
        refusal = await bench.refusal(saved(Image.new("RGBA", (5000, 5000)), "PNG"))
        assert isinstance(refusal, errors.DamagedPicture)
        assert "memory" in refusal.detail
        assert await bench.works()
        assert bench.pid == helper


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_that_lost_memory_is_replaced_and_nobody_notices(tmp_path):
    async with running(tmp_path, target=faulty_decoders.leaky) as bench:
        helpers = set()
        for _ in range(4):
            helpers.add(bench.pid)
            assert await bench.works()
        assert len(helpers) > 1


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_that_is_never_ready_is_ended_and_its_pictures_are_answered(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "LOAD_SECONDS", 0.3)
    async with running(tmp_path, target=faulty_decoders.dawdles) as bench:
        first = bench.pid
        assert isinstance(await bench.refusal(sample("jpeg")), errors.PicturesBusy)
        assert not lives(first)


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_that_dies_before_its_first_picture_costs_nobody_anything(tmp_path):
    async with running(tmp_path) as bench:
        os.kill(bench.pid, signal.SIGKILL)
        assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_that_dies_before_its_first_picture_comes_back_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "LONGEST_PAUSE_SECONDS", 0.01)
    async with running(tmp_path) as bench:
        first = bench.pid
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: bench.pid not in (first, None), "there is another")
        assert await bench.works()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_helper_that_cannot_start_is_not_started_for_ever(tmp_path):
    async with running(tmp_path, target=faulty_decoders.dies_young) as bench:
        assert isinstance(await bench.refusal(sample("jpeg")), errors.PicturesBusy)
        assert bench.pid is None
