"""`leyline serve` as a process: from its settings, through signals and a standby's wait, to its exit code.

What serves is left to `server`. Danger: whoever stops it twice wants its end at once, and is safe to have it.
"""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from concurrent.futures import Future

from leyline.errors import StartupError
from leyline.flags import WRONG, WRONG_USAGE
from leyline.logs import log_to
from leyline.service import Service
from leyline.settings import SettingError, Settings
from leyline.standby import folder_of_the_last
from web.server import Server

log = logging.getLogger("leyline.server")

FULL_COLLECTION_AFTER = 1000  # smaller ones, instead of Python's 10
SWITCH_SECONDS = 0.001  # Python's 0.005 is as long as three hand-overs to the model
EVERYWHERE = ("0.0.0.0", "::", "")  # hosts that mean every network


def main(settings: Settings) -> int:
    """The exit code of a server that ran until it was told to stop; raises `StartupError` and `SettingError`.

    Where the log is JSON, these two are told there as well, and the exit code is theirs.
    """
    log_to(sys.stderr, settings.log)
    # A full collection walks over all that ten thousand sockets are made of: most of a second, for nothing.
    gc.set_threshold(700, 10, FULL_COLLECTION_AFTER)
    # A thread that has what the event loop waits for, or the other way round, waits no longer for its turn.
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        asyncio.run(serve(settings))
    except (StartupError, SettingError) as error:
        if settings.log == "text":
            raise
        log.critical("event=cannot_start reason=%r", str(error))
        return WRONG if isinstance(error, StartupError) else WRONG_USAGE
    except BaseException:
        log.exception("event=bug in=server")
        os._exit(1)  # Python would wait for the children, and they for us
    return 0


async def serve(settings: Settings) -> None:
    """Run a server until SIGTERM, SIGINT or the end of its terminal; a second signal ends the process at once.

    Raises `SettingError` when it finds that there is no model of the name that was given.
    """
    ended: Future[None] = Future()

    def on_signal() -> None:
        if ended.done():
            os._exit(1)  # safe at any instant: what was accepted is on disk, and the children end with us
        ended.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
    service = Service(os.environ)
    folder = None
    if settings.standby == "yes":
        if settings.cluster:
            from leyline.cluster import starting

            starting.be_ready()
        folder = await folder_of_the_last(settings.data_dir, service, ended)
        if ended.done():
            return
    server = Server(settings, service, folder, ended)
    port = await server.start()
    everywhere = "on every network of this machine, and here " if server.host in EVERYWHERE else ""
    with contextlib.suppress(OSError):  # nobody hears it: it serves all the same
        print(f"Leyline is {everywhere}at http://{_shown(server.host)}:{port}", flush=True)
    try:
        await asyncio.wrap_future(ended)
    finally:
        log.info("event=stopping")
        await server.stop()
        log.info("event=stopped")


def _shown(host: str) -> str:
    """The host as a browser on this machine wants it."""
    if host in ("localhost", "127.0.0.1", *EVERYWHERE):
        return "localhost"
    return f"[{host}]" if ":" in host else host
