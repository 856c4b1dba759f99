"""The decisions of a period as people and programs read them, with what a record adds to them."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl
import rich_click as click
from attrs import frozen
from rich.text import Text

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.evaluate.decisions import NET, PARTIAL, Decisions, sum_decimals
from scorecore.evaluate.result_tables import decisions_table, tables
from scorecore.language.expressions import HISTORY
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.steps import Account
from scorecore.record.corrections.payroll import ADJUSTMENT, NAME, TO_PAY, adjustments_table, payroll_table
from scorecore.record.record_run import Signed
from scorecore.record.runs.manifest import RUN
from scorecore.values.canonical_json import format_decimal
from scorecore.values.period import Period
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.correction_view import (
    changes_data,
    name_adjustments,
    recorded_message,
    show_changes,
    show_paid,
    show_state,
)
from scorecore_cli.labels import join_causes, labeller, labelling, localizer
from scorecore_cli.language import _, join_sentences, ngettext
from scorecore_cli.month_review import MonthReview
from scorecore_cli.reconciliation_view import reconciliation_data, show_reconciliation
from scorecore_cli.terminal import bold, console, diagnostic_data, show_diagnostics, table
from scorecore_cli.visible_text import make_line

TOTAL = "score.total"
RECORDED_TABLES: Final = ("adjustments", "payroll")
"""What a run writes beside its own tables if it was recorded."""
_MAX_NOTES: Final = 20
"""How many diagnostics of one kind are shown."""
_NUMBER: Final = "#number"
_RANK: Final = "#rank"
Row = Mapping[str, Any]
"""The results of one subject, by the names of the steps."""


def build_tables(decisions: Decisions, signed: Signed | None) -> dict[str, pl.DataFrame]:
    """All tables of the decisions, the payroll among them if they were recorded and nobody has to approve them."""
    frames = dict(tables(decisions, localizer(decisions.program)))
    if signed is not None and signed.state == RUN and decisions.program.pay:
        frames["adjustments"] = adjustments_table(decisions.program, signed.adjustments)
        frames["payroll"] = payroll_table(decisions, signed.adjustments)
    return frames


def with_names(frames: Mapping[str, pl.DataFrame], decisions: Decisions) -> dict[str, pl.DataFrame]:
    """The tables with everybody's name beside the id, where the facts have one."""
    subject, facts = decisions.program.schema.subject, decisions.facts
    if NAME not in facts.subjects.columns:
        return dict(frames)
    names = pl.DataFrame([facts.ids.alias(subject), facts.subjects[NAME].cast(pl.String)])
    return {
        table: frame
        if NAME in frame.columns or subject not in frame.columns
        else frame.join(names, on=subject, how="left", maintain_order="left").select(
            subject, NAME, *(column for column in frame.columns if column != subject)
        )
        for table, frame in frames.items()
    }


# for people


def show_head(decisions: Decisions, assessment: Assessment, review: MonthReview) -> None:
    """What is decided, what is wrong or odd, and how it differs from the period before."""
    program, screen = decisions.program, console()
    screen.print(bold(f"{program.title}  {decisions.facts.period}"))
    if assessment.known_at is not None:
        screen.print(_("with what was known on {day}", day=assessment.known_at))
    if program.status != "in force":
        screen.print(Text(_("status of this policy: {status}", status=_(program.status)), "yellow"))
    show_notes([*map(labelling(program), assessment.diagnostics), *review.notes])
    if review.reconciliation is not None:
        show_reconciliation(review.reconciliation)


def show_notes(diagnostics: Sequence[Diagnostic]) -> None:
    """Diagnostics, of each kind the first ones, and each piece of advice once."""
    counts: Counter[str] = Counter()
    advised: set[str] = set()
    for diagnostic in diagnostics:
        counts[diagnostic.kind.code] += 1
        if counts[diagnostic.kind.code] <= _MAX_NOTES:
            show_diagnostics([diagnostic], {}, console(), advised)
    for code, count in counts.items():
        if count > _MAX_NOTES:
            console().print(_("… and {count} more of {code}; --json has them all", count=count - _MAX_NOTES, code=code))


def show_ranking(decisions: Decisions, rows: int, signed: Signed | None, waiting: Collection[str]) -> None:
    """The ranking with results and reasons for holds, then the totals."""
    screen = console()
    columns = _Columns.of(decisions, signed, waiting)
    shown = table(*columns.headings(), right=columns.flush_right())
    for rank, number, row in rank_decisions(decisions, rows):
        shown.add_row(*columns.cells(rank, number, row))
    screen.print(shown)
    more = len(decisions) - rows
    if more > 0:
        screen.print(
            ngettext(
                "… and {count} more person; --rows shows more, --out writes all",
                "… and {count} more people; --rows shows more, --out writes all",
                more,
            )
        )
    show_totals(decisions.program, DecidedTotals.of(decisions))
    if signed is not None:
        _show_adjustments(decisions, signed)


