"""How often codes may be asked for, polled for and guessed at, while commands are connected to sessions.

Danger: whoever guesses somebody's code has that person's command send its pictures to them. There are 25 billion
codes (RFC 8628, 5.1), so that a few guesses a minute find none.
"""

import contextlib
from collections.abc import Iterator

from leyline import errors
from leyline.logins import digest
from leyline.network import network_of
from web.limits import RateLimit
from web.sessions import Caller

INTERVAL_SECONDS = 5  # between two questions whether the code was typed
POLLS_PER_MINUTE, POLLS_AT_ONCE = 15, 2  # of one command: a little late is not too often
ASKED_PER_MINUTE, ASKED_AT_ONCE = 30, 60  # codes, of one address
WRONG_PER_MINUTE, WRONG_AT_ONCE = 5, 10  # codes, of one session
WRONG_OF_ADDRESS_PER_MINUTE, WRONG_OF_ADDRESS_AT_ONCE = 30, 60  # whose sessions may be many
TOO_MANY_WRONG = "Too many wrong codes. Wait a moment, and type the code that the command shows now."


class LoginLimits:
    """Counts for each session, each address and each command."""

    def __init__(self) -> None:
        self._asked = RateLimit(ASKED_PER_MINUTE, ASKED_AT_ONCE)
        self._polls = RateLimit(POLLS_PER_MINUTE, POLLS_AT_ONCE)
        self._wrong = RateLimit(WRONG_PER_MINUTE, WRONG_AT_ONCE)
        self._wrong_of_address = RateLimit(WRONG_OF_ADDRESS_PER_MINUTE, WRONG_OF_ADDRESS_AT_ONCE)

    def ask(self, caller: Caller) -> None:
        """Raises `ClientLimit` where too many codes were asked for."""
        self._asked.take(network_of(caller.address))

    def poll(self, device_code: str) -> None:
        """Raises `SlowDown` for a command that does not wait its interval."""
        try:
            self._polls.take(digest(device_code))
        except errors.ClientLimit:
            raise errors.SlowDown from None

    @contextlib.contextmanager
    def guessing(self, caller: Caller) -> Iterator[None]:
        """A code is tried in the block. `ClientLimit` after too many wrong ones, for a right one as well.

        Each counts from its beginning, until it has turned out to be none: many may be tried at once.
        """
        limits = (self._wrong, caller.client), (self._wrong_of_address, network_of(caller.address))
        with contextlib.ExitStack() as not_wrong:
            try:
                for limit, guesser in limits:
                    limit.take(guesser)
                    not_wrong.callback(limit.give_back, guesser)
            except errors.ClientLimit as limited:
                told = errors.ClientLimit(TOO_MANY_WRONG)
                told.retry_after_seconds = limited.retry_after_seconds
                raise told from None
            try:
                yield
            except errors.CodeUnknown:
                not_wrong.pop_all()
                raise
