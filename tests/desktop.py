"""A desktop's notifications: a bus of their own, on which browsers show messages and hear of clicks.

It is what a person's desktop has (https://specifications.freedesktop.org/notification-spec): a browser that is
started with `environment` shows its messages here. Danger: without such a bus a browser shows its messages itself,
where no test can click.
"""

import contextlib
import itertools
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from jeepney import DBusAddress, Message, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
ADDRESS = DBusAddress("/org/freedesktop/Notifications", bus_name=NAME, interface=NAME)
DONE_BY_CALL = 3
# Nothing is started on it, and everything may be said.
BUS = """
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass
class Desktop:
    """What is shown on it, by number: the title."""

    connection: DBusConnection
    environment: dict[str, str]
    shown: dict[int, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def click(self, number: int) -> None:
        """Click the message itself."""
        self._signal("ActionInvoked", "us", (number, "default"))

    def serve(self) -> None:
        """Answer browsers, until the bus is gone."""
        with contextlib.suppress(OSError, EOFError):
            while True:
                message = self.connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self._answer(message)

    def _answer(self, message: Message) -> None:
        name = message.header.fields.get(3)
        if name == "GetCapabilities":
            self._reply(message, "as", (["actions", "body", "icon-static"],))
        elif name == "GetServerInformation":
            self._reply(message, "ssss", ("desktop", "Leyline's tests", "1", "1.2"))
        elif name == "Notify":
            number = message.body[1] or next(self._numbers)
            self.shown[number] = message.body[3]
            self._reply(message, "u", (number,))
        elif name == "CloseNotification":
            self.shown.pop(message.body[0], None)
            self._reply(message, "", ())
            self._signal("NotificationClosed", "uu", (message.body[0], DONE_BY_CALL))

    def _reply(self, message: Message, signature: str, body: tuple[object, ...]) -> None:
        self.connection.send(new_method_return(message, signature or None, body))

    def _signal(self, name: str, signature: str, body: tuple[object, ...]) -> None:
        self.connection.send(new_signal(ADDRESS, name, signature, body))


@contextlib.contextmanager
def desktop() -> Iterator[Desktop]:
    """One that shows messages until the block ends."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as written:
        written.write(BUS)
        written.flush()
        command = ("dbus-daemon", f"--config-file={written.name}", "--nofork", "--print-address")
        bus = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert bus.stdout
        address = bus.stdout.readline().strip()
    try:
        connection = open_dbus_connection(address)
        connection.send_and_get_reply(message_bus.RequestName(NAME))
        here = Desktop(connection, {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address})
        thread = threading.Thread(target=here.serve)
        thread.start()
        yield here
    finally:
        bus.kill()
        bus.wait()
        bus.stdout.close()
    thread.join()
    connection.close()
