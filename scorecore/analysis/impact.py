"""Two decisions of everyone side by side: who changes grade or pay, by how much, and which edit causes it.

Net pay is the sum of its lines, so its change is the sum of the changes of lines; a total likewise of its entries. A
cause is found by following, for each subject, the steps whose values differ: a step that differs and is touched by an
edit has that edit as a cause, and hands its causes on to the steps that read it and differ as well.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl
from attrs import field, frozen

from scorecore.analysis.program_diff import (
    EARLIER,
    ProgramEdit,
    diff_programs,
    find_reached,
    order_steps,
)
from scorecore.evaluate.decisions import NET, SUBJECT, Decisions
from scorecore.facts.subject_facts import ROW, Facts, readable_column
from scorecore.facts.subject_facts import SUBJECT as OF_SUBJECT
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.values.period import Period
from scorecore.values.types import PLACES

ID: Final = "id"
PERIOD: Final = "period"
TOTAL: Final = "score.total"
GRADE: Final = "grade"
CHANGE: Final = "change"
CAUSES: Final = "causes"
"""The edits that lead to a change."""
AND: Final = " + "
"""Between several."""
_BITS: Final = 64
_BEFORE: Final = ":before"
_AFTER: Final = ":after"
_MASK: Final = ":causes"
_PAST: Final = ":past"


@frozen(eq=False)
class ImpactTables:
    """What differs between two decisions of everyone, in one period or several."""

    people: pl.DataFrame
    """A row for each subject and period: id, period, the facts to add up by, `score.total`, `grade`, `pay.net` and
    `held` each with `:before` and `:after`, `change` of net pay, whether anything `differs`, and `causes`."""
    lines: pl.DataFrame
    """id, period, line, before and after as they count in net pay, change, causes: a row where a line differs."""
    entries: pl.DataFrame
    """id, period, item, reason, before, after, change in points: a row where the entries of a reason differ."""
    edits: pl.DataFrame
    """period, name, before, after: what was edited."""

    @classmethod
    def of(cls, several: Iterable["ImpactTables"]) -> "ImpactTables":
        """Comparisons of single periods as one."""
        parts = list(several)
        return cls(
            pl.concat([one.people for one in parts]),
            pl.concat([one.lines for one in parts]),
            pl.concat([one.entries for one in parts]),
            pl.concat([one.edits for one in parts]),
        )


@frozen
class ImpactAnalysis:
    """Two programs about the same subjects and the same kind of period."""

    old: Program
    new: Program
    by: tuple[str, ...] = ()
    """Facts that stand beside each subject, to add up by."""

    def watched(self, periods: Iterable[Period]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The steps of each program whose values tell causes: those that an edit leads to."""
        touched = frozenset(
            name for one in periods for edit in diff_programs(self.old, self.new, one) for name in edit.touches
        )
        names = find_reached(order_steps(self.old, self.new), touched)
        return _inner(self.old, names), _inner(self.new, names)

    def compare(self, before: Decisions, after: Decisions) -> ImpactTables:
        """The decisions of a period side by side; `watched` steps have a column in each."""
        period = after.facts.period
        found = diff_programs(self.old, self.new, period)
        frame = _joined(_side(before, _BEFORE), _side(after, _AFTER))
        frame = frame.with_columns(pl.col(ID).is_in(_differing_past(before.facts, after.facts).implode()).alias(_PAST))
        tracing = _Tracing(self.old, self.new, found, frame)
        frame = tracing.traced()
        shown = [one for one in found if one.name != EARLIER]
        return ImpactTables(
            self._people(frame, tracing, (before, after)),
            _lines(frame, tracing, period),
            _entries(before, after),
            pl.DataFrame(
                [(period.label, one.name, one.before, one.after) for one in shown],
                schema=dict.fromkeys((PERIOD, "name", "before", "after"), pl.String),
                orient="row",
            ),
        )

    def _people(self, frame: pl.DataFrame, tracing: "_Tracing", sides: tuple[Decisions, Decisions]) -> pl.DataFrame:
        columns = [pl.col(ID), pl.lit(sides[1].facts.period.label).alias(PERIOD)]
        for name in (TOTAL, GRADE, NET):
            both = dict(zip((_BEFORE, _AFTER), _alike(name, frame), strict=True))
            columns += [value.alias(name + side) for side, value in both.items()]
        for side, program in ((_BEFORE, self.old), (_AFTER, self.new)):
            nulls = [pl.col(name + side).is_null() for name in program.results()]
            columns.append(pl.any_horizontal(nulls or [pl.lit(value=False)]).alias(f"held{side}"))
        results = [TOTAL, GRADE, *dict.fromkeys(line.step for one in (self.old, self.new) for line in one.pay)]
        causes = tracing.names([name for name in results if name in tracing.order])
        people = frame.select(*columns, causes.alias(CAUSES))
        change = pl.col(NET + _AFTER).fill_null(0) - pl.col(NET + _BEFORE).fill_null(0)
        same = [pl.col(name + _BEFORE).eq_missing(pl.col(name + _AFTER)) for name in (TOTAL, GRADE, NET, "held")]
        people = people.with_columns(change.alias(CHANGE), differs=~pl.all_horizontal(same))
        people = people.with_columns(pl.when("differs").then(CAUSES).alias(CAUSES))
        for name in self.by:
            of = next(one for one in reversed(sides) if name in one.facts.subjects.columns)
            column = next(one for one in of.program.schema.columns if one.name == name)
            values = of.facts.subjects.select(readable_column(pl.col(name), column.type)).to_series()
            known = pl.DataFrame([of.facts.ids.alias(ID), values.cast(pl.String)])
            people = people.join(known, on=ID, how="left", maintain_order="left")
        return people.select(ID, PERIOD, *self.by, pl.exclude(ID, PERIOD, *self.by, CAUSES), CAUSES)