def show_recorded(record_path: Path, signed: Signed, period: Period) -> None:
    """What the record has now, and which later periods were decided again."""
    if signed.changes:
        console().print(_("decided again, because they read {period}:", period=period))
        show_changes(signed.changes)
    console().print(recorded_message(record_path, signed.size))
    show_state(signed.state, signed.run)
    console().print(_("its checkpoint, to be kept where nobody who writes the record can change it:"))
    click.echo(f"\n{signed.checkpoint.note}", nl=False)  # a line that is broken can be no anchor


@frozen
class _Columns:
    """The columns of the ranking: who, results, what is paid of earlier periods, proposals, holds."""

    decisions: Decisions
    results: tuple[str, ...]
    """Names of the steps that are shown."""
    owed: Mapping[str, Decimal]
    """The adjustment of each subject; empty if nothing of earlier periods is paid."""
    waiting: Collection[str]
    """Those whose results wait for what was decided before the facts begin."""

    @classmethod
    def of(cls, decisions: Decisions, signed: Signed | None, waiting: Collection[str]) -> "_Columns":
        program = decisions.program
        items = [item.step for item in program.items]
        results = [*items, *(name for name in (TOTAL, "grade") if program.has_step(name)), *program.named_values]
        results += [NET] if program.pay else []
        owed = {}
        if signed and signed.adjustments:
            payroll = payroll_table(decisions, signed.adjustments)
            owed = dict(payroll.select(program.schema.subject, ADJUSTMENT).rows())
        return cls(decisions, tuple(results), owed, waiting)

    @property
    def program(self) -> Program:
        return self.decisions.program

    @property
    def has_rank(self) -> bool:
        return self.program.has_step(TOTAL)

    @property
    def has_name(self) -> bool:
        return NAME in self.decisions.facts.subjects.columns

    def headings(self) -> list[str]:
        label = labeller(self.program)
        headings = [_("rank")] if self.has_rank else []
        headings += [label(self.program.schema.subject), *([label(NAME)] if self.has_name else [])]
        headings += map(label, self.results)
        headings += [_("adjustment"), _("to pay")] if self.owed else []
        headings += [_("actions")] if self.program.actions else []
        return [*headings, _("held, and why")]

    def flush_right(self) -> list[int]:
        """The positions of the columns with numbers."""
        first = self.has_rank + 1 + self.has_name
        texts = {name for name in self.program.results() if not self.program.step(name).type.is_number}
        numbers = [column for column, name in enumerate(self.results) if name not in texts]
        numbers += [len(self.results), len(self.results) + 1] if self.owed else []
        return [*range(self.has_rank), *(first + column for column in numbers)]

    def cells(self, rank: str, number: int, row: Row) -> list[str]:
        """The row of a subject, which is the one with this number in the decisions."""
        subject = self.decisions.facts.ids[number]
        cells = [*([rank] if self.has_rank else []), subject]
        cells += [str(self.decisions.facts.subjects[NAME][number] or "")] if self.has_name else []
        cells += [result_cell(row, name, self.program) for name in self.results]
        if self.owed:
            amount = self.owed[subject]
            cells += [f"{amount:,.2f}" if amount else "", f"{row[NET] + amount:,.2f}"]
        cells += [name_proposals(row, self.program)] if self.program.actions else []
        return [*cells, hold_causes(self.decisions, number, self.waiting, with_places=True)]


def _show_adjustments(decisions: Decisions, signed: Signed) -> None:
    """What is paid of earlier periods, line by line, and what is to be paid in all."""
    if not signed.adjustments:
        return
    heading = name_adjustments(signed.adjustments)
    show_paid(signed.adjustments, decisions.program, heading, set(decisions.facts.ids))
    to_pay = sum_decimals(payroll_table(decisions, signed.adjustments)[TO_PAY])
    console().print(_("total to pay {amount}", amount=f"{to_pay:,.2f} {decisions.program.currency}".strip()))


def rank_decisions(decisions: Decisions, most: int | None = None) -> list[tuple[str, int, Row]]:
    """Everyone by total, the highest first; equal totals share the rank; those without a total come last.

    At `most` so many of them; None: all.
    """
    numbers = pl.int_range(len(decisions), dtype=pl.UInt32, eager=True).alias(_NUMBER)
    if not decisions.program.has_step(TOTAL):
        ranked = pl.DataFrame([numbers]).with_columns(pl.lit("").alias(_RANK))
    else:
        place = pl.col(TOTAL).rank("min", descending=True).cast(pl.String).fill_null("—")
        ranked = pl.DataFrame([numbers, decisions.frame[TOTAL]]).with_columns(place.alias(_RANK))
        ranked = ranked.sort(TOTAL, descending=True, nulls_last=True, maintain_order=True)
    ranked = ranked if most is None else ranked.head(most)
    rows = decisions.frame[ranked[_NUMBER]].iter_rows(named=True)
    return list(zip(ranked[_RANK], ranked[_NUMBER], rows, strict=True))


