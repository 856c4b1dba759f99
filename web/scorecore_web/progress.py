"""How far long work has come, for whoever waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import frozen


@frozen
class Progress:
    """What is being done, and how much of it where that can be counted."""

    stage: str
    """In the language of who asked."""
    done: int = 0
    total: int = 0
    """0 where it cannot be counted."""


_listener: ContextVar[Callable[[Progress], None] | None] = ContextVar("_listener", default=None)


@contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """Let a listener hear of the progress of what is done here."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def report_progress(stage: str, done: int = 0, total: int = 0) -> None:
    """Say what is done next; nothing happens where nobody listens."""
    listener = _listener.get()
    if listener is not None:
        listener(Progress(stage, done, total))
