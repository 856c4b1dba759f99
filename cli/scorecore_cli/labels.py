"""Names of the language as people read them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import polars as pl
from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program, result_name
from scorecore.values.step_id import GRADE
from scorecore_cli.language import _, in_every_language, join_sentences
from scorecore_cli.visible_text import make_visible


def labeller(program: Program) -> Callable[[str], str]:
    """The label of a column, a step or a table: the policy's own where it has one, or else the last part of its name.

    What is not a name, such as a formula, stays whole.
    """
    labels = list_labels(program)
    return lambda name: make_visible(labels.get(name) or (name.rpartition(".")[2] if _NAME.fullmatch(name) else name))


_NAME: Final = re.compile(r"[\w.]+")


def list_labels(program: Program) -> dict[str, str]:
    """The labels of columns, steps and tables that have one."""
    labels = {
        "decisions": _("decisions"),
        "entries": _("points ledger"),
        "pay": _("pay ledger"),
        "holds": _("held"),
        "adjustments": _("paid or taken back"),
        "payroll": _("payroll"),
        "adjustment": _("adjustment"),
        "to_pay": _("to pay"),
        "run": _("run"),
        "period": _("period"),
        "score.total": _("total"),
        "grade": _("grade"),
        "pay.net": _("net pay"),
        "partial": _("partial"),
        "item": _("item"),
        "reason": _("reason"),
        "label": _("explanation"),
        "quantity": _("quantity"),
        "points": _("points"),
        "table": _("event table"),
        "event": _("event"),
        "authority": _("clause"),
        "line": _("line"),
        "kind": _("kind"),
        "amount": _("amount"),
        "effect": _("effect on net pay"),
        "step": _("what"),
        "code": _("code"),
        "place": _("place"),
    }
    labels |= {result_name(step.name): step.label for step in program.steps if step.label}
    labels |= {column.name: column.label for column in program.schema.columns if column.label}
    labels[program.schema.subject] = program.schema.label or program.schema.subject
    return labels


DECISIONS: Final = "decisions"
"""The table of results, which a later period reads as its history."""


def type_label(type_code: str) -> str:
    """The content of a cell of a type, for display."""
    names = {
        "decimal": _("number"),
        "int": _("whole number"),
        "bool": _("yes or no"),
        "date": _("date"),
        "timestamp": _("date and time"),
    }
    return names.get(type_code, type_code)


def find_history(raw: Mapping[str, RawTable]) -> RawTable | None:
    """The decisions among the tables of a folder or of a workbook, which heads its sheets in its writer's language.

    A table that is the only one may have any name; None where none of more than one is called so.
    """
    named = (DECISIONS, *in_every_language(lambda: _("decisions")))
    decisions = next((raw[name] for name in named if name in raw), None) or find_history_among_facts(raw)
    return next(iter(raw.values())) if decisions is None and len(raw) == 1 else decisions


def find_history_among_facts(raw: Mapping[str, RawTable]) -> RawTable | None:
    """The decisions of earlier periods among the tables of facts; Excel lets no sheet be named `history`."""
    return next((raw[name] for name in name_histories() if name in raw), None)


def name_histories() -> tuple[str, ...]:
    """What a table of earlier decisions may be called among facts."""
    return (HISTORY, *in_every_language(lambda: _("earlier decisions")))


def with_canonical_headings(history: RawTable, program: Program) -> RawTable:
    """Decisions with the names of the language as headings, though a workbook has labels."""
    names = [column.name for column in program.schema.history]
    names_by_label: dict[str, str] = {}
    for label in in_every_language(lambda: labeller(program)):
        names_by_label |= {label(name): name for name in names}
    there = set(history.frame.columns)
    new = {
        heading: names_by_label[heading.strip()]
        for heading in history.frame.columns
        if heading.strip() in names_by_label
    }
    new = {heading: name for heading, name in new.items() if name not in there}
    frame = history.frame.rename(new)
    if GRADE in frame.columns and frame.schema[GRADE] == pl.String:  # a workbook has the labels of grades
        ids = {text: grade for grade, text in grade_labels(program).items()}
        frame = frame.with_columns(pl.col(GRADE).replace(ids))
    return evolve(
        history,
        frame=frame,
        columns={new.get(heading, heading): position for heading, position in history.columns.items()},
    )


def localizer(program: Program) -> Callable[[Diagnostic], str]:
    """Why something is held, in the reader's language and with the labels that the policy gives to what is named."""
    with_labels = labelling(program)
    return lambda diagnostic: with_labels(diagnostic).message(_)


_IN_BACKTICKS: Final = re.compile("`([^`]*)`")


def write_as_prose(sentence: str) -> str:
    """A sentence with names in quotation marks, for those who do not know backticks: on paper and in workbooks."""
    return _IN_BACKTICKS.sub("\u201c\\1\u201d", sentence)


_MAX_KEYS: Final = 3
"""How many rows a sentence names."""


def join_causes(causes: Sequence[Diagnostic], program: Program, *, with_places: bool = False) -> str:
    """Why something is held, in one line, each cause once; what many rows of one table lack is one cause.

    With places the cell of facts that is to be corrected follows.
    """
    with_labels = labelling(program)
    lacking: dict[tuple[str, str], dict[str, None]] = {}
    for cause in causes:
        if cause.kind is catalogue.ABSENT_OF:
            lacking.setdefault((cause.params["table"], cause.params["name"]), {})[cause.params["key"]] = None
    sentences = []
    for cause in causes:
        labelled = with_labels(cause)
        is_cell = cause.location.line and (cause.location.in_sheet or not cause.location.column)
        place = f" [{cause.location}]" if with_places and is_cell else ""
        keys = list(lacking[cause.params["table"], cause.params["name"]]) if cause.kind is catalogue.ABSENT_OF else []
        if len(keys) < _MAX_KEYS:
            sentences.append(labelled.message(_) + place)
        else:
            named = ", ".join(keys[:_MAX_KEYS]) + (", …" if len(keys) > _MAX_KEYS else "")
            params = {"table": labelled.params["table"], "name": labelled.params["name"]}
            sentences.append(
                _("in `{table}`, {count} rows have no `{name}`: {keys}", count=len(keys), keys=named, **params)
            )
    return join_sentences(sentences)


