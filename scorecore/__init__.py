"""scorecore: policies in, explained decisions out, exact to the cent.

    import scorecore

    policy = scorecore.load("shop.toml")
    decision = policy.decide({"period": "2024-05", "person": {"sales": "90000.00", "task": 100000}, "complaints": []})

The public names are here and, for authors of plugins, in `scorecore.plugin`; docs/library.md shows the names at
work. Each is imported from its room when it is first used, so that nobody waits for what is not needed.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scorecore.analysis.bounds import TotalRange
    from scorecore.analysis.explain import (
        ExplainedEntry,
        ExplainedPay,
        ExplainedResult,
        Explanation,
        GroupComparison,
        ItemExplanation,
    )
    from scorecore.analysis.formula_inputs import FormulaInput
    from scorecore.analysis.open_matters import OpenMatter
    from scorecore.compiler.compile import check_policy, compile_policy
    from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, FactsRejected, PolicyRejected, Rejected
    from scorecore.diagnostics.source import Source
    from scorecore.evaluate.batch.evaluator import evaluate_batch
    from scorecore.evaluate.decisions import Decisions
    from scorecore.evaluate.row.evaluator import SubjectEvaluator
    from scorecore.facts.ingest import ingest
    from scorecore.facts.model import Facts, SubjectFacts
    from scorecore.facts.raw import RawTable
    from scorecore.facts.subject_facts import subject_facts
    from scorecore.library.compiled_policy import CompiledPolicy, load
    from scorecore.library.decision import Decision, DecisionEntry, DecisionPay
    from scorecore.library.decision_tables import DecisionTables
    from scorecore.library.sentences import translator
    from scorecore.plugins import installed, load_scorers
    from scorecore.program.model import Program
    from scorecore.values.unknown import Unknown

    __version__: str

_ROOMS: Final = {
    "analysis.bounds": ("TotalRange",),
    "analysis.explain": (
        *("ExplainedEntry", "ExplainedPay", "ExplainedResult", "Explanation", "GroupComparison", "ItemExplanation"),
    ),
    "analysis.formula_inputs": ("FormulaInput",),
    "analysis.open_matters": ("OpenMatter",),
    "compiler.compile": ("check_policy", "compile_policy"),
    "diagnostics.diagnostic": ("Diagnostic", "Diagnostics", "FactsRejected", "PolicyRejected", "Rejected"),
    "diagnostics.source": ("Source",),
    "evaluate.batch.evaluator": ("evaluate_batch",),
    "evaluate.decisions": ("Decisions",),
    "evaluate.row.evaluator": ("SubjectEvaluator",),
    "facts.ingest": ("ingest",),
    "facts.model": ("Facts", "SubjectFacts"),
    "facts.raw": ("RawTable",),
    "facts.subject_facts": ("subject_facts",),
    "library.compiled_policy": ("CompiledPolicy", "load"),
    "library.decision": ("Decision", "DecisionEntry", "DecisionPay"),
    "library.decision_tables": ("DecisionTables",),
    "library.sentences": ("translator",),
    "plugins": ("installed", "load_scorers"),
    "program.model": ("Program",),
    "values.unknown": ("Unknown",),
}
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "CompiledPolicy",
    "Decision",
    "DecisionEntry",
    "DecisionPay",
    "DecisionTables",
    "Decisions",
    "Diagnostic",
    "Diagnostics",
    "ExplainedEntry",
    "ExplainedPay",
    "ExplainedResult",
    "Explanation",
    "Facts",
    "FactsRejected",
    "FormulaInput",
    "GroupComparison",
    "ItemExplanation",
    "OpenMatter",
    "PolicyRejected",
    "Program",
    "RawTable",
    "Rejected",
    "Source",
    "SubjectEvaluator",
    "SubjectFacts",
    "TotalRange",
    "Unknown",
    "__version__",
    "check_policy",
    "compile_policy",
    "evaluate_batch",
    "ingest",
    "installed",
    "load",
    "load_scorers",
    "subject_facts",
    "translator",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    if name == "__version__":
        return version(__name__)
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
