"""Who is there: whoever was let in has a session, which a cookie and a token of forms then belong to."""

import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from threading import Lock
from typing import Final

from attrs import define, field, frozen

from scorecore_web.accounts import UserAccount
from scorecore_web.permissions import Permission
from scorecore_web.program_tokens import ProgramToken

COOKIE: Final = "scorecore-session"
MAX_IDLE: Final = 12 * 3600.0
"""Seconds after which the session of the one person that nobody used has ended."""
MAX_IDLE_OF_ACCOUNT: Final = 3600.0
MAX_AGE_OF_ACCOUNT: Final = 12 * 3600.0
"""Seconds after which somebody signs in again, however busy."""
MAX_SESSIONS: Final = 1000
_RANDOM_BYTES: Final = 32


@frozen
class Session:
    """One browser that was let in."""

    id: str = field(repr=False)
    form_token: str = field(repr=False)
    """What a form must bring, which another site cannot know."""
    permissions: frozenset[Permission]
    account: str = ""
    """Whose it is; empty where there are no accounts."""
    person: str = ""
    """The id of the employee whose statements it sees."""
    program: ProgramToken | None = None
    """With which token a program has come in, in the place of somebody."""

    def accepts(self, form_token: str) -> bool:
        return compare_digest(self.form_token.encode(), form_token.encode())


@define
class _Use:
    began: float
    last: float


@define
class Sessions:
    """The sessions of one process; they end with it."""

    token: str = field(repr=False, kw_only=True, factory=lambda: secrets.token_urlsafe(_RANDOM_BYTES))
    """What the address has that is shown when the workbench starts; empty where there are accounts."""
    permissions: frozenset[Permission]
    clock: Callable[[], float] = time.monotonic
    _sessions: dict[str, Session] = field(init=False, factory=dict, repr=False)
    _uses: dict[str, _Use] = field(init=False, factory=dict, repr=False)
    _lock: Lock = field(init=False, factory=Lock, repr=False)

    def is_token(self, text: str) -> bool:
        return bool(self.token) and compare_digest(self.token.encode(), text.encode())

    def open(self, account: UserAccount | None = None) -> Session:
        """A new session with an id that nobody has seen before."""
        tokens = (secrets.token_urlsafe(_RANDOM_BYTES), secrets.token_urlsafe(_RANDOM_BYTES))
        session = (
            Session(*tokens, self.permissions)
            if account is None
            else Session(*tokens, account.permissions, account.name, account.person)
        )
        with self._lock:
            while len(self._sessions) >= MAX_SESSIONS:
                self._end(min(self._uses, key=lambda name: self._uses[name].last))
            self._sessions[session.id] = session
            moment = self.clock()
            self._uses[session.id] = _Use(moment, moment)
        return session

    def find(self, session_id: str) -> Session | None:
        """The session of a cookie, unless it has ended."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            use, moment = self._uses[session_id], self.clock()
            max_idle = MAX_IDLE_OF_ACCOUNT if session.account else MAX_IDLE
            is_old = bool(session.account) and moment - use.began > MAX_AGE_OF_ACCOUNT
            if moment - use.last > max_idle or is_old:
                self._end(session_id)
                return None
            use.last = moment
            return session

    def find_of_account(self, account: UserAccount) -> Session:
        """The session of whom a proxy names with each request, or a new one; it has what the account may now."""
        with self._lock:
            of_account = [session for session in self._sessions.values() if session.account == account.name]
        for session in of_account:
            if session.permissions == account.permissions and session.person == account.person:
                found = self.find(session.id)
                if found is not None:
                    return found
        self.end_all(account.name)
        return self.open(account)

    def end(self, session_id: str) -> None:
        with self._lock:
            if session_id in self._sessions:
                self._end(session_id)

    def end_all(self, account: str) -> None:
        """When an account may something else, or has another password, nobody goes on as before."""
        with self._lock:
            for session in [session for session in self._sessions.values() if session.account == account]:
                self._end(session.id)

    def _end(self, session_id: str) -> None:
        del self._sessions[session_id], self._uses[session_id]
