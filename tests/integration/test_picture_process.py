"""The real helper process: one answer for each picture, in its turn, within limits, and gone with the server."""

import asyncio
import contextlib
import itertools
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from leyline import errors
from leyline.pictures.loop import NICENESS, SPARE_MEMORY_BYTES
from leyline.pictures.pool import PicturePool, Prepared
from leyline.pictures.room import needed_bytes
from tests.integration.fuzz_pictures import MOST_BYTES, fuzz
from tests.integration.helper_bench import DEADLINE, HelperBench, Slow, lives, running
from tests.live_server import eventually
from tests.picture_samples import SAMPLES, private, sample
from tests.pictures import FORMATS, grainy, probe, saved, snapshot

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LIBRARIES_BYTES = 400 * 2**20  # what they map, not what they use
TRIES = 3  # the machine may be busy with other things


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_pictures_are_prepared_one_after_the_other_in_the_order_of_asking(tmp_path):
    async with running(tmp_path) as bench:
        done, files = [], []
        for number in range(12):
            (tmp_path / str(number)).mkdir()
            files.append(HelperBench(tmp_path / str(number), bench.pool))

        async def send(number):
            file = snapshot(number, (1200, 900)) if number % 2 else sample("gif")
            prepared = await files[number].send(file)
            assert prepared == (Prepared(1200, 900) if number % 2 else Prepared(96, 64))
            done.append(number)

        await asyncio.gather(*(send(number) for number in range(12)))
        assert done == list(range(12))


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_the_refusals_of_the_helper_arrive_with_their_words_and_numbers(tmp_path):
    async with running(tmp_path, max_pixels=5000) as bench:
        refusal = await bench.refusal(sample("png"))
        assert isinstance(refusal, errors.TooManyPixels)
        assert refusal.extra == {"limit": 5000, "actual": 6144}
        assert isinstance(await bench.refusal(b""), errors.EmptyFile)
        assert isinstance(await bench.refusal(b"text"), errors.NotAPicture)
        assert isinstance(await bench.refusal(b"%PDF-1.7"), errors.UnsupportedFormat)
        assert isinstance(await bench.refusal(snapshot(1, (60, 60))[:-100]), errors.DamagedPicture)
        bench.picture.symlink_to("/dev/full")
        assert isinstance(await bench.refusal(snapshot(1, (60, 60))), errors.DiskLow)
        assert isinstance(await bench.refusal(tmp_path / "missing"), errors.Internal)


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_nothing_private_comes_out_of_the_helper(tmp_path):
    async with running(tmp_path) as bench:
        for file in private().values():
            await bench.send(file)
            assert b"SECRET" not in bench.picture.read_bytes() + bench.thumbnail.read_bytes()


# Waiting, leaving, stopping


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_who_sends_many_pictures_makes_others_wait_for_one_of_them(tmp_path):
    async with running(tmp_path) as bench:
        slow, done = Slow(tmp_path), []

        async def send(client):
            await bench.send(sample("jpeg"), client)
            done.append(client)

        first = asyncio.ensure_future(bench.refusal(slow.path))
        with await slow.is_read():
            others = [asyncio.ensure_future(send(client)) for client in ("somebody", "somebody", "somebody else")]
            await asyncio.sleep(0)
        await asyncio.gather(first, *others)
        assert done == ["somebody else", "somebody", "somebody"]


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_who_leaves_the_queue_does_not_hold_it_up(tmp_path):
    async with running(tmp_path) as bench:
        slow = Slow(tmp_path)
        first = asyncio.ensure_future(bench.refusal(slow.path))
        with await slow.is_read():
            second = asyncio.ensure_future(bench.send(sample("jpeg")))
            third = asyncio.ensure_future(bench.works())
            await asyncio.sleep(0)
            second.cancel()
        assert isinstance(await first, errors.EmptyFile)
        assert await third
        assert second.cancelled()


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_who_leaves_in_the_middle_has_left_only_when_nothing_is_written_any_more(tmp_path):
    async with running(tmp_path) as bench:
        helper = bench.pid
        slow = Slow(tmp_path)
        work = asyncio.ensure_future(bench.send(slow.path))
        with await slow.is_read():
            work.cancel()
            await asyncio.wait([work], timeout=0.1)
            assert not work.done()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert await bench.works()
        assert bench.pid == helper


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_stop_answers_everybody_and_leaves_no_process(tmp_path):
    async with running(tmp_path) as bench:
        slow = Slow(tmp_path)
        waiting = [asyncio.ensure_future(bench.refusal(slow.path)) for _ in range(3)]
        with await slow.is_read():
            helper = bench.pid
            await bench.pool.stop()
        assert [type(refusal) for refusal in await asyncio.gather(*waiting)] == [errors.Stopping] * 3
        assert not lives(helper)


# Several at once


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_second_helper_is_started_when_the_first_is_at_work_and_takes_the_next_picture(tmp_path):
    async with running(tmp_path, most=2) as bench:
        assert await bench.works()
        assert len(bench.pool.pids) == 1, "nobody needs two yet"
        slow = Slow(tmp_path)
        first = asyncio.ensure_future(bench.refusal(slow.path))
        with await slow.is_read():
            assert await bench.works(), "though the first is still read"
            assert not first.done()
            assert len(bench.pool.pids) == 2
        assert isinstance(await first, errors.EmptyFile)


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_pictures_that_have_no_room_together_are_decoded_one_after_the_other(tmp_path):
    """Three as large as the limit and as many helpers: never two of them in memory."""
    file = saved(probe((2000, 1500)), "PNG")
    async with running(tmp_path, most=3, max_pixels=3_000_000) as bench:
        inside, most_inside = 0, 0
        room_of = bench.pool._room.of

        @contextlib.asynccontextmanager
        async def counted(needed):
            nonlocal inside, most_inside
            async with room_of(needed):
                inside += 1
                most_inside = max(most_inside, inside)
                yield
                inside -= 1

        bench.pool._room.of = counted
        others = [HelperBench(tmp_path / str(number), bench.pool) for number in range(3)]
        for other in others:
            other.folder.mkdir()
        assert await asyncio.gather(*(other.send(file) for other in others)) == [Prepared(2000, 1500)] * 3
        assert len(bench.pool.pids) == 3
        assert most_inside == 1


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_there_are_no_more_helpers_than_processors_and_room(tmp_path):
    assert len(PicturePool(50_000_000)._processes) == min(len(os.sched_getaffinity(0)), 11)
    assert len(PicturePool(1_000_000)._processes) == 1