def _inner(of: Program, names: Collection[str]) -> tuple[str, ...]:
    """Steps of a program that are no results."""
    results = {*of.results()}
    return tuple(name for name in names if of.has_step(name) and name not in results)


def _side(of: Decisions, suffix: str) -> pl.DataFrame:
    return of.frame.select(of.facts.ids.alias(ID), pl.exclude(SUBJECT).name.suffix(suffix))


def _joined(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    if before[ID].equals(after[ID]):
        return before.hstack(after.drop(ID))
    return before.join(after, on=ID, how="full", coalesce=True).sort(ID)


def _alike(name: str, frame: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """A value before and after as columns of one type; where there is no such step, what stands for nothing."""
    types = [frame.schema.get(name + side) for side in (_BEFORE, _AFTER)]
    known = [one for one in types if one is not None]
    if not known:
        return pl.lit(None), pl.lit(None)
    numbers = all(one.is_numeric() for one in known)
    common: pl.DataType = known[0] if len({*known}) == 1 else pl.String()
    if numbers:
        scale = max(one.scale if isinstance(one, pl.Decimal) else 0 for one in known)
        common = pl.Decimal(38, min(scale, PLACES))
    nothing = pl.lit(0 if numbers else None) if common != pl.Boolean() else pl.lit(value=False)
    both = (
        (nothing if of is None else pl.col(name + side)).cast(common)
        for of, side in zip(types, (_BEFORE, _AFTER), strict=True)
    )
    before, after = both
    return before, after


@frozen
class _Tracing:
    """Follows causes: for each step a column of bits, one for each edit that leads to a difference of its value."""

    old: Program
    new: Program
    edits: Sequence[ProgramEdit]
    frame: pl.DataFrame = field(eq=False)
    order: Mapping[str, frozenset[str]] = field(init=False)
    """The steps that edits lead to, the read ones first, each with those of them that it reads."""

    @order.default
    def _order(self) -> Mapping[str, frozenset[str]]:
        every = order_steps(self.old, self.new)
        names = {*find_reached(every, frozenset(name for one in self.edits for name in one.touches))}
        return {name: reads & names for name, reads in every if name in names}

    def words(self) -> list[Sequence[ProgramEdit]]:
        """The edits by the column that has their bits."""
        return [self.edits[at : at + _BITS] for at in range(0, len(self.edits), _BITS)]

    def traced(self) -> pl.DataFrame:
        """The frame with the bits of every step."""
        made = self.frame.lazy()
        grouped = {step.name for one in (self.old, self.new) for step in one.grouped}
        for name, reads in self.order.items():
            before, after = _alike(name, self.frame)
            differs = before.ne_missing(after)
            bits = []
            for number, several in enumerate(self.words()):
                found = self.direct(name, several)
                for one in sorted(reads):
                    handed = pl.col(f"{one}{_MASK}{number}")
                    # whoever is in a group may have what another member's value did
                    found |= handed.bitwise_or() if name in grouped else handed
                bits.append(pl.when(differs).then(found).otherwise(_no_bits()).alias(f"{name}{_MASK}{number}"))
            made = made.with_columns(bits)
        return made.collect()

    def direct(self, name: str, several: Sequence[ProgramEdit]) -> pl.Expr:
        """The bits of the edits that touch a step; that of earlier periods only where they differ."""
        touching = {bit: one for bit, one in enumerate(several) if name in one.touches}
        plain = sum(1 << bit for bit, one in touching.items() if one.name != EARLIER)
        found = pl.lit(plain, dtype=pl.UInt64)
        for bit in (bit for bit, one in touching.items() if one.name == EARLIER):
            found |= pl.when(_PAST).then(pl.lit(1 << bit, dtype=pl.UInt64)).otherwise(_no_bits())
        return found

    def names(self, steps: Sequence[str]) -> pl.Expr:
        """The causes of some results in words; of a line of pay that counts otherwise its edit, whatever its value."""
        signs = [{line.step: line.sign for line in one.pay} for one in (self.old, self.new)]
        turned = [name for name in steps if signs[0].get(name) != signs[1].get(name)]
        texts = []
        for number, several in enumerate(self.words() if steps else ()):
            bits = _no_bits()
            for name in steps:
                bits |= pl.col(f"{name}{_MASK}{number}")
            for name in turned:
                counts = pl.any_horizontal(value.fill_null(0) != 0 for value in _alike(name, self.frame))
                bits |= pl.when(counts).then(self.direct(name, several)).otherwise(_no_bits())
            texts.append(bits.map_batches(partial(_in_words, of=several), return_dtype=pl.String))
        return pl.concat_str(texts, separator=AND, ignore_nulls=True) if texts else pl.lit("", dtype=pl.String)


def _no_bits() -> pl.Expr:
    return pl.lit(0, dtype=pl.UInt64)


def _in_words(bits: pl.Series, of: Sequence[ProgramEdit]) -> pl.Series:
    """The names of the edits whose bits are set; null where there is none."""
    known = bits.unique()
    texts = [AND.join(one.name for at, one in enumerate(of) if number >> at & 1) or None for number in known]
    return bits.replace_strict(known, pl.Series(values=texts, dtype=pl.String), return_dtype=pl.String)


def _differing_past(before: Facts, after: Facts) -> pl.Series:
    """The ids of those of whom earlier periods say something else."""
    sides = [(one, one.rows.get(HISTORY)) for one in (before, after)]
    frames = [
        rows.frame.drop(ROW, OF_SUBJECT, strict=False).select(
            facts.ids.gather(rows.frame[OF_SUBJECT]).alias(ID), pl.exclude(ID)
        )
        for facts, rows in sides
        if rows is not None
    ]
    if len(frames) < len(sides):
        return pl.concat([one[ID] for one in frames]).unique() if frames else pl.Series(ID, [], dtype=pl.String)
    # a value that only one side reads cannot differ
    shared = [name for name in frames[0].columns if name in frames[1].columns]
    lone = pl.concat([one.select(pl.col(shared).cast(pl.String)) for one in frames])
    return lone.filter(lone.is_unique())[ID].unique()


def _lines(frame: pl.DataFrame, tracing: _Tracing, period: Period) -> pl.DataFrame:
    """The lines of pay that count otherwise in net pay."""
    signs = [{line.step: line.sign for line in one.pay} for one in (tracing.old, tracing.new)]
    parts = [_NO_LINES]
    for name in dict.fromkeys((*signs[1], *signs[0])):
        counts = [
            value.fill_null(0) * sign.get(name, 0) for value, sign in zip(_alike(name, frame), signs, strict=True)
        ]
        causes = tracing.names([name]) if name in tracing.order else pl.lit("")
        part = frame.lazy().select(
            ID,
            pl.lit(period.label).alias(PERIOD),
            line=pl.lit(name),
            before=counts[0].cast(_MONEY),
            after=counts[1].cast(_MONEY),
            causes=causes,
        )
        parts.append(part.filter(pl.col("before") != pl.col("after")).collect())
    lines = pl.concat([one.select(*_LINE, CAUSES) for one in parts])
    return lines.select(*_LINE, (pl.col("after") - pl.col("before")).alias(CHANGE), CAUSES)


_MONEY: Final = pl.Decimal(38, PLACES)
_LINE: Final = (ID, PERIOD, "line", "before", "after")
_NO_LINES: Final = pl.DataFrame(
    schema={ID: pl.String, PERIOD: pl.String, "line": pl.String, "before": _MONEY, "after": _MONEY, CAUSES: pl.String}
)


def _entries(before: Decisions, after: Decisions) -> pl.DataFrame:
    """The reasons whose entries add up to other points."""
    ids = pl.concat([before.facts.ids, after.facts.ids]).unique().sort()
    reasons = list(dict.fromkeys((rule.account, rule.reason) for one in (before, after) for rule in one.program.ledger))
    sides = [_added(one, ids, reasons) for one in (before, after)]
    both = sides[0].join(sides[1], on=("who", "reason"), how="full", coalesce=True, suffix=_AFTER)
    both = both.select(
        "who", "reason", before=pl.col("points").fill_null(0), after=pl.col(f"points{_AFTER}").fill_null(0)
    )
    both = both.filter(pl.col("before") != pl.col("after")).sort("who", "reason")
    names = pl.DataFrame(reasons, schema={"item": pl.String, "reason": pl.String}, orient="row")[both["reason"]]
    return pl.DataFrame(
        [
            ids.gather(both["who"]).alias(ID),
            pl.repeat(after.facts.period.label, len(both), eager=True).alias(PERIOD),
            *names,
            both["before"],
            both["after"],
            (both["after"] - both["before"]).alias(CHANGE),
        ]
    )


def _added(of: Decisions, ids: pl.Series, reasons: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """The points of each subject and reason; both are numbers."""
    at = {reason: number for number, reason in enumerate(reasons)}
    rules = pl.Series(values=[at[rule.account, rule.reason] for rule in of.program.ledger], dtype=pl.UInt32)
    who = ids.search_sorted(of.facts.ids)
    rows = pl.DataFrame(
        [
            who.gather(of.entries[SUBJECT]).cast(pl.UInt32).alias("who"),
            rules.gather(of.entries["rule"]).alias("reason"),
            of.entries["points"].cast(_MONEY).alias("points"),
        ]
    )
    return rows.group_by("who", "reason").agg(pl.col("points").sum())


def sum_by_person(of: ImpactTables) -> pl.DataFrame:
    """A row for each subject that differs, who gains most first: id, periods, pay before and after, change, causes."""
    found = of.people.group_by(ID, maintain_order=True).agg(
        periods=pl.col("differs").sum(),
        before=pl.col(NET + _BEFORE).fill_null(0).sum(),
        after=pl.col(NET + _AFTER).fill_null(0).sum(),
        change=pl.col(CHANGE).sum(),
        causes=pl.col(CAUSES).drop_nulls().str.split(AND).explode().unique(maintain_order=True).str.join(AND),
    )
    return found.filter(pl.col("periods") > 0).sort(pl.col(CHANGE), ID, descending=[True, False])


def sum_by_cause(of: ImpactTables) -> pl.DataFrame:
    """A row for each line and its causes: people, before, after, change. The changes add up to that of net pay."""
    found = of.lines.group_by("line", CAUSES).agg(
        people=pl.col(ID).n_unique(),
        before=pl.col("before").sum(),
        after=pl.col("after").sum(),
        change=pl.col(CHANGE).sum(),
    )
    return found.sort(pl.col(CHANGE).abs(), "line", CAUSES, descending=[True, False, False])


def sum_by_reason(of: ImpactTables) -> pl.DataFrame:
    """A row for each reason for points that differs: item, reason, people, before, after, change."""
    found = of.entries.group_by("item", "reason", maintain_order=True).agg(
        people=pl.col(ID).n_unique(),
        before=pl.col("before").sum(),
        after=pl.col("after").sum(),
        change=pl.col(CHANGE).sum(),
    )
    return found.sort(pl.col(CHANGE).abs(), "item", "reason", descending=[True, False, False])


def sum_by_columns(of: ImpactTables, by: Sequence[str]) -> pl.DataFrame:
    """A row for each value of `by`: decisions, how many differ, pay before and after, change."""
    return (
        of.people.group_by(*by)
        .agg(
            decisions=pl.len(),
            differ=pl.col("differs").sum(),
            up=(pl.col(CHANGE) > 0).sum(),
            down=(pl.col(CHANGE) < 0).sum(),
            before=pl.col(NET + _BEFORE).fill_null(0).sum(),
            after=pl.col(NET + _AFTER).fill_null(0).sum(),
            change=pl.col(CHANGE).sum(),
        )
        .sort(*by, nulls_last=True)
    )


def count_grade_moves(of: ImpactTables) -> pl.DataFrame:
    """How many decisions have which grade before and after: `grade:before`, `grade:after`, decisions, change of pay."""
    grades = (GRADE + _BEFORE, GRADE + _AFTER)
    found = of.people.group_by(*grades).agg(decisions=pl.len(), change=pl.col(CHANGE).sum())
    return found.sort(*grades, nulls_last=True)
