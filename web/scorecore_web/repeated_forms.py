"""A form that a browser sends twice, by a double click or a second Enter, is done once; both get the same answer."""

import time
from collections.abc import Awaitable, Callable, Hashable
from hashlib import sha256
from typing import Final

from anyio import Event
from attrs import define, field
from starlette.responses import Response

from scorecore_web.requests import PageRequest

WINDOW: Final = 10.0
"""Seconds in which the same form of a session, with no other between, is the same deed."""
_DONE: Final = frozenset({200, 303})


@define
class _SentForm:
    """The last form of a session."""

    key: Hashable
    done: Event = field(factory=Event)
    answer: Response | None = None
    """None as long as it goes on, and where nothing was done."""
    ended: float = 0.0


@define
class RepeatedForms:
    """The last form of each session, as long as it may come again."""

    clock: Callable[[], float] = time.monotonic
    _last: dict[str, _SentForm] = field(init=False, factory=dict)

    async def answer(self, request: PageRequest, deed: Callable[[], Awaitable[Response]]) -> Response:
        """What comes of a form; one that comes again waits for the first, and gets its answer."""
        key = digest_form(request)
        last = self._last.get(request.session.id)
        if last is not None and last.key == key:
            await last.done.wait()
            if last.answer is not None and self.clock() - last.ended <= WINDOW:
                return last.answer
        self._forget()
        sent = self._last[request.session.id] = _SentForm(key)
        try:
            response = await deed()
            sent.answer = response if response.status_code in _DONE else None
            return response
        finally:
            sent.ended = self.clock()
            sent.done.set()

    def _forget(self) -> None:
        moment = self.clock()
        ended = [name for name, sent in self._last.items() if sent.done.is_set() and moment - sent.ended > WINDOW]
        for name in ended:
            del self._last[name]


def digest_form(request: PageRequest) -> str:
    """What tells a form from every other: where it was sent, its fields, and its files."""
    digest = sha256(repr((request.address, sorted(request.form.items()))).encode())
    for file in request.files:
        digest.update(repr((file.name, sha256(file.content).digest())).encode())
    return digest.hexdigest()
