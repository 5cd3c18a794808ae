"""`make cluster`: a front door and four workers, real processes in a network of their own, and what can go wrong.

    python -m tests.cluster_runs [--seeds 1-10] [--side-by-side 2] [--tasks 15] [--tasks-at-last 80] [FAULT …]

Each seed plays each fault by itself, then all at once, in a process and a network of its own; they mostly wait, so
some run side by side. There are so few tasks that ten seeds are done while somebody waits; with more each moment is
likelier to be hit (`--tasks 200 --tasks-at-last 200`). At the first promise that is broken, its seed and where its
logs lie are told.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

import click

from tests.cluster_runs import network
from tests.cluster_runs.faults import FAULTS
from tests.cluster_runs.run import ALL, Run


@click.command()
@click.argument("phases", metavar="[FAULT]…", nargs=-1, type=click.Choice([*FAULTS, "all"]))
@click.option("--seeds", default="1-10", show_default=True, help="One seed, or the first and the last.")
@click.option("--side-by-side", default=2, show_default=True, help="How many seeds run at a time.")
@click.option("--tasks", default=15, show_default=True, help="Tasks for each fault by itself.")
@click.option("--tasks-at-last", default=80, show_default=True, help="Tasks for all faults at once.")
@click.option("--cut-seconds", default=15.0, show_default=True, help="How long the network is cut.")
@click.option("--keep", is_flag=True, help="Keep the logs and the data folder of each seed.")
def main(
    phases: tuple[str, ...],
    seeds: str,
    side_by_side: int,
    tasks: int,
    tasks_at_last: int,
    cut_seconds: float,
    keep: bool,
) -> None:
    """Let everything go wrong in a cluster, and look for what was lost."""
    first, _, last = seeds.partition("-")
    if network.is_inside():
        chosen = [ALL if phase == "all" else phase for phase in phases] or [*FAULTS, ALL]
        _play(int(first), chosen, tasks, tasks_at_last, cut_seconds, keep)
        return
    network.check()
    began = time.monotonic()
    words = [*phases, f"--tasks={tasks}", f"--tasks-at-last={tasks_at_last}", f"--cut-seconds={cut_seconds}"]
    words += ["--keep"] if keep else []
    numbers = range(int(first), int(last or first) + 1)
    failed = asyncio.run(_play_all(numbers, side_by_side, words))
    if failed:
        sys.exit(f"Promises were broken with the seeds {', '.join(map(str, failed))}.")
    click.echo(
        f"{len(numbers)} seeds in {time.monotonic() - began:.0f} s: "
        "0 lost, 0 doubled, 0 out of order, 0 blamed without cause, 0 orphans, 0 files left over."
    )


async def _play_all(seeds: range, side_by_side: int, words: list[str]) -> list[int]:
    """Those of the seeds with which something went wrong."""
    room = asyncio.Semaphore(side_by_side)

    async def play(seed: int) -> int:
        async with room:
            command = network.inside(sys.executable, "-m", "tests.cluster_runs", f"--seeds={seed}", *words)
            process = await asyncio.create_subprocess_exec(*command, env=network.environment())
            return await process.wait()

    ended = await asyncio.gather(*map(play, seeds))
    return [seed for seed, code in zip(seeds, ended, strict=True) if code]


def _play(seed: int, phases: list[str], tasks: int, tasks_at_last: int, cut_seconds: float, keep: bool) -> None:
    network.build()
    folder = Path(tempfile.mkdtemp(prefix="leyline-cluster-"))
    try:
        report = asyncio.run(Run(folder, seed, cut_seconds).run(phases, tasks, tasks_at_last))
    except BaseException:
        click.echo(f"seed {seed}: the logs are in {folder}", err=True)
        raise
    click.echo(report.line())
    if keep:
        click.echo(f"seed {seed}: the logs are in {folder}")
    else:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
