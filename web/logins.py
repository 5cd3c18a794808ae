"""Connecting a command to a session: what the command asks (RFC 8628), and what the session's page says to it.

Which code is good is left to `leyline.logins`. Danger: who types a code gives a command all that the session may
do, so only a browser's session can, never a command for another one; and codes can be guessed, so wrong ones count.
"""

from typing import Any

from leyline import errors
from leyline.errors import BadRequest
from leyline.logins import CODE_SECONDS, Login, shown
from leyline.text import fit_to_show
from leyline.times import timestamp
from web.base import Handler
from web.login_limits import INTERVAL_SECONDS
from web.parts import Parts

MAX_NAME = 64
UNNAMED = "A command"


class LoginsHandler(Handler):
    """The base of what is said of commands here."""

    def initialize(self, parts: Parts) -> None:
        super().initialize(parts)
        self.logins, self.limits = parts.logins, parts.login_limits

    def text(self, name: str) -> str:
        value = self.json_body().get(name)
        if not isinstance(value, str):
            raise BadRequest(f"The request's body needs a {name}.")
        return value


# For the command


class AskHandler(LoginsHandler):
    """Gives a command its two codes; and takes leave of a connected one."""

    needs_admission = False  # who types the code has been admitted, and by that the command

    async def post(self) -> None:
        name = self.json_body().get("name")
        if name is not None and (not isinstance(name, str) or len(name) > MAX_NAME):
            raise BadRequest(f"name must be a text of at most {MAX_NAME} characters.")
        self.limits.ask(self.caller)
        named = fit_to_show(name or "", MAX_NAME).strip() or UNNAMED
        login, device_code = await self.logins.ask(named, self.caller.address, self.caller.network)
        assert login.user_code
        self.write_json(
            {
                "device_code": device_code,
                "user_code": shown(login.user_code),
                "interval": INTERVAL_SECONDS,
                "expires_in": CODE_SECONDS,
            }
        )

    async def delete(self) -> None:
        if self.caller.login_id is None or self.caller.owner is None:
            raise errors.LoginOver
        login = await self.logins.revoke(self.caller.login_id, self.caller.owner)
        self.sessions.connected.remove(self)  # it is to hear of it
        self.sessions.connected.cut(login.token_hash)
        self.set_status(204)


class TokenHandler(LoginsHandler):
    """Gives a command its token, once its code was typed."""

    needs_admission = False

    async def post(self) -> None:
        device_code = self.text("device_code")
        self.limits.poll(device_code)
        login, token = await self.logins.take(device_code)
        self.write_json({"token": token, "login_id": login.login_id, "session": login.session})


# For the page


class OfSessionHandler(LoginsHandler):
    """The base of what the browser's session alone may do."""

    async def begin(self) -> None:
        await super().begin()
        if self.caller.browser is None:
            raise errors.NoSession("Commands are connected in a browser session. Open this server's page first.")
        self.session = self.caller.browser


class LookHandler(OfSessionHandler):
    """Shows what asks under a code, before anything is given to it."""

    async def post(self) -> None:
        with self.limits.guessing(self.caller):
            login = await self.logins.look(self.text("user_code"))
        self.write_json(
            {
                "name": login.name,
                "address": login.address,
                "asked_at": timestamp(login.asked_at),
                "expires_at": timestamp(login.code_ends_at),
            }
        )


class RefuseHandler(OfSessionHandler):
    """Tells what asks under a code that nobody wants it."""

    async def post(self) -> None:
        with self.limits.guessing(self.caller):
            await self.logins.refuse(self.text("user_code"))
        self.set_status(204)


class ConnectedHandler(OfSessionHandler):
    """The commands of the caller's session; a code that is typed adds one."""

    async def post(self) -> None:
        with self.limits.guessing(self.caller):
            login = await self.logins.confirm(self.text("user_code"), self.session, self.sessions.admission)
        self.write_json(_shown(login), 201)

    async def get(self) -> None:
        logins = await self.logins.of_owner(self.session)
        self.write_json({"logins": [_shown(login) for login in logins]})


class LoginHandler(OfSessionHandler):
    """Disconnects one of them: its token, and all that it has under way here."""

    async def delete(self, login_id: str) -> None:
        login = await self.logins.revoke(login_id, self.session)
        self.sessions.connected.cut(login.token_hash)
        self.set_status(204)


def _shown(login: Login) -> dict[str, Any]:
    """A connected command as its session sees it."""
    return {
        "login_id": login.login_id,
        "name": login.name,
        "address": login.address,
        "connected_at": timestamp(login.confirmed_at),
        "used_at": timestamp(login.used_at),
    }
