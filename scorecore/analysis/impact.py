"""Two decisions of everyone side by side: who changes grade or pay, by how much, and which edit causes it.

Net pay is the sum of its lines, so its change is the sum of the changes of lines; a total likewise of its entries.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import polars as pl
from attrs import frozen

from scorecore.analysis.causes import AFTER, BEFORE, CauseTracer, align_sides
from scorecore.analysis.program_diff import EARLIER, diff_programs, find_reached, order_steps
from scorecore.evaluate.decisions import NET, SUBJECT, Decisions
from scorecore.facts.readable import make_readable
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import PLACES

ID: Final = "id"
PERIOD: Final = "period"
TOTAL: Final = SCORE_TOTAL
CHANGE: Final = "change"
CAUSES: Final = "causes"
"""The edits that lead to a change."""
PAY_CAUSES: Final = "pay_causes"
"""Of them those that lead to a change of pay."""
HELD: Final = "held"


@frozen(eq=False)
class ImpactTables:
    """What differs between two decisions of everyone, in one period or more."""

    people: pl.DataFrame
    """A row for each subject and period: id, period, the facts to add up by, `score.total`, `grade`, `pay.net` and
    `held` each with `:before` and `:after`, `change` of net pay, whether anything `differs`, `causes`, and those of
    them that lead to a change of pay as `pay_causes`."""
    lines: pl.DataFrame
    """id, period, line, before and after as they count in net pay, change, causes: a row where a line differs."""
    entries: pl.DataFrame
    """id, period, item, reason, before, after, change in points: a row where the entries of a reason differ."""
    edits: pl.DataFrame
    """period, name, before, after: what was edited."""

    @classmethod
    def of(cls, comparisons: Iterable["ImpactTables"]) -> "ImpactTables":
        """Comparisons of single periods as one."""
        periods = list(comparisons)
        return cls(
            pl.concat([tables.people for tables in periods]),
            pl.concat([tables.lines for tables in periods]),
            pl.concat([tables.entries for tables in periods]),
            pl.concat([tables.edits for tables in periods]),
        )


@frozen
class ImpactAnalysis:
    """Two programs about the same subjects and the same kind of period."""

    old: Program
    new: Program
    by: tuple[str, ...] = ()
    """Facts of each subject, to total by."""

    def watched(self, periods: Iterable[Period]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The steps of each program, besides its results, that an edit leads to: their values show the causes."""
        touched = frozenset(
            step for period in periods for edit in diff_programs(self.old, self.new, period) for step in edit.touches
        )
        names = find_reached(order_steps(self.old, self.new), touched)
        return _without_results(self.old, names), _without_results(self.new, names)

    def compare(self, before: Decisions, after: Decisions) -> ImpactTables:
        """The decisions of a period side by side; `watched` steps have a column in each."""
        period = after.facts.period
        edits = diff_programs(self.old, self.new, period)
        tracer = CauseTracer.of((self.old, self.new), edits, _join_sides(before, after), (before.facts, after.facts))
        shown = [edit for edit in edits if edit.name != EARLIER]
        return ImpactTables(
            self._compare_people(tracer, before, after),
            _compare_lines(tracer, period),
            _compare_entries(before, after),
            pl.DataFrame(
                [(period.label, edit.name, edit.before, edit.after) for edit in shown],
                schema=dict.fromkeys((PERIOD, "name", "before", "after"), pl.String),
                orient="row",
            ),
        )

    def _compare_people(self, tracer: CauseTracer, before: Decisions, after: Decisions) -> pl.DataFrame:
        columns = [pl.col(ID), pl.lit(after.facts.period.label).alias(PERIOD)]
        for name in (TOTAL, GRADE, NET):
            sides = zip((BEFORE, AFTER), align_sides(name, tracer.frame), strict=True)
            columns += [value.alias(name + side) for side, value in sides]
        for side, program in ((BEFORE, self.old), (AFTER, self.new)):
            nulls = [pl.col(name + side).is_null() for name in program.results()]
            columns.append(pl.any_horizontal(nulls or [pl.lit(value=False)]).alias(HELD + side))
        lines = dict.fromkeys(line.step for program in (self.old, self.new) for line in program.pay)
        paid = [name for name in lines if name in tracer.inputs]
        results = [name for name in (TOTAL, GRADE) if name in tracer.inputs]
        causes = (tracer.name_causes([*results, *paid]).alias(CAUSES), tracer.name_causes(paid).alias(PAY_CAUSES))
        people = tracer.frame.select(*columns, *causes)
        change = pl.col(NET + AFTER).fill_null(0) - pl.col(NET + BEFORE).fill_null(0)
        equal = [pl.col(name + BEFORE).eq_missing(pl.col(name + AFTER)) for name in (TOTAL, GRADE, NET, HELD)]
        people = people.with_columns(change.alias(CHANGE), differs=~pl.all_horizontal(equal))
        people = people.with_columns(pl.when("differs").then(name).alias(name) for name in (CAUSES, PAY_CAUSES))
        for name in self.by:
            people = people.join(_read_fact(name, before, after), on=ID, how="left", maintain_order="left")
        last = (CAUSES, PAY_CAUSES)
        return people.select(ID, PERIOD, *self.by, pl.exclude(ID, PERIOD, *self.by, *last), *last)


