"""The commands that people have connected to their sessions, and those that wait for it: the table `logins`.

As OAuth's device authorization grant has it (RFC 8628): a command asks and gets two codes, one that it keeps and
one that it shows; a person types the latter in a session; from then on the former is good for a token, whose tasks
are the session's. Who may type it, and how often, is left to the caller. Danger: device code and token are secrets
of the command alone. Only the token's SHA-256 is kept, and neither of them may reach a log.
"""

import contextlib
import hashlib
import hmac
import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from leyline.errors import (
    AccessDenied,
    AuthorizationPending,
    ClientLimit,
    CodeUnknown,
    ExpiredToken,
    LoginsFull,
    NotFound,
    Refusal,
    TooManyLogins,
)
from leyline.line.database import Database

CODE_SECONDS = 600  # in which a code is typed, and its token taken
UNUSED_SECONDS = 400 * 86_400  # after which a command is disconnected: as long as a browser keeps its session
USE_SECONDS = 60  # how exactly the last use is known
MOST_WAITING, MOST_WAITING_OF_NETWORK = 1_000, 20
MOST_OF_SESSION = 20
# No vowels, so that it makes no words, and no digits, which look like letters (RFC 8628, 6.1): 34.5 bits.
ALPHABET, CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ", 8
TOKEN = re.compile(r"leyline-[0-9a-f]{64}")

FORGET = """
    DELETE FROM logins WHERE (owner IS NULL AND asked_at <= :now - :code_seconds)
        OR (owner IS NOT NULL AND coalesce(used_at, confirmed_at) <= :now - :unused_seconds)
"""
WAITING = "SELECT count(*) FROM logins WHERE owner IS NULL"
WAITING_OF_NETWORK = "SELECT count(*) FROM logins WHERE owner IS NULL AND network = :network"
ASK = """
    INSERT INTO logins (login_id, token_hash, user_code, name, address, network, asked_at)
    VALUES (:login_id, :token_hash, :user_code, :name, :address, :network, :now)
    ON CONFLICT (user_code) DO NOTHING RETURNING *
"""
BY_CODE = "SELECT * FROM logins WHERE user_code = :user_code AND asked_at > :now - :code_seconds"
BY_TOKEN = "SELECT * FROM logins WHERE token_hash = ?"
COUNT = "SELECT count(*) FROM logins WHERE owner = :owner"
CONFIRM = """
    UPDATE logins SET owner = :owner, admission = :admission, confirmed_at = :now, user_code = NULL
    WHERE user_code = :user_code AND asked_at > :now - :code_seconds RETURNING *
"""
REFUSE = """
    UPDATE logins SET refused = 1, user_code = NULL
    WHERE user_code = :user_code AND asked_at > :now - :code_seconds RETURNING *
"""
OF_OWNER = "SELECT * FROM logins WHERE owner = ? ORDER BY confirmed_at, login_id"
USED = "UPDATE logins SET used_at = :now WHERE login_id = :login_id"
REVOKE = "DELETE FROM logins WHERE login_id = :login_id AND owner = :owner RETURNING *"


@dataclass(frozen=True, slots=True)
class Login:
    """One row. Times are seconds since 1970 by the wall clock."""

    login_id: str
    token_hash: str
    user_code: str | None  # None once it was typed
    name: str  # what the command calls itself: its machine's
    address: str  # from where it asked
    asked_at: float
    refused: bool
    owner: str | None  # the session that confirmed it; None until then
    admission: str | None  # what let that session in, where an access token is set
    confirmed_at: float | None
    used_at: float | None

    @property
    def session(self) -> str:
        """By which a command tells its session from others; opens nothing."""
        return hashlib.sha256(f"session {self.owner}".encode()).hexdigest()[:32]

    @property
    def code_ends_at(self) -> float:
        return self.asked_at + CODE_SECONDS

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Login":
        values = {field.name: row[field.name] for field in fields(cls)}
        return cls(**values | {"refused": bool(values["refused"])})


