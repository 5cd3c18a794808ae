"""What ties a child process to the server: it ends when the server does, and not before.

What else the child does is left to its loop. Danger: spawn imports this in every child, so it uses the
standard library only.
"""

import ctypes
import multiprocessing
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_the_server() -> None:
    """Die when the server dies, in the middle of anything, and leave to it what signals its terminal or group.

    From now on this process leads a group of its own, with all that it forks.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and os.getppid() != parent.pid:
        os._exit(0)  # it died before the signal was asked for
