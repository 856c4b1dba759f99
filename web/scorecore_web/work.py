"""What the workbench and its workers say to each other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from scorecore_cli.language import _
from scorecore_web.refusals import Refusal

MAX_MEMORY: Final = 4 * 2**30
"""Bytes of addresses that a worker may take; a month of a hundred thousand people takes a quarter of them."""


@frozen
class Work:
    """Something that may take long: a function of a module with a workbench as its first argument."""

    title: str
    """For people, in the language of who asks."""
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


@frozen
class WorkRequest:
    """Work, with everything that another process has to know."""

    folder: Path
    operator: Path | None
    language: str
    work: Work


@frozen
class Done:
    """What was computed, with the bytes of memory that the process has taken at most."""

    value: Any
    memory: int


@frozen
class Failed:
    """A mistake of ours; what happened is in the terminal."""


def refuse_memory() -> Refusal:
    size = MAX_MEMORY // 2**30
    return Refusal(409, _("this takes more than {size} GB of memory, more than the workbench allows", size=size))
