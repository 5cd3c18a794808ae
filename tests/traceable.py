"""The `leyline` command, which its user's other processes may trace: `python -m tests.traceable serve`.

Where the kernel has Yama, a process may otherwise be traced by its ancestors only.
"""

import ctypes
import sys

PR_SET_PTRACER = 0x59616D61  # linux/prctl.h
PR_SET_PTRACER_ANY = ctypes.c_ulong(-1)

if __name__ == "__main__":
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY)
    from leyline.cli import main

    sys.exit(main())
