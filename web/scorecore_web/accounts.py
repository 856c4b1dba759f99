"""The accounts of a workbench for many: who there is, with which roles of the record, and how they prove it."""

import re
import secrets
import time
from collections.abc import Callable, Iterable
from enum import Enum, auto
from hashlib import sha256
from typing import Any, Final

import apsw
from attrs import field, frozen

from scorecore.record.people.operators import ADMINISTRATOR
from scorecore_web.database import WorkbenchDatabase
from scorecore_web.passwords import MIN_PASSWORD, PasswordHasher
from scorecore_web.permissions import ROLE_PERMISSIONS, Permission, permissions_of

ACCOUNT_NAME: Final = re.compile(r"[\w.@-]{1,64}")
INVITED_FOR: Final = 72 * 3600
"""Seconds in which an invitation can be used, once."""
WINDOW: Final = 15 * 60
MAX_FAILURES: Final = 8
"""Of one account in the window, from wherever."""
MAX_FAILURES_OF_ADDRESS: Final = 60
"""From one address in the window, to whichever account; a firm may have one address."""
MAX_CHANGES_SHOWN: Final = 100
_COLUMNS: Final = "name, roles, person, is_active, password, invitation, invited_until"


class AccountProblem(Enum):
    """Why an account cannot be so."""

    LAST_ADMINISTRATOR = auto()
    NAME_TAKEN = auto()
    BAD_NAME = auto()
    NO_ACCOUNT = auto()
    WEAK_PASSWORD = auto()
    PERSON_NEEDED = auto()
    NO_INVITATION = auto()


class AccountRefusal(Exception):  # noqa: N818  becomes a page
    """What was asked for an account was not done."""

    def __init__(self, problem: AccountProblem) -> None:
        super().__init__(problem.name)
        self.problem = problem


@frozen
class UserAccount:
    """Somebody who signs in."""

    name: str
    roles: tuple[str, ...]
    person: str
    """The id of the employee whose statements it sees; empty where it sees none of its own."""
    is_active: bool
    password: str = field(repr=False)
    invitation: str = field(repr=False)
    invited_until: int

    @property
    def permissions(self) -> frozenset[Permission]:
        return permissions_of(self.roles)

    @property
    def has_password(self) -> bool:
        return bool(self.password)


