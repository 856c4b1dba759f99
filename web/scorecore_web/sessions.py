"""Who is there: a token in the address opens a session, which a cookie and a token of forms then belong to."""

import secrets
import time
from collections.abc import Callable
from hmac import compare_digest
from threading import Lock
from typing import Final

from attrs import define, field, frozen

from scorecore_web.permissions import Permission

COOKIE: Final = "scorecore-session"
MAX_IDLE: Final = 12 * 3600.0
"""Seconds after which a session that nobody used has ended."""
MAX_SESSIONS: Final = 100
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

    def accepts(self, form_token: str) -> bool:
        return compare_digest(self.form_token.encode(), form_token.encode())


@define
class Sessions:
    """The sessions of one process; they end with it."""

    token: str = field(repr=False, kw_only=True, factory=lambda: secrets.token_urlsafe(_RANDOM_BYTES))
    """What the address has that is shown when the workbench starts."""
    permissions: frozenset[Permission]
    clock: Callable[[], float] = time.monotonic
    _sessions: dict[str, Session] = field(init=False, factory=dict, repr=False)
    _last_used: dict[str, float] = field(init=False, factory=dict, repr=False)
    _lock: Lock = field(init=False, factory=Lock, repr=False)

    def is_token(self, text: str) -> bool:
        return compare_digest(self.token.encode(), text.encode())

    def open(self) -> Session:
        """A new session with an id that nobody has seen before."""
        session = Session(secrets.token_urlsafe(_RANDOM_BYTES), secrets.token_urlsafe(_RANDOM_BYTES), self.permissions)
        with self._lock:
            while len(self._sessions) >= MAX_SESSIONS:
                self._end(min(self._last_used, key=self._last_used.__getitem__))
            self._sessions[session.id] = session
            self._last_used[session.id] = self.clock()
        return session

    def find(self, session_id: str) -> Session | None:
        """The session of a cookie, unless it has ended."""
        with self._lock:
            session = self._sessions.get(session_id)
            if session is None:
                return None
            if self.clock() - self._last_used[session_id] > MAX_IDLE:
                self._end(session_id)
                return None
            self._last_used[session_id] = self.clock()
            return session

    def _end(self, session_id: str) -> None:
        del self._sessions[session_id], self._last_used[session_id]
