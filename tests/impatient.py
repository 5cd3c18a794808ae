"""The `leyline` command with little patience for slow clients, so that tests of it are quick.

Run as `python -m tests.impatient serve`. It imports nothing at its top: spawn runs it again in each child.
"""

IDLE, READ, BODY, WRITE = 1.5, 0.5, 1.5, 1.0  # seconds; a sixtieth of the real ones, or so
PING = 2.5  # who reads must have answered by then, however busy the machine is

if __name__ == "__main__":
    from leyline.cli import main
    from web.connections import Connections, Patience
    from web.sockets import Sockets

    Connections.patience = Patience(idle=IDLE, read=READ, body=BODY, write=WRITE)
    Sockets.ping_seconds = PING
    main()
