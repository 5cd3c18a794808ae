"""`make cluster`: a front door and four workers, real processes in a network of their own, and what can go wrong.

    python -m tests.cluster_runs [--seeds 1-10] [--tasks 40] [--tasks-at-last 200] [FAULT …]

Each seed plays each fault by itself, then all at once. Ends at the first promise that is broken, with the seed and
where the logs lie.
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
@click.option("--tasks", default=40, show_default=True, help="Tasks for each fault by itself.")
@click.option("--tasks-at-last", default=200, show_default=True, help="Tasks for all faults at once.")
@click.option("--cut-seconds", default=15.0, show_default=True, help="How long the network is cut.")
@click.option("--keep", is_flag=True, help="Keep the logs and the data folder of each seed.")
def main(
    phases: tuple[str, ...], seeds: str, tasks: int, tasks_at_last: int, cut_seconds: float, keep: bool
) -> None:
    """Let everything go wrong in a cluster, and look for what was lost."""
    first, _, last = seeds.partition("-")
    chosen = [ALL if phase == "all" else phase for phase in phases] or [*FAULTS, ALL]
    began = time.monotonic()
    for seed in range(int(first), int(last or first) + 1):
        folder = Path(tempfile.mkdtemp(prefix="leyline-cluster-"))
        try:
            report = asyncio.run(Run(folder, seed, cut_seconds).run(chosen, tasks, tasks_at_last))
        except BaseException:
            click.echo(f"seed {seed}: the logs are in {folder}", err=True)
            raise
        click.echo(report.line())
        if keep:
            click.echo(f"seed {seed}: the logs are in {folder}", err=True)
        else:
            shutil.rmtree(folder)
    click.echo(
        f"{time.monotonic() - began:.0f} s: "
        "0 lost, 0 doubled, 0 out of order, 0 blamed without cause, 0 orphans, 0 files left over."
    )


if __name__ == "__main__":
    network.enter("tests.cluster_runs")
    sys.exit(main())
