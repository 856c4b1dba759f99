"""Tokens with which programs use an account: shown once, kept as digests, for some of its roles, and for a time."""

import secrets
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen

from scorecore_web.accounts import MAX_FAILURES_OF_ADDRESS, WINDOW, UserAccount
from scorecore_web.database import WorkbenchDatabase
from scorecore_web.permissions import ROLE_PERMISSIONS, Permission, permissions_of

PREFIX: Final = "scorecore_"
"""By it a token is recognized where it was left by mistake, in a text or a log."""
LIFETIMES: Final = (7, 30, 90, 365)
"""Days after which a token has expired; there is none without an end."""
MAX_TOKENS: Final = 20
"""Of one account."""
MAX_NAME: Final = 64
PROGRAM_ROLES: Final = tuple(
    role for role, permissions in ROLE_PERMISSIONS.items() if Permission.ADMINISTER not in permissions
)
"""A program gives nobody an account."""
_DAY: Final = 24 * 3600
_COLUMNS: Final = "id, account, name, roles, issued_by, issued_at, expires_at, used_at"
_RANDOM_BYTES: Final = 32


class TokenProblem(Enum):
    """Why a token cannot be so."""

    NAME_NEEDED = auto()
    ROLE_NEEDED = auto()
    TOO_MANY = auto()


class TokenRefusal(Exception):  # noqa: N818  becomes a page
    """A token that was asked for was not issued."""

    def __init__(self, problem: TokenProblem) -> None:
        super().__init__(problem.name)
        self.problem = problem


@frozen
class ProgramToken:
    """What is known of a token; not the token itself."""

    id: int
    account: str
    name: str
    """What it is for, such as payroll."""
    roles: tuple[str, ...]
    issued_by: str
    issued_at: int
    expires_at: int
    used_at: int
    """The last day on which it was used, as a moment; 0 where it never was."""

    def list_permissions(self, account: UserAccount) -> frozenset[Permission]:
        """What it allows now: nothing that its account may not do any more."""
        return permissions_of(role for role in self.roles if role in account.roles and role in PROGRAM_ROLES)


@frozen
class ProgramTokens:
    """The tokens of all accounts of a folder."""

    database: WorkbenchDatabase
    clock: Callable[[], float] = field(default=time.time)

    def list_all(self, account: str = "") -> list[ProgramToken]:
        """Those that have not expired, of one account or of everybody."""
        condition = "expires_at > ? AND ? IN (account, '') ORDER BY account, id"
        query = f"SELECT {_COLUMNS} FROM program_tokens WHERE {condition}"  # noqa: S608  constants
        return [_read(row) for row in self.database.read(query, (int(self.clock()), account))]

    def issue(self, account: UserAccount, name: str, roles: Iterable[str], days: int, by: str) -> str:
        """A new token, which nobody sees again; raises TokenRefusal."""
        chosen = [role for role in PROGRAM_ROLES if role in set(roles) & set(account.roles)]
        if not name or len(name) > MAX_NAME:
            raise TokenRefusal(TokenProblem.NAME_NEEDED)
        if not chosen:
            raise TokenRefusal(TokenProblem.ROLE_NEEDED)
        if len(self.list_all(account.name)) >= MAX_TOKENS:
            raise TokenRefusal(TokenProblem.TOO_MANY)
        token, moment = f"{PREFIX}{secrets.token_urlsafe(_RANDOM_BYTES)}", int(self.clock())
        row = (account.name, name, " ".join(chosen), _digest(token), by, moment, moment + days * _DAY)
        with self.database.write() as connection:
            connection.execute("DELETE FROM program_tokens WHERE expires_at <= ?", (moment,))
            columns = "account, name, roles, digest, issued_by, issued_at, expires_at"
            connection.execute(f"INSERT INTO program_tokens ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608  a constant
            deed = f"+ {account.name}/{name}: {' '.join(chosen)}"
            connection.execute("INSERT INTO account_changes VALUES (?, ?, ?)", (moment, by, deed))
        return token

    def revoke(self, token: ProgramToken, by: str) -> None:
        """From now on nobody gets in with it."""
        with self.database.write() as connection:
            connection.execute("DELETE FROM program_tokens WHERE id = ?", (token.id,))
            deed = f"- {token.account}/{token.name}"
            connection.execute("INSERT INTO account_changes VALUES (?, ?, ?)", (int(self.clock()), by, deed))

    def find(self, text: str, address: str) -> ProgramToken | None:
        """The token whose text it is; what is none is counted, and a right one is never held up by wrong ones."""
        query = f"SELECT {_COLUMNS} FROM program_tokens WHERE digest = ? AND expires_at > ?"  # noqa: S608  a constant
        moment = int(self.clock())
        rows = self.database.read(query, (_digest(text), moment)) if text.startswith(PREFIX) else []
        if not rows:
            if not self.is_limited(address):
                self._note_failure(address, moment)
            return None
        token = _read(rows[0])
        if moment // _DAY != token.used_at // _DAY:
            with self.database.write() as connection:
                connection.execute("UPDATE program_tokens SET used_at = ? WHERE id = ?", (moment, token.id))
        return token

    def note_deed(self, token: ProgramToken, deed: str) -> None:
        """What a program has changed: the record names the account, and this which of its programs it was."""
        with self.database.write() as connection:
            row = (int(self.clock()), f"{token.account}/{token.name}", deed)
            connection.execute("INSERT INTO account_changes VALUES (?, ?, ?)", row)

    # wrong ones; apart from wrong passwords, which lock a person out

    def is_limited(self, address: str) -> bool:
        """Whether so many were wrong from an address that it is told so."""
        query = "SELECT count(*) FROM failed_attempts WHERE at > ? AND name = '' AND address = ?"
        rows = self.database.read(query, (int(self.clock()) - WINDOW, _mark(address)))
        return bool(rows and rows[0][0] >= MAX_FAILURES_OF_ADDRESS)

    def _note_failure(self, address: str, moment: int) -> None:
        with self.database.write() as connection:
            connection.execute("DELETE FROM failed_attempts WHERE at <= ?", (moment - WINDOW,))
            connection.execute("INSERT INTO failed_attempts VALUES ('', ?, ?)", (_mark(address), moment))


def _mark(address: str) -> str:
    return f"token {address}"


def _read(row: tuple[Any, ...]) -> ProgramToken:
    number, account, name, roles, *others = row
    return ProgramToken(number, account, name, tuple(roles.split()), *others)


def _digest(token: str) -> str:
    """What of a token is kept: 256 random bits need no slow hash."""
    return sha256(token.encode()).hexdigest()
