"""scorecore: policies in, explained decisions out, exact to the cent.

The names that a program needs are here; each is imported from its room when it is first used, so that nobody waits for
what is not needed. docs/library.md shows them at work.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorecore.columns.evaluate import evaluate
    from scorecore.decisions import Decisions
    from scorecore.expand.compiler import check_policy, compile_policy
    from scorecore.facts.intake import take_in
    from scorecore.facts.raw import RawTable
    from scorecore.facts.records import Facts, Record, record_of
    from scorecore.hooks import installed, load_scorers
    from scorecore.problems import Problem, Problems, Refused
    from scorecore.program import Program
    from scorecore.rows.compiled import Decider
    from scorecore.source import Source
    from scorecore.unknown import Unknown

_ROOMS: Final = {
    "columns.evaluate": ("evaluate",),
    "decisions": ("Decisions",),
    "expand.compiler": ("check_policy", "compile_policy"),
    "facts.intake": ("take_in",),
    "facts.raw": ("RawTable",),
    "facts.records": ("Facts", "Record", "record_of"),
    "hooks": ("installed", "load_scorers"),
    "problems": ("Problem", "Problems", "Refused"),
    "program": ("Program",),
    "rows.compiled": ("Decider",),
    "source": ("Source",),
    "unknown": ("Unknown",),
}
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Decider",
    "Decisions",
    "Facts",
    "Problem",
    "Problems",
    "Program",
    "RawTable",
    "Record",
    "Refused",
    "Source",
    "Unknown",
    "check_policy",
    "compile_policy",
    "evaluate",
    "installed",
    "load_scorers",
    "record_of",
    "take_in",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
