"""Many clients at once: uploads, sockets that listen, and sockets that do not.

`make load` runs all of them at full size, prints what each cost the web process, and fails when one cost too
much. It needs 5 GB of free disk space and takes about seven minutes. `test_load` runs fewer of them.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crowd import (
    Process,
    keep_uploading,
    padded,
    sockets,
    stopped,
    unlimited,
    until_only,
    upload,
    upload_together,
)
from tests.pictures import photo

UPLOADS_MB = 30  # what the web process may grow by under 200 uploads
SOCKET_KB = 20  # and by each idle socket
DEAF_KB = 30  # and by each that reads nothing: one frame, and a mark for each task


async def uploads_at_full_size(folder: Path) -> list[str]:
    too_much = []
    with unlimited(folder / "uploads") as server:
        process = Process(server)
        await upload_together(server, 1, photo())
        before_kb = process.resident_kb
        picture = padded(19_900_000)
        for name, seconds in (("at full speed", 0), ("again", 0), ("trickled in 120 s", 120)):
            answers = await upload_together(server, 200, picture, seconds)
            grown_mb = (process.peak_kb - before_kb) / 1024
            print(f"200 uploads of 20 MB {name}: {dict(answers)}, at most {grown_mb:.1f} MB more", flush=True)
            if grown_mb > UPLOADS_MB or set(answers) != {202}:
                too_much.append(name)
    return too_much


async def idle_sockets_at_full_size(folder: Path) -> list[str]:
    with unlimited(folder / "idle") as server:
        process = Process(server)
        before_kb = process.resident_kb
        async with sockets(server, 10_000) as opened:
            each_kb = (process.resident_kb - before_kb) / len(opened)
            cpu_seconds = process.cpu_seconds
            await asyncio.sleep(60)
            lost = sum(listener.lost.done() for listener in opened)
            idle = (process.cpu_seconds - cpu_seconds) / 60
        print(
            f"10,000 idle sockets: {each_kb:.1f} kB each, {idle:.1%} of a core, {lost} lost in a minute", flush=True
        )
    return ["idle sockets"] if each_kb > SOCKET_KB or lost else []


async def deaf_sockets_at_full_size(folder: Path) -> list[str]:
    with unlimited(folder / "deaf", model_seconds=120) as server:
        process, task_id = Process(server), await upload(server)
        before_kb = process.resident_kb
        async with (
            sockets(server, 1000, task_id=task_id, deaf=True),
            sockets(server, 1, task_id=task_id) as (listening,),
        ):
            talking = asyncio.create_task(keep_uploading(server, 5))
            before = listening.messages
            seconds = await until_only(server, 1, 90)
            rate = (listening.messages - before) / seconds
            await stopped(talking)
            alive = not listening.lost.done()
        each_kb = (process.peak_kb - before_kb) / 1000
        print(
            f"1,000 sockets that read nothing, {rate:.1f} updates/s: dropped after {seconds:.0f} s, "
            f"at most {each_kb:.1f} kB each",
            flush=True,
        )
    return ["deaf sockets"] if seconds > 60 or each_kb > DEAF_KB or not alive else []


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        too_much = [
            *await uploads_at_full_size(Path(folder)),
            *await idle_sockets_at_full_size(Path(folder)),
            *await deaf_sockets_at_full_size(Path(folder)),
        ]
    print(f"Too much: {', '.join(too_much)}" if too_much else "All within their bounds.")
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
