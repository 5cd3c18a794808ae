"""`leyline worker`: the model processes of this machine, for a front door elsewhere."""

import asyncio
import logging
import os
import socket
import sys

import click

from leyline.cluster.starting import check_engine
from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE, fail
from leyline.logs import log_to

log = logging.getLogger("leyline.worker")

HELP = """Run the front door's model on this machine too, until Ctrl-C or SIGTERM.

What to run comes from the front door. While that is away the model stays loaded, and this tries to join again.
"""
MOST_DEVICES = 64


@click.command(help=HELP)
@click.option(
    "--join",
    "where",
    envvar="LEYLINE_JOIN",
    required=True,
    metavar="HOST:PORT|FILE",
    help="The front door, or the join file that was made there.  [LEYLINE_JOIN]",
)
@click.option(
    "--devices",
    envvar="LEYLINE_DEVICES",
    metavar="0,1,…",
    help="One model process for each of these GPUs.  [default: one, which sees all; LEYLINE_DEVICES]",
)
@click.option(
    "--name",
    envvar="LEYLINE_WORKER_NAME",
    help="What this worker is called at the front door.  [default: this machine's name; LEYLINE_WORKER_NAME]",
)
@click.option("--model", default="", help="Join only where this model is run.")
@click.option(
    "--log",
    "style",
    envvar="LEYLINE_LOG",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How the log is written: lines for people, or one JSON object a line.  [text; LEYLINE_LOG]",
)
def worker(where: str, devices: str | None, name: str | None, model: str, style: str) -> None:
    try:
        check_engine()
    except StartupError as error:
        fail(error.detail, WRONG)
    names = tuple(part.strip() for part in devices.split(",")) if devices else ("",)
    if len(names) > MOST_DEVICES or (devices and not all(names)) or len(set(names)) < len(names):
        fail(f"--devices={devices!r} must be up to {MOST_DEVICES} different devices, such as 0,1.", WRONG_USAGE)
    log_to(sys.stderr, style)
    from leyline.cluster import worker as work
    from leyline.cluster.joining import joining

    try:
        wrong = asyncio.run(work.run(joining(where, name or socket.gethostname(), names, model)))
    except StartupError as error:
        wrong = error.detail
    if wrong and style == "json":
        log.critical("event=cannot_join reason=%r", wrong)
        os._exit(WRONG)
    if wrong:
        fail(wrong, WRONG)
    os._exit(0)  # nothing is left that anybody waits for