@frozen
class Accounts:
    """The accounts of a folder; nothing of the record is with them."""

    database: WorkbenchDatabase
    hasher: PasswordHasher = field(factory=PasswordHasher)
    clock: Callable[[], float] = time.time

    def list_all(self) -> list[UserAccount]:
        rows = self.database.read(f"SELECT {_COLUMNS} FROM accounts ORDER BY name")  # noqa: S608  a constant
        return [_read(row) for row in rows]

    def find(self, name: str) -> UserAccount | None:
        rows = self.database.read(f"SELECT {_COLUMNS} FROM accounts WHERE name = ?", (name,))  # noqa: S608  a constant
        return _read(rows[0]) if rows else None

    def find_active(self, name: str) -> UserAccount | None:
        account = self.find(name)
        return account if account is not None and account.is_active else None

    # what an administrator does

    def add(self, name: str, roles: Iterable[str], person: str, by: str) -> None:
        """Raises AccountRefusal."""
        if not ACCOUNT_NAME.fullmatch(name):
            raise AccountRefusal(AccountProblem.BAD_NAME)
        if self.find(name) is not None:
            raise AccountRefusal(AccountProblem.NAME_TAKEN)
        written = _write_roles(roles, person)
        with self.database.write() as connection:
            values = (name, written, person)
            connection.execute("INSERT INTO accounts (name, roles, person, is_active) VALUES (?, ?, ?, 1)", values)
            self._note(connection, by, f"+ {name}: {written} {person}".rstrip())

    def change(self, name: str, roles: Iterable[str], person: str, by: str, *, is_active: bool) -> None:
        """Other roles, another person, or no way in any more; raises AccountRefusal."""
        account = self.find(name)
        if account is None:
            raise AccountRefusal(AccountProblem.NO_ACCOUNT)
        written = _write_roles(roles, person)
        remains = is_active and ADMINISTRATOR in written.split()
        if not remains and [other.name for other in self.list_all() if _administers(other)] == [name]:
            raise AccountRefusal(AccountProblem.LAST_ADMINISTRATOR)
        with self.database.write() as connection:
            values = (written, person, is_active, name)
            connection.execute("UPDATE accounts SET roles = ?, person = ?, is_active = ? WHERE name = ?", values)
            state = "" if is_active else "(-)"
            if not is_active:
                connection.execute("DELETE FROM program_tokens WHERE account = ?", (name,))
            self._note(connection, by, f"= {name}: {written} {person} {state}".rstrip())

    def invite(self, name: str, by: str) -> str:
        """A token with which the account gets a password, once; an earlier one, the old password and programs end."""
        if self.find(name) is None:
            raise AccountRefusal(AccountProblem.NO_ACCOUNT)
        token = secrets.token_urlsafe(32)
        with self.database.write() as connection:
            values = (_digest(token), int(self.clock()) + INVITED_FOR, name)
            statement = "UPDATE accounts SET invitation = ?, invited_until = ?, password = '' WHERE name = ?"
            connection.execute(statement, values)
            connection.execute("DELETE FROM program_tokens WHERE account = ?", (name,))
            self._note(connection, by, f"@ {name}")
        return token

    def list_changes(self) -> list[tuple[int, str, str]]:
        """The last of what administrators did: when, who, what."""
        query = f"SELECT at, by, deed FROM account_changes ORDER BY rowid DESC LIMIT {MAX_CHANGES_SHOWN}"  # noqa: S608  a constant
        return [(at, by, deed) for at, by, deed in self.database.read(query)]

    def _note(self, connection: apsw.Connection, by: str, deed: str) -> None:
        connection.execute("INSERT INTO account_changes VALUES (?, ?, ?)", (int(self.clock()), by, deed))

    # what somebody does with their own

    def find_invited(self, token: str) -> UserAccount | None:
        """Whom an invitation is for, while it is good."""
        if not token:
            return None
        query = f"SELECT {_COLUMNS} FROM accounts WHERE invitation = ? AND invited_until > ? AND is_active = 1"  # noqa: S608  a constant
        rows = self.database.read(query, (_digest(token), int(self.clock())))
        return _read(rows[0]) if rows else None

    def accept(self, token: str, password: str) -> UserAccount:
        """Take an invitation; raises AccountRefusal."""
        account = self.find_invited(token)
        if account is None:
            raise AccountRefusal(AccountProblem.NO_INVITATION)
        self.set_password(account.name, password)
        return account

    def set_password(self, name: str, password: str) -> None:
        """Raises AccountRefusal where it is too short, or begins with the name."""
        if len(password) < MIN_PASSWORD or name.lower() in password.lower():
            raise AccountRefusal(AccountProblem.WEAK_PASSWORD)
        hashed, account = self.hasher.hash(password), self.find(name)
        account_has_password = account is not None and account.has_password
        with self.database.write() as connection:
            statement = "UPDATE accounts SET password = ?, invitation = '', invited_until = 0 WHERE name = ?"
            connection.execute(statement, (hashed, name))
            if not account_has_password:
                connection.execute("DELETE FROM program_tokens WHERE account = ?", (name,))  # nobody's until now

    def sign_in(self, name: str, password: str, address: str) -> UserAccount | None:
        """The account whose password it is; None for any other, and while too many were tried."""
        if self.is_limited(name, address):
            return None
        account = self.find_active(name)
        if self.hasher.is_password(password, account.password if account else "") and account is not None:
            with self.database.write() as connection:
                connection.execute("DELETE FROM failed_attempts WHERE name = ?", (name,))
            return account
        self._note_failure(name[:64], address)
        return None

    def is_limited(self, name: str, address: str) -> bool:
        """Whether so many passwords were wrong that none is tried for a while."""
        since = int(self.clock()) - WINDOW
        query = "SELECT count(*) FROM failed_attempts WHERE at > ? AND "
        (of_name,) = self.database.read(f"{query} name = ?", (since, name[:64])) or ((0,),)
        (of_address,) = self.database.read(f"{query} address = ?", (since, address)) or ((0,),)
        return bool(of_name[0] >= MAX_FAILURES or of_address[0] >= MAX_FAILURES_OF_ADDRESS)

    def _note_failure(self, name: str, address: str) -> None:
        moment = int(self.clock())
        with self.database.write() as connection:
            connection.execute("DELETE FROM failed_attempts WHERE at <= ?", (moment - WINDOW,))
            connection.execute("INSERT INTO failed_attempts VALUES (?, ?, ?)", (name, address, moment))


def _administers(account: UserAccount) -> bool:
    return account.is_active and ADMINISTRATOR in account.roles


def _read(row: tuple[Any, ...]) -> UserAccount:
    name, roles, person, is_active, password, invitation, invited_until = row
    return UserAccount(name, tuple(roles.split()), person, bool(is_active), password, invitation, invited_until)


def _write_roles(roles: Iterable[str], person: str) -> str:
    """Roles in one order; an employee has to be somebody."""
    chosen = set(roles)
    if Permission.OWN in permissions_of(chosen) and not person:
        raise AccountRefusal(AccountProblem.PERSON_NEEDED)
    return " ".join(role for role in ROLE_PERMISSIONS if role in chosen)


def _digest(token: str) -> str:
    """What of an invitation is kept: who reads the file cannot use it."""
    return sha256(token.encode()).hexdigest()