def labelling(program: Program) -> Callable[[Diagnostic], Diagnostic]:
    """A problem with the labels that the policy gives to what is named in it."""
    schema = program.schema
    facts = {column.name: column.label for table in schema.events if table.use for column in table.columns}
    facts |= {column.name: column.label for column in schema.columns}
    tables = {table.name: table for table in schema.events}
    results = {"score.total": _("total"), "grade": _("grade")}  # which have no label of the policy's own

    def tell(diagnostic: Diagnostic) -> Diagnostic:
        name = diagnostic.params.get("name", "")
        table = tables.get(diagnostic.params.get("table", ""))
        fields = {column.name: column.label for column in table.columns} if table else facts
        labels = {"table": table and table.label, "name": fields.get(name)}
        if diagnostic.kind is catalogue.NO_COLUMN:  # it says the label beside the name
            return diagnostic
        if diagnostic.kind is catalogue.HEADING_READ_AS:
            labels["meaning"] = fields.get(diagnostic.params["meaning"])
        if table and table.use:
            labels = {"table": table.use.policy, "name": fields.get(name) or results.get(name)}
        if diagnostic.kind is catalogue.FACT_UNFIT:
            labels["type"] = type_label(diagnostic.params["type"])
        used, _dot, result = name.removeprefix("uses.").partition(".")
        used_table = tables.get(f"uses.{used}") if name.startswith("uses.") else None
        if used_table and used_table.use:
            of_other = {column.name: column.label for column in used_table.columns}
            labels["name"] = f"{used_table.use.policy} {of_other.get(result) or results.get(result) or result}"
        return evolve(diagnostic, params=diagnostic.params | {blank: label for blank, label in labels.items() if label})

    return tell


def reason_label(code: str, label: str) -> str:
    """Why an entry is there: in words, or the code where there are none."""
    return reason_words(code, label) or code


def reason_words(code: str, label: str) -> str:
    """Why an entry is there: the policy's words, or ours for what the language itself does; empty if there are none."""
    own_words = {
        "opening": _("opening points"),
        "floor": _("raised to the minimum"),
        "cap": _("capped at the maximum"),
        "rounding": _("rounding"),
        "veto": _("veto"),
        "waived": _("waived"),
        "excused": _("excused"),
        "unfounded": _("not upheld"),
        "upheld": _("upheld"),
        "attained": _("share of the target"),
        "below-minimum": _("below the minimum"),
        "deduction": _("points taken"),
        "formula": _("points by a formula"),
        "rating": _("rating"),
        "missing": _("no rating"),
        "beyond-scale": _("rating beyond the scale"),
        "weighted": _("weighted mean of the ratings"),
    }
    words = own_words.get(code)
    if not words or not label or code == "opening":
        return words or label
    return label if code in _PLAIN else _("{label} ({words})", label=label, words=words)


_PLAIN: Final = frozenset({"upheld", "attained", "deduction", "formula", "rating", "weighted"})
"""Codes that say nothing beyond the policy's own words."""


def with_readable_words(frames: Mapping[str, pl.DataFrame], program: Program) -> dict[str, pl.DataFrame]:
    """The tables with the words of people in place of names and codes, for a workbook."""
    label = labeller(program)
    words: dict[str, dict[str, Callable[[str], str]]] = {
        "entries": {"item": label, "table": label, "reason": lambda code: reason_label(code, "")},
        "pay": {"line": label, "kind": pay_kind_label},
        "adjustments": {"line": label},
        "holds": {"step": label},
    }
    if program.grades and "decisions" in frames:
        words["decisions"] = {GRADE: lambda grade: grade_labels(program).get(grade, grade)}
    return {name: _make_frame_visible(_replaced(frame, words.get(name, {}))) for name, frame in frames.items()}


def _make_frame_visible(frame: pl.DataFrame) -> pl.DataFrame:
    """A table in which no text acts."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    shown = {name: {text: make_visible(text) for text in frame[name].unique() if text} for name in texts}
    acting = {name: {text: seen for text, seen in words.items() if text != seen} for name, words in shown.items()}
    return frame.with_columns(pl.col(name).replace(words) for name, words in acting.items() if words)


def grade_labels(program: Program) -> dict[str, str]:
    """What people read in place of the id of a grade; the id where its label could mean another grade."""
    labels = {grade.id: grade.label or grade.id for grade in program.grades}
    counts = Counter(labels.values())
    return {
        grade: text if counts[text] == 1 and text not in labels.keys() - {grade} else grade
        for grade, text in labels.items()
    }


def _replaced(frame: pl.DataFrame, words: Mapping[str, Callable[[str], str]]) -> pl.DataFrame:
    """The frame with the words for each name in a column."""
    distinct = {column: frame[column].unique().drop_nulls().to_list() for column in words}
    return frame.with_columns(
        pl.col(column).replace({name: words[column](name) for name in names}) for column, names in distinct.items()
    )


def pay_kind_label(code: str) -> str:
    """A kind of pay line."""
    names = {
        "earning": _("earning"),
        "reward": _("reward"),
        "fine": _("fine"),
        "deduction": _("deduction"),
        "reserve": _("reserve"),
        "draw": _("draw"),
        "release": _("release"),
        "adjustment": _("adjustment"),
    }
    return names[code]
