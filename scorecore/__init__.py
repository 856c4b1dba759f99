"""scorecore: policies in, explained decisions out, exact to the cent.

The names that a program needs are here; each is imported from its room when it is first used, so that nobody waits for
what is not needed. docs/library.md shows them at work.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorecore.compiler.compile import check_policy, compile_policy
    from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, Rejected
    from scorecore.diagnostics.source import Source
    from scorecore.evaluate.batch.evaluator import evaluate_batch
    from scorecore.evaluate.decisions import Decisions
    from scorecore.evaluate.row.evaluator import SubjectEvaluator
    from scorecore.facts.ingest import ingest
    from scorecore.facts.model import Facts, SubjectFacts
    from scorecore.facts.raw import RawTable
    from scorecore.facts.subject_facts import subject_facts
    from scorecore.plugins import installed, load_scorers
    from scorecore.program.model import Program
    from scorecore.values.unknown import Unknown

_ROOMS: Final = {
    "evaluate.batch.evaluator": ("evaluate_batch",),
    "evaluate.decisions": ("Decisions",),
    "compiler.compile": ("check_policy", "compile_policy"),
    "facts.ingest": ("ingest",),
    "facts.raw": ("RawTable",),
    "facts.model": ("Facts", "SubjectFacts"),
    "facts.subject_facts": ("subject_facts",),
    "plugins": ("installed", "load_scorers"),
    "diagnostics.diagnostic": ("Diagnostic", "Diagnostics", "Rejected"),
    "program.model": ("Program",),
    "evaluate.row.evaluator": ("SubjectEvaluator",),
    "diagnostics.source": ("Source",),
    "values.unknown": ("Unknown",),
}
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Decisions",
    "Diagnostic",
    "Diagnostics",
    "Facts",
    "Program",
    "RawTable",
    "Rejected",
    "Source",
    "SubjectEvaluator",
    "SubjectFacts",
    "Unknown",
    "check_policy",
    "compile_policy",
    "evaluate_batch",
    "ingest",
    "installed",
    "load_scorers",
    "subject_facts",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