def result_cell(row: Row, name: str, program: Program) -> str:
    value = row[name]
    if name == NET:
        return f"{value:,.2f}" + (" *" if row[PARTIAL] else "")
    if value is None:
        return "—"
    if name == "grade":
        return next((grade.label or grade.id for grade in program.grades if grade.id == value), str(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    is_account = isinstance(program.step(name), Account)
    if isinstance(value, Decimal):
        return f"{value:.2f}" if is_account and name == TOTAL else format_decimal(value)
    return make_line(str(value))


def name_proposals(row: Row, program: Program) -> str:
    """The actions that the decision proposes, in one line."""
    steps = [action.step for action in program.actions if row[action.step]]
    return join_sentences(map(labeller(program), steps)) if steps else ""


def hold_causes(decisions: Decisions, number: int, waiting: Collection[str], *, with_places: bool = False) -> str:
    """The causes of all that is held, each once; nothing if nothing is held."""
    causes = [cause for step_causes in decisions.held.get(number, {}).values() for cause in step_causes]
    if decisions.facts.ids[number] in waiting:
        causes = [_find_root(cause) for cause in causes]
    return join_causes(causes, decisions.program, with_places=with_places) if causes else ""


def _find_root(cause: Diagnostic) -> Diagnostic:
    """Why an earlier period has no result, where that is known to be for want of earlier decisions."""
    is_later = cause.kind in {catalogue.NOT_DECIDED, catalogue.NO_PERIOD}
    return Diagnostic(catalogue.HISTORY_MISSING, cause.location, {"table": HISTORY}) if is_later else cause


@frozen(kw_only=True)
class DecidedTotals:
    """What is shown of all decisions together."""

    people: int
    held: int
    """How many people have something held."""
    grades: Mapping[str, int]
    net: Decimal
    is_partial: bool
    """Whether somebody's net pay lacks a line that is held."""

    @classmethod
    def of(cls, decisions: Decisions) -> "DecidedTotals":
        """Those of decisions in memory."""
        program, frame = decisions.program, decisions.frame
        grades = dict(frame["grade"].drop_nulls().cast(pl.String).value_counts().rows()) if program.grades else {}
        return cls(
            people=len(decisions),
            held=len(decisions.held),
            grades=grades,
            net=sum_decimals(frame[NET]) if program.pay else Decimal(0),
            is_partial=bool(program.pay and frame[PARTIAL].any()),
        )


def show_totals(program: Program, totals: DecidedTotals) -> None:
    """How many people there are, what is held, the grades, and net pay."""
    screen = console()
    parts = [
        ngettext("{count} person", "{count} people", totals.people),
        _("{count} with something held", count=totals.held),
    ]
    parts += [f"{grade.label or grade.id} {totals.grades.get(grade.id, 0)}" for grade in program.grades]
    if program.pay:
        parts.append(_("total net pay {amount}", amount=f"{totals.net:,.2f} {program.currency}".strip()))
    screen.print("  ".join(parts))
    if totals.is_partial:
        screen.print(_("* a pay line is held: net pay is the sum of the other lines"))


# for programs


def decisions_data(
    decisions: Decisions,
    assessment: Assessment,
    signed: Signed | None,
    review: MonthReview,
    odd_payments: Sequence[Diagnostic],
) -> dict[str, Any]:
    """The decisions as plain data, with the names of the language."""
    diagnostics = (*assessment.diagnostics, *review.notes, *odd_payments)
    return {
        "policy": f"{decisions.program.id}@{decisions.program.version}",
        "program": program_digest(decisions.program),
        "period": decisions.facts.period.label,
        **({"known_at": assessment.known_at.isoformat()} if assessment.known_at else {}),
        "problems": [diagnostic_data(diagnostic) for diagnostic in diagnostics],
        **({"reconciliation": reconciliation_data(review.reconciliation)} if review.reconciliation else {}),
        "decisions": [
            {
                **{name: value for name, value in row.items() if value is not None},
                **({"held": _held_data(decisions, number)} if number in decisions.held else {}),
            }
            for number, row in enumerate(decisions_table(decisions).iter_rows(named=True))
        ],
        **(_recorded_data(decisions, signed) if signed is not None else {}),
    }


def _held_data(decisions: Decisions, number: int) -> dict[str, list[dict[str, Any]]]:
    return {name: list(map(diagnostic_data, causes)) for name, causes in decisions.held[number].items()}


def _recorded_data(decisions: Decisions, signed: Signed) -> dict[str, Any]:
    program, adjustments = decisions.program, signed.adjustments
    is_paid = program.pay and signed.state == RUN
    return {
        "entries": signed.size,
        **({} if signed.state == RUN else {"run": signed.run, "state": signed.state}),
        "adjustments": adjustments_table(program, adjustments).rows(named=True),
        "payroll": payroll_table(decisions, adjustments).rows(named=True) if is_paid else [],
        "changes": changes_data(signed.changes),
    }