class Logins:
    """The connected commands of one installation. What a method changed is durable when it returns."""

    def __init__(self, database: Database, secret: str, clock: Callable[[], float] = time.time) -> None:
        """`secret`, the server's own, keeps a device code from being worth a token once its time is over."""
        self._database = database
        self._secret = secret.encode()
        self._clock = clock

    async def ask(self, name: str, address: str, network: str | None) -> tuple[Login, str]:
        """A command that waits for somebody to type its code, and its device code, which nobody can read later.

        Raises `LoginsFull`, or `ClientLimit` where too many of its network wait already; None tells nobody apart.
        """
        device_code = secrets.token_hex(32)
        values = {**self._now(), "name": name, "address": address, "network": network}
        values |= {"login_id": secrets.token_hex(8), "token_hash": digest(self._token(device_code))}

        def ask(connection: sqlite3.Connection) -> Login:
            connection.execute(FORGET, values)
            if _count(connection, WAITING, values) >= MOST_WAITING:
                raise LoginsFull
            if _count(connection, WAITING_OF_NETWORK, values) >= MOST_WAITING_OF_NETWORK:
                raise _network_full()
            login = None
            while login is None:  # until the code is nobody else's
                login = _one(connection, ASK, {**values, "user_code": _new_code()})
            return login

        return await self._database.write(ask), device_code

    async def look(self, typed: str) -> Login:
        """What asks under this code; `CodeUnknown` for one that is not known, was used, or is too old."""
        values = self._typed(typed)
        return _known(await self._database.read(lambda connection: _one(connection, BY_CODE, values)))

    async def confirm(self, typed: str, owner: str, admission: str) -> Login:
        """Connect the command to this session; the code is used up. Raises `CodeUnknown`, `TooManyLogins`."""
        values = {**self._typed(typed), "owner": owner, "admission": admission}

        def confirm(connection: sqlite3.Connection) -> Login:
            _known(_one(connection, BY_CODE, values))
            if _count(connection, COUNT, values) >= MOST_OF_SESSION:
                raise TooManyLogins
            return _known(_one(connection, CONFIRM, values))

        return await self._database.write(confirm)

    async def refuse(self, typed: str) -> None:
        """The command is told no; the code is used up. Raises `CodeUnknown`."""
        values = self._typed(typed)
        _known(await self._database.write(lambda connection: _one(connection, REFUSE, values)))

    async def take(self, device_code: str) -> tuple[Login, str]:
        """The token for this device code, the same each time: an answer that is lost can be asked for again.

        Raises `AuthorizationPending`, `AccessDenied`, or `ExpiredToken` where ten minutes are over or it never was.
        """
        token = self._token(device_code)
        login = await self._by_hash(digest(token))
        if login is None or login.code_ends_at <= self._clock():
            raise ExpiredToken
        if login.refused:
            raise AccessDenied
        if login.owner is None:
            raise AuthorizationPending
        return login, token

    async def find(self, token_hash: str) -> Login | None:
        """Whose token this is, if anybody's; that it was used is noted, to the minute."""
        login = await self._by_hash(token_hash)
        if login is None or login.owner is None:
            return None
        now = self._clock()
        if login.used_at is None or abs(now - login.used_at) >= USE_SECONDS:
            values = {"login_id": login.login_id, "now": now}
            with contextlib.suppress(Refusal):  # a full disk keeps nobody from asking how a task stands
                await self._database.write(lambda connection: connection.execute(USED, values))
        return login

    async def of_owner(self, owner: str) -> list[Login]:
        """The commands of this session, the first one first."""
        return await self._database.read(
            lambda connection: [Login.from_row(row) for row in connection.execute(OF_OWNER, (owner,))]
        )

    async def revoke(self, login_id: str, owner: str) -> Login:
        """The token is worth nothing any more; `NotFound` where the session has no such command."""
        values = {"login_id": login_id, "owner": owner}
        login = await self._database.write(lambda connection: _one(connection, REVOKE, values))
        if login is None:
            raise NotFound
        return login

    def _token(self, device_code: str) -> str:
        return f"leyline-{hmac.digest(self._secret, b'login ' + device_code.encode(), 'sha256').hex()}"

    def _now(self) -> dict[str, Any]:
        return {"now": self._clock(), "code_seconds": CODE_SECONDS, "unused_seconds": UNUSED_SECONDS}

    def _typed(self, typed: str) -> dict[str, Any]:
        return {**self._now(), "user_code": "".join(letter for letter in typed.upper() if letter in ALPHABET)}

    async def _by_hash(self, token_hash: str) -> Login | None:
        return await self._database.read(lambda connection: _one(connection, BY_TOKEN, (token_hash,)))


def digest(token: str) -> str:
    """By which a token is known."""
    return hashlib.sha256(token.encode()).hexdigest()


def shown(user_code: str) -> str:
    """A code as people read it: in two halves."""
    half = len(user_code) // 2
    return f"{user_code[:half]}-{user_code[half:]}"


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def _network_full() -> ClientLimit:
    limit = ClientLimit(
        f"{MOST_WAITING_OF_NETWORK} commands of your network wait here for their codes to be typed. "
        "Type one, or wait until their ten minutes are over."
    )
    limit.retry_after_seconds = 60
    return limit


def _known(login: Login | None) -> Login:
    if login is None:
        raise CodeUnknown
    return login


def _count(connection: sqlite3.Connection, statement: str, values: Any) -> int:
    return int(connection.execute(statement, values).fetchone()[0])


def _one(connection: sqlite3.Connection, statement: str, values: Any) -> Login | None:
    row = connection.execute(statement, values).fetchone()
    return None if row is None else Login.from_row(row)
