"""Dies as soon as it has said that it is ready, until the file that STAYS names is there."""

import os
import signal
from pathlib import Path

from leyline.processes import protocol
from tests.models.pipe import connection


class DiesIdle:
    def load(self):
        pipe = connection()
        send = pipe.send_bytes

        def send_and_die(data):
            send(data)
            if data == protocol.encode(protocol.Ready()) and not Path(os.environ["STAYS"]).exists():
                os.kill(os.getpid(), signal.SIGKILL)

        pipe.send_bytes = send_and_die

    def generate(self, image, clip, report):
        clip.write(image)