# The process itself


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_the_helper_is_limited_and_light(tmp_path):
    async with running(tmp_path) as bench:
        assert await bench.works()
        proc = Path(f"/proc/{bench.pid}")
        limits = {line[:26].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()}
        may_take = needed_bytes(96 * 64, len(sample("jpeg"))) + SPARE_MEMORY_BYTES
        assert may_take < int(limits["Max address space"]) < may_take + LIBRARIES_BYTES
        assert limits["Max core file size"] == "0"
        assert 10 <= int(limits["Max cpu time"]) <= 20
        libraries = (proc / "maps").read_text()
        assert not [name for name in ("sqlite", "tornado", "numpy", "cv2", "libavcodec") if name in libraries]
        assert os.getpriority(os.PRIO_PROCESS, bench.pid) == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_ctrl_c_is_left_to_the_server(tmp_path):
    async with running(tmp_path) as bench:
        assert await bench.works()
        helper = bench.pid
        os.kill(helper, signal.SIGINT)
        assert await bench.works()
        assert bench.pid == helper


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_repeated_pictures_grow_nothing(tmp_path):
    async with running(tmp_path) as bench:
        kept = []
        files = [make(probe((700, 500))) for make in FORMATS.values()] + [make() for make, _ in SAMPLES.values()]
        files += [FORMATS[name](grainy((300, 200)))[:-2000] for name in FORMATS]
        for _ in range(4):
            for file in files:
                with contextlib.suppress(errors.DamagedPicture):
                    await bench.send(file)
            assert await bench.works()
            kept.append(resident_bytes(bench.pid))
        assert kept[-1] < kept[0] + 4_000_000


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_pictures_of_a_storm_are_decoded_in_the_pages_of_those_before_and_given_back_after_it(tmp_path):
    async with running(tmp_path) as bench:
        file, faults = grainy_jpeg((2500, 1600)), []
        others = [HelperBench(tmp_path / str(number), bench.pool) for number in range(8)]

        async def send(other):
            other.folder.mkdir()
            await other.send(file)
            faults.append(page_faults(bench.pid))

        await asyncio.gather(*(send(other) for other in others))
        of_each = [after - before for before, after in itertools.pairwise(faults)]
        assert min(of_each) < 2_000, "anew, its pages would be 20,000"
        await eventually(lambda: resident_bytes(bench.pid) < 90_000_000, "the helper gives them back")


def grainy_jpeg(size):
    return saved(grainy(size), "JPEG", quality=90)


def page_faults(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[7])


def peak_bytes(pid):
    return int(Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


def resident_bytes(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_a_picture_as_large_as_the_limit_stays_within_its_memory(tmp_path):
    """The hungriest that is known: a lossless WebP with alpha."""
    async with running(tmp_path, max_pixels=12_000_000, work_seconds=DEADLINE) as bench:
        noise = grainy((1000, 1000), "RGBA")
        image = Image.new("RGBA", (4000, 3000), (1, 2, 3, 128))
        image.paste(noise, (0, 0))
        assert await bench.send(saved(image, "WEBP", lossless=True, quality=0, method=0)) == Prepared(4000, 3000)
        assert peak_bytes(bench.pid) < 290_000_000


@pytest.mark.long
@pytest.mark.gen_test(timeout=240)
async def test_mutated_pictures_are_answered_in_time_and_within_memory(tmp_path):
    """The beginning of what `make fuzz` does."""
    findings = await fuzz(1, range(500), tmp_path)
    assert not findings.bad
    assert findings.answers.total() == 500
    assert findings.answers["Prepared"] > 50
    assert findings.answers["DamagedPicture"] > 50
    assert findings.peak_bytes < MOST_BYTES


SERVER = """
import asyncio, sys
from pathlib import Path
from leyline.pictures.pool import PicturePool

async def main():
    pool = PicturePool(50_000_000)
    pool.start()
    print(*pool.pids, flush=True)
    source = Path(sys.argv[1])
    await pool.prepare(source, source.with_suffix(".1"), source.with_suffix(".2"), "somebody")

if __name__ == "__main__":
    asyncio.run(main())
"""


def server_with(picture):
    """A process that has a helper at work on a picture, and has printed the helper's id."""
    script = picture.with_name("server.py")
    script.write_text(SERVER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, script, picture], stdout=subprocess.PIPE, env=environment)


@pytest.mark.gen_test(timeout=DEADLINE)
async def test_when_the_server_is_killed_its_helper_ends_even_in_the_middle_of_a_picture(tmp_path):
    for number in range(TRIES):
        (tmp_path / str(number)).mkdir()
        if await ends_in_time(Slow(tmp_path / str(number))):
            return
    raise AssertionError("it outlives its server")


async def ends_in_time(slow):
    with server_with(slow.path) as server:
        helper = os.pidfd_open(int(server.stdout.readline()))
        with await slow.is_read():
            server.kill()
            ended, _, _ = select.select([helper], [], [], 2)
    os.close(helper)
    return ended
