"""Names of the language as people read them."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program, result_name
from scorecore_cli.language import in_every_language, t


def labeller(program: Program) -> Callable[[str], str]:
    """The label of a column, a step or a table: the policy's own where it has one."""
    labels = {
        "decisions": t("decisions"),
        "entries": t("points ledger"),
        "pay": t("pay ledger"),
        "holds": t("held"),
        "adjustments": t("paid of earlier periods"),
        "payroll": t("payroll"),
        "adjustment": t("adjustment"),
        "to_pay": t("to pay"),
        "run": t("run"),
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


DECISIONS: Final = "decisions"
"""The table of results, which a later period reads as its history."""


def type_name(of: str) -> str:
    """What stands in a cell of a type, for people."""
    names = {
        "decimal": t("number"),
        "int": t("whole number"),
        "bool": t("yes or no"),
        "date": t("date"),
        "timestamp": t("date and time"),
    }
    return names.get(of, of)


def history_in(raw: Mapping[str, RawTable]) -> RawTable | None:
    """The decisions among the tables of a folder or of a workbook, which heads its sheets in its writer's language."""
    named = (DECISIONS, *in_every_language(lambda: t("decisions")))
    found = next((raw[name] for name in named if name in raw), None)
    return found or history_among(raw) or next(iter(raw.values()), None)


def history_among(raw: Mapping[str, RawTable]) -> RawTable | None:
    """The decisions of earlier periods among the tables of facts; Excel lets no sheet be named `history`."""
    named = (HISTORY, *in_every_language(lambda: t("earlier decisions")))
    return next((raw[name] for name in named if name in raw), None)


def with_names(history: RawTable, program: Program) -> RawTable:
    """Decisions with the names of the language as headings, though a workbook has labels."""
    names = [column.name for column in program.schema.history]
    known: dict[str, str] = {}
    for label in in_every_language(lambda: labeller(program)):
        known |= {label(name): name for name in names}
    there = set(history.frame.columns)
    new = {heading: known[heading.strip()] for heading in history.frame.columns if heading.strip() in known}
    new = {heading: name for heading, name in new.items() if name not in there}
    frame = history.frame.rename(new)
    return evolve(history, frame=frame, columns={new.get(one, one): at for one, at in history.columns.items()})


def teller(program: Program) -> Callable[[Diagnostic], str]:
    """Why something is held, in the reader's language and with the labels that the policy gives to what is named."""
    with_labels = labelled(program)
    return lambda of: with_labels(of).message(t)


def labelled(program: Program) -> Callable[[Diagnostic], Diagnostic]:
    """A problem with the labels that the policy gives to what is named in it."""
    schema = program.schema
    facts = {column.name: column.label for column in schema.columns}
    tables = {table.name: table for table in schema.events}
    results = {"score.total": t("total"), "grade": t("grade")}  # which have no label of the policy's own

    def tell(of: Diagnostic) -> Diagnostic:
        name = of.params.get("name", "")
        table = tables.get(of.params.get("table", ""))
        fields = {column.name: column.label for column in table.columns} if table else facts
        known = {"table": table and table.label, "name": fields.get(name)}
        if table and table.use:
            known = {"table": table.use.policy, "name": fields.get(name) or results.get(name)}
        if of.kind is catalogue.FACT_UNFIT:
            known["type"] = type_name(of.params["type"])
        used, _, result = name.removeprefix("uses.").partition(".")
        other = tables.get(f"uses.{used}") if name.startswith("uses.") else None
        if other and other.use:
            of_other = {column.name: column.label for column in other.columns}
            known["name"] = f"{other.use.policy} {of_other.get(result) or results.get(result) or result}"
        return evolve(of, params=of.params | {blank: label for blank, label in known.items() if label})

    return tell


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
        "deduction": t("points taken"),
        "formula": t("points by a formula"),
        "rating": t("rating"),
        "missing": t("no rating"),
        "weighted": t("weighted mean of the ratings"),
    }
    words = own.get(code)
    if not words or not label or code == "opening":
        return words or label or code
    return label if code in _PLAIN else t("{label} ({words})", label=label, words=words)


_PLAIN: Final = frozenset({"upheld", "attained", "deduction", "formula", "rating", "weighted"})
"""Codes that say nothing beyond the policy's own words."""


def readable(found: Mapping[str, pl.DataFrame], program: Program) -> dict[str, pl.DataFrame]:
    """The tables with the words of people in place of names and codes, for a workbook."""
    label = labeller(program)
    words: dict[str, dict[str, Callable[[str], str]]] = {
        "entries": {"item": label, "table": label, "reason": lambda code: reason(code, "")},
        "pay": {"line": label, "kind": kind},
        "adjustments": {"line": label},
        "holds": {"step": label},
    }
    return {name: _replaced(frame, words.get(name, {})) for name, frame in found.items()}


def _replaced(frame: pl.DataFrame, words: Mapping[str, Callable[[str], str]]) -> pl.DataFrame:
    """The frame with the words for each name that stands in a column."""
    known = {column: frame[column].unique().drop_nulls().to_list() for column in words}
    return frame.with_columns(
        pl.col(column).replace({one: words[column](one) for one in names}) for column, names in known.items()
    )


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