def _read_fact(name: str, before: Decisions, after: Decisions) -> pl.DataFrame:
    """A fact of each subject as text, by the new program if it reads it."""
    decisions = after if name in after.facts.subjects.columns else before
    column = next(column for column in decisions.program.schema.columns if column.name == name)
    values = decisions.facts.subjects.select(make_readable(pl.col(name), column.type)).to_series()
    return pl.DataFrame([decisions.facts.ids.alias(ID), values.cast(pl.String)])


def _without_results(program: Program, names: Collection[str]) -> tuple[str, ...]:
    """The steps of a program among some names that are not results."""
    results = {*program.results()}
    return tuple(name for name in names if program.has_step(name) and name not in results)


def _join_sides(before: Decisions, after: Decisions) -> pl.DataFrame:
    """A row for everybody that either side has decided about, the columns of each with its suffix."""
    old_frame, new_frame = (
        decisions.frame.select(decisions.facts.ids.alias(ID), pl.exclude(SUBJECT).name.suffix(side))
        for decisions, side in ((before, BEFORE), (after, AFTER))
    )
    if old_frame[ID].equals(new_frame[ID]):
        return old_frame.hstack(new_frame.drop(ID))
    return old_frame.join(new_frame, on=ID, how="full", coalesce=True).sort(ID)


def _compare_lines(tracer: CauseTracer, period: Period) -> pl.DataFrame:
    """The pay lines that count otherwise in net pay."""
    old_signs, new_signs = ({line.step: line.sign for line in program.pay} for program in tracer.programs)
    frames = [_NO_LINES]
    for name in dict.fromkeys((*new_signs, *old_signs)):
        old_amount, new_amount = align_sides(name, tracer.frame)
        frame = tracer.frame.lazy().select(
            ID,
            pl.lit(period.label).alias(PERIOD),
            line=pl.lit(name),
            before=(old_amount.fill_null(0) * old_signs.get(name, 0)).cast(_MONEY),
            after=(new_amount.fill_null(0) * new_signs.get(name, 0)).cast(_MONEY),
            causes=tracer.name_causes([name]) if name in tracer.inputs else pl.lit(""),
        )
        frames.append(frame.filter(pl.col("before") != pl.col("after")).collect())
    lines = pl.concat([frame.select(*_LINE_COLUMNS, CAUSES) for frame in frames])
    return lines.select(*_LINE_COLUMNS, (pl.col("after") - pl.col("before")).alias(CHANGE), CAUSES)


_MONEY: Final = pl.Decimal(38, PLACES)
_LINE_COLUMNS: Final = (ID, PERIOD, "line", "before", "after")
_NO_LINES: Final = pl.DataFrame(
    schema={ID: pl.String, PERIOD: pl.String, "line": pl.String, "before": _MONEY, "after": _MONEY, CAUSES: pl.String}
)


def _compare_entries(before: Decisions, after: Decisions) -> pl.DataFrame:
    """The reasons whose entries add up to other points."""
    ids = pl.concat([before.facts.ids, after.facts.ids]).unique().sort()
    rules = (rule for decisions in (before, after) for rule in decisions.program.ledger)
    reasons = list(dict.fromkeys((rule.account, rule.reason) for rule in rules))
    old_points, new_points = (_sum_points(decisions, ids, reasons) for decisions in (before, after))
    points = old_points.join(new_points, on=("who", "reason"), how="full", coalesce=True, suffix=AFTER)
    points = points.select(
        "who", "reason", before=pl.col("points").fill_null(0), after=pl.col(f"points{AFTER}").fill_null(0)
    )
    points = points.filter(pl.col("before") != pl.col("after")).sort("who", "reason")
    names = pl.DataFrame(reasons, schema={"item": pl.String, "reason": pl.String}, orient="row")[points["reason"]]
    return pl.DataFrame(
        [
            ids.gather(points["who"]).alias(ID),
            pl.repeat(after.facts.period.label, len(points), eager=True).alias(PERIOD),
            *names,
            points["before"],
            points["after"],
            (points["after"] - points["before"]).alias(CHANGE),
        ]
    )


def _sum_points(decisions: Decisions, ids: pl.Series, reasons: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """who, reason (their numbers in `ids` and in `reasons`), points."""
    numbers = {reason: number for number, reason in enumerate(reasons)}
    rules = [numbers[rule.account, rule.reason] for rule in decisions.program.ledger]
    entries = pl.DataFrame(
        [
            ids.search_sorted(decisions.facts.ids).gather(decisions.entries[SUBJECT]).cast(pl.UInt32).alias("who"),
            pl.Series(values=rules, dtype=pl.UInt32).gather(decisions.entries["rule"]).alias("reason"),
            decisions.entries["points"].cast(_MONEY).alias("points"),
        ]
    )
    return entries.group_by("who", "reason").agg(pl.col("points").sum())
