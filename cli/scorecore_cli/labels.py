"""Names of the language as people read them."""

from collections.abc import Callable
from typing import Final

from scorecore.program import Program
from scorecore.tables import result_name
from scorecore_cli.language import t


def labeller(program: Program) -> Callable[[str], str]:
    """The label of a column, a step or a table: the policy's own where it has one."""
    labels = {
        "decisions": t("decisions"),
        "entries": t("points ledger"),
        "pay": t("pay ledger"),
        "holds": t("held"),
        "period": t("period"),
        "score.total": t("total"),
        "grade": t("grade"),
        "pay.net": t("net pay"),
        "partial": t("partial"),
        "item": t("item"),
        "reason": t("reason"),
        "label": t("explanation"),
        "quantity": t("quantity"),
        "points": t("points"),
        "table": t("event table"),
        "event": t("event"),
        "authority": t("clause"),
        "line": t("line"),
        "kind": t("kind"),
        "amount": t("amount"),
        "effect": t("effect on net pay"),
        "step": t("what"),
        "code": t("code"),
        "place": t("place"),
    }
    labels |= {result_name(step.name): step.label for step in program.steps if step.label}
    labels |= {column.name: column.label for column in program.schema.columns if column.label}
    labels[program.schema.subject] = program.schema.label or program.schema.subject
    return lambda name: labels.get(name, name.rpartition(".")[2])


def reason(code: str, label: str) -> str:
    """Why an entry is there: the policy's words, or ours for what the language itself does."""
    own = {
        "opening": t("opening points"),
        "floor": t("not below the least"),
        "cap": t("not above the most"),
        "rounding": t("rounding"),
        "veto": t("veto"),
        "waived": t("waived"),
        "excused": t("excused"),
        "unfounded": t("not upheld"),
        "upheld": t("upheld"),
        "attained": t("share of the target"),
        "below-minimum": t("below the minimum"),
    }
    words = own.get(code)
    if not words or not label or code == "opening":
        return words or label or code
    return label if code in _PLAIN else f"{label} ({words})"


_PLAIN: Final = frozenset({"upheld", "attained"})
"""Codes that say nothing beyond the policy's own words."""


def kind(code: str) -> str:
    """A kind of pay line."""
    names = {
        "earning": t("earning"),
        "reward": t("reward"),
        "fine": t("fine"),
        "deduction": t("deduction"),
        "reserve": t("reserve"),
        "draw": t("draw"),
        "release": t("release"),
        "adjustment": t("adjustment"),
    }
    return names[code]
