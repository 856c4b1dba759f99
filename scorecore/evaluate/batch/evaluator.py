"""Decides a whole company in columns with Polars. Whoever has a null in a result goes to the rows evaluator."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import localcontext
from typing import Any, Final

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.evaluate import decisions
from scorecore.evaluate.batch.flatten import FlatPosting, flatten, folds
from scorecore.evaluate.batch.folds import gather, past, totals
from scorecore.evaluate.batch.groups import ASTRAY, KEY, group_column
from scorecore.evaluate.batch.lower import (
    ColumnCompiler,
    ColumnRequest,
    compute_columns,
    plan_columns,
)
from scorecore.evaluate.decisions import (
    NET,
    PARTIAL,
    Decisions,
    completed,
    from_outcomes,
)
from scorecore.evaluate.groups import (
    Member,
    given,
    group_values,
    key_of,
)
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import PRESENT, SUBJECT, Facts, RowsBySubject, SubjectFacts
from scorecore.facts.readable import make_readable
from scorecore.language.expressions import (
    HISTORY,
    EventFold,
    Expression,
    Read,
    RowsValue,
    rows_table,
    subexpressions,
    walk,
)
from scorecore.language.groups import Group
from scorecore.language.operators import EXACT, ColumnExpression
from scorecore.language.operators.scaled import get_physical_dtype, make_literal
from scorecore.language.operators.scaled import rescale as rescaled
from scorecore.program.model import GroupStep, Program, Step, step_inputs
from scorecore.values.types import PLACES, Type, to_units
from scorecore.values.unknown import Unknown

_DECIDED: Final = "#decided"
"""Whether columns decided a subject."""


def evaluate_batch(program: Program, facts: Facts, *, ledgers: bool = True, steps: Collection[str] = ()) -> Decisions:
    """Decide everyone; without `ledgers` the tables of entries and pay lines stay empty.

    The values of `steps` stand in the frame beside the results.
    """
    run = _BatchRun(program, facts, tuple(steps))
    run.compute(ledgers=ledgers)
    undecided = run.undecided()
    decided = run.decisions(undecided, ledgers=ledgers)
    if not len(undecided):
        return decided
    numbers = undecided.to_list()
    known = run.company().records(numbers)
    return completed(decided, _one_by_one(program, facts, numbers, known, ledgers=ledgers, steps=steps))


@frozen(eq=False)
class Population:
    """Everybody with the group values of a program."""

    program: Program
    facts: Facts
    groups: pl.DataFrame
    """A column for each group value, and a row for each subject; null where it is unknown."""
    unknown: Mapping[str, Mapping[int, Any]] = field(factory=dict)
    """Who has none, and why."""

    def records(self, subjects: Sequence[int]) -> Iterator[SubjectFacts]:
        """The records of some subjects, by their ascending numbers, with their group values."""
        for who, record in zip(subjects, extract_subject_facts(self.program, self.facts, subjects), strict=True):
            values = {one.name: self.unknown.get(one.name, {}).get(who, one[who]) for one in self.groups}
            yield given(record, values) if values else record


def build_population(program: Program, facts: Facts) -> Population:
    """What `Decider.company` gives of everybody's records, in columns."""
    grouped = program.grouped
    if not grouped:
        return Population(program, facts, pl.DataFrame())
    names = [one.name for one in grouped]
    part = program.narrowed([*names, *(name for one in grouped for name in one.operands)])
    run = _BatchRun(part, facts, tuple(names))
    run.compute(ledgers=False)
    return run.company()


def evaluate_each(program: Program, facts: Facts, *, steps: Collection[str] = ()) -> Decisions:
    """Decide everyone with the rows evaluator: faster for few subjects."""
    everybody = range(len(facts))
    build_population = SubjectEvaluator.of(program, facts.period).add_group_values(
        extract_subject_facts(program, facts, everybody)
    )
    return _one_by_one(program, facts, everybody, build_population, ledgers=True, steps=steps)


def _one_by_one(
    program: Program,
    facts: Facts,
    subjects: Sequence[int],
    known: Iterable[SubjectFacts],
    *,
    ledgers: bool,
    steps: Collection[str],
) -> Decisions:
    outcomes = SubjectEvaluator.of(program, facts.period).decide_all(known)
    starts = {name: rows.ends.shift(1, fill_value=0)[list(subjects)] for name, rows in facts.rows.items()}
    made = from_outcomes(program, facts, outcomes, subjects, starts, steps)
    if ledgers:
        return made
    return Decisions(program, facts, made.frame, made.entries.clear(), made.pay.clear(), made.held)


@define
class _BatchRun:
    program: Program
    facts: Facts
    shown: tuple[str, ...] = ()
    """Steps that are wanted beside the results."""
    lowering: ColumnCompiler = field(init=False)
    steps: list[Step | GroupStep] = field(init=False)
    postings: list[FlatPosting] = field(init=False)
    subjects: pl.DataFrame = field(init=False)
    """The facts, and every step and fold that was computed so far."""
    folds: dict[Expression, str] = field(factory=dict)
    unknown: dict[str, dict[int, Any]] = field(factory=dict)
    """Of group values and their operands that are complete: who has none, and why."""

    def __attrs_post_init__(self) -> None:
        self.steps, self.postings = flatten(self.program)
        self.lowering = ColumnCompiler(self.program, period_context(self.program, self.facts.period), self.folds)
        self.subjects = self.facts.subjects
        known = [HISTORY] if self.program.schema.history else []
        known += [table.name for table in self.program.schema.events if table.use]
        self.subjects = self.subjects.with_columns(self.trusted(name).alias(f"{PRESENT}{name}") for name in known)

    def trusted(self, table: str) -> pl.Series:
        """For each subject, true where its rows of a table are known and null where they are not."""
        rows = self.facts.rows.get(table)
        known = pl.repeat(None if rows is None else True, len(self.facts), dtype=pl.Boolean, eager=True)
        return known if rows is None else known.scatter(sorted(rows.distrusted), None)

    def compute(self, *, ledgers: bool) -> None:
        """Alternate between steps of the subject and folds over rows, each as soon as what it reads is there."""
        pending = self.needed(ledgers=ledgers)
        while pending:
            ready = self.ready(pending)
            if ready:
                self.compute_steps(ready)
                done = {step.name for step in ready}
                pending = [step for step in pending if step.name not in done]
            wanted = dict.fromkeys(one for step in pending if isinstance(step, Step) for one in folds(step.expression))
            self.compute_folds([one for one in wanted if one not in self.folds and self.known(one)])
            grouped = [
                one for one in pending if isinstance(one, GroupStep) and {*one.operands} <= {*self.subjects.columns}
            ]
            self.compute_groups(grouped)
            pending = [step for step in pending if step not in grouped]

    def needed(self, *, ledgers: bool) -> list[Step | GroupStep]:
        """The steps that the results read, in their order."""
        by_name: dict[str, Step | GroupStep] = {step.name: step for step in self.steps}
        wanted = [*self.program.results(), *(line.applies for line in self.program.pay if line.applies), *self.shown]
        if ledgers:
            wanted += [name for one in self.postings for name in _reads(one.when, one.quantity, one.points)]
        seen: set[str] = set()
        while wanted:
            name = wanted.pop()
            step = by_name.get(name)
            if step is not None and name not in seen:
                seen.add(name)
                wanted += step_inputs(step)
        return [step for step in self.steps if step.name in seen]

    def known(self, of: Expression) -> bool:
        """Whether every value of the subject that an expression reads is there."""
        present = {*self.subjects.columns, *self.lowering.at.values}
        return all(name in present for name in _reads(of))

    def ready(self, pending: Sequence[Step | GroupStep]) -> list[Step]:
        present = {*self.subjects.columns, *self.lowering.at.values}
        found = []
        for step in pending:
            if isinstance(step, GroupStep):
                continue
            reads = {*_outer_reads(step.expression), *step.held_by}
            if reads <= present and all(one in self.folds for one in folds(step.expression)):
                found.append(step)
                present.add(step.name)
        return found

    def compute_steps(self, steps: Sequence[Step]) -> None:
        wanted = [ColumnRequest(step.name, step.expression, step.held_by) for step in steps]
        self.subjects = self.subjects.hstack(compute_columns(self.subjects, wanted, self.lowering))

    def compute_folds(self, wanted: Sequence[RowsValue]) -> None:
        by_table: dict[str, list[RowsValue]] = {}
        for one in wanted:
            by_table.setdefault(rows_table(one), []).append(one)
        for table, several in by_table.items():
            rows = self.facts.rows.get(table)
            names = [f"#{len(self.folds) + number}" for number in range(len(several))]
            if rows is None:  # nobody knows what happened
                empty = [pl.lit(None, dtype=get_physical_dtype(one.type)) for one in several]
                self.subjects = self.subjects.with_columns(map(pl.Expr.alias, empty, names))
            else:
                self.subjects = self.subjects.hstack(list(map(pl.Series.alias, self.fold_rows(rows, several), names)))
            self.folds.update(zip(several, names, strict=True))

    def compute_groups(self, wanted: Sequence[GroupStep]) -> None:
        """Group values whose operands are there: windows where all is known, and the rows evaluator for the rest."""
        if not wanted:
            return
        self.complete({name for one in wanted for name in one.operands})
        for one in wanted:
            group = self.program.group(one.group)
            members = self.members(group, one.operands)
            types = [self.program.step(name).type for name in one.operands]
            found = group_column(one, group, members, types)
            self.subjects = self.subjects.with_columns(found)
            self.unknown[one.name] = {}
            if found.null_count():
                self.by_rows(one, group, members, found)

    def members(self, group: Group, operands: Iterable[str]) -> pl.DataFrame:
        """The group of each subject, and its operands."""
        key, astray = pl.lit(""), pl.lit(value=False)
        if group.by:
            key = pl.col(group.by)
            optional = f"{PRESENT}{group.by}" in self.subjects.columns
            astray = key.is_null() & (pl.col(f"{PRESENT}{group.by}").fill_null(value=True) if optional else True)
        return self.subjects.select(key.alias(KEY), astray.alias(ASTRAY), *dict.fromkeys(operands))

    def by_rows(self, of: GroupStep, group: Group, members: pl.DataFrame, found: pl.Series) -> None:
        """The values of groups in which somebody has none, as the rows evaluator has them."""
        null = found.is_null()
        keys = members[KEY].filter(null).unique()
        chosen = (null | members[ASTRAY] | members[KEY].is_in(keys.drop_nulls().implode())).arg_true()
        operands = [self.python(name)[chosen].to_list() for name in of.operands]
        whys = [self.unknown[name] for name in of.operands]
        lost = chosen.filter(members[ASTRAY][chosen]).to_list()
        placed = {
            number: key_of(group, record)
            for number, record in zip(lost, extract_subject_facts(self.program, self.facts, lost), strict=True)
        }
        several = []
        for who, key, *values in zip(chosen, members[KEY][chosen], *operands, strict=True):
            held = [why[who] if value is None else value for value, why in zip(values, whys, strict=True)]
            several.append(Member(self.facts.ids[who], placed.get(who, key), *held))
        with localcontext(EXACT):
            values = group_values(of, group, several)
        self.fill(of.name, of.type, dict(zip(chosen, values, strict=True)))

    def fill(self, name: str, of: Type, values: Mapping[int, Any]) -> None:
        """Put what rows have found into a column of the subjects."""
        known = {number: value for number, value in values.items() if not isinstance(value, Unknown)}
        held = [to_units(value) // 10 ** (PLACES - of.places) if of.is_number else value for value in known.values()]
        column = self.subjects[name].clone()
        if known:
            column = column.scatter(list(known), pl.Series(values=held, dtype=column.dtype))
        self.subjects = self.subjects.with_columns(column.alias(name))
        self.unknown[name] = {number: value for number, value in values.items() if isinstance(value, Unknown)}

    def complete(self, names: Iterable[str]) -> None:
        """Operands, where they are null, as the rows evaluator has them: what is null after this is unknown."""
        wanted = [name for name in names if name not in self.unknown]
        rows = (
            self.subjects.select(unknown=pl.any_horizontal(pl.col(name).is_null() for name in wanted))
            if wanted
            else None
        )
        chosen = rows["unknown"].arg_true().to_list() if rows is not None else []
        part = self.program.narrowed(wanted)
        outcomes = SubjectEvaluator(part, self.lowering.at).decide_all(self.company().records(chosen)) if chosen else []
        at: dict[str, int] = {step.name: number for number, step in enumerate(part.steps)}
        for name in wanted:
            values = [outcome.values[at[name]] for outcome in outcomes]
            self.fill(name, self.program.step(name).type, dict(zip(chosen, values, strict=True)))

    def company(self) -> Population:
        """Everybody with the group values that are computed so far."""
        known = [self.python(one.name) for one in self.program.grouped if one.name in self.unknown]
        return Population(self.program, self.facts, pl.DataFrame(known), self.unknown)

    def python(self, name: str) -> pl.Series:
        """A column of the subjects as Python values."""
        return self.subjects.select(make_readable(pl.col(name), self.program.step(name).type)).to_series()

    def fold_rows(self, rows: RowsBySubject, several: Sequence[RowsValue]) -> list[pl.Series]:
        bodies = [part for one in several for part in subexpressions(one)]
        inner = ColumnCompiler(self.program, self.lowering.at, {}, beside=True)
        at = gather(rows, self.subjects, bodies, inner)
        inner = evolve(inner, folds=at.numbers)
        summed = [one for one in several if isinstance(one, EventFold)]
        found = dict(zip(summed, totals(at, inner, summed) if summed else (), strict=True))
        return [found[one] if isinstance(one, EventFold) else past(at, inner, one) for one in several]

    def undecided(self) -> pl.Series:
        """The subjects that have a null in a result."""
        names = [*self.program.results(), *(line.applies for line in self.program.pay if line.applies), *self.shown]
        unknown = [name for name in dict.fromkeys(names) if self.subjects[name].null_count()]
        if not unknown:
            return pl.Series(values=[], dtype=pl.UInt32)
        rows = self.subjects.select(unknown=pl.any_horizontal(pl.col(name).is_null() for name in unknown))
        return rows["unknown"].arg_true().cast(pl.UInt32)

    def decisions(self, undecided: pl.Series, *, ledgers: bool) -> Decisions:
        """Everyone's results; those of the undecided, who have no ledgers here, are yet to be completed."""
        program = self.program
        decided = pl.repeat(value=True, n=len(self.facts), dtype=pl.Boolean, eager=True)
        decided = decided.scatter(undecided, values=False).alias(_DECIDED)
        numbered = self.subjects.with_row_index(decisions.SUBJECT).with_columns(decided)
        chosen = [pl.col(decisions.SUBJECT)]
        results = decisions.result_columns(program, self.shown)
        chosen += [make_readable(pl.col(name), of).alias(name) for name, of in results.items()]
        if program.pay:
            chosen += [self.net().alias(NET), pl.lit(value=False).alias(PARTIAL)]
        frame = numbered.lazy().select(chosen).collect()
        if ledgers:
            entries, pay = self.entries(numbered), self.pay(numbered)
        else:
            nobody = from_outcomes(program, self.facts, (), (), {})
            entries, pay = nobody.entries, nobody.pay
        return Decisions(program, self.facts, frame, entries, pay)

    def net(self) -> pl.Expr:
        of = decisions.net_type(self.program)
        total = make_literal(0, get_physical_dtype(of))
        for line in self.program.pay:
            one = ColumnExpression(pl.col(line.step), self.program.step(line.step).type)
            amount = rescaled(one, of.places, get_physical_dtype(of))
            total = total + amount if line.sign > 0 else total - amount
        return make_readable(total, of)

    def pay(self, numbered: pl.DataFrame) -> pl.DataFrame:
        places = decisions.pay_places(self.program)
        subexpressions = []
        for at, line in enumerate(self.program.pay):
            of = self.program.step(line.step).type
            rows = numbered.lazy().filter(_DECIDED, *([line.applies] if line.applies else []))
            amount = _decimal(ColumnExpression(pl.col(line.step), of), places)
            subexpressions.append(rows.select(decisions.SUBJECT, line=pl.lit(at, dtype=pl.UInt16), amount=amount))
        return _concat(subexpressions) if subexpressions else from_outcomes(self.program, self.facts, (), (), {}).pay

    def entries(self, numbered: pl.DataFrame) -> pl.DataFrame:
        subexpressions = list(self.posted(numbered, self.lowering, [one for one in self.postings if not one.each]))
        by_table: dict[str, list[FlatPosting]] = {}
        for one in self.postings:
            if one.each in self.facts.rows:
                by_table.setdefault(one.each, []).append(one)
        inner = ColumnCompiler(self.program, self.lowering.at, {}, beside=True)
        for table, several in by_table.items():
            bodies = [part for one in several for part in _parts(one)]
            at = gather(self.facts.rows[table], self.subjects, bodies, inner)
            frame = at.frame.with_row_index("event").rename({SUBJECT: decisions.SUBJECT})
            decided = numbered[_DECIDED].gather(frame[decisions.SUBJECT])
            subexpressions += self.posted(frame.with_columns(decided), evolve(inner, folds=at.numbers), several)
        if not subexpressions:
            return from_outcomes(self.program, self.facts, (), (), {}).entries
        return _concat(subexpressions)

    def posted(
        self, frame: pl.DataFrame, lowering: ColumnCompiler, several: Sequence[FlatPosting]
    ) -> Iterator[pl.LazyFrame]:
        """The entries of some rules: first which rows have one, then the figures of those."""
        whens = {one.rule: ColumnRequest(f"#when{one.rule}", one.when) for one in several if one.when is not None}
        chosen = frame.hstack(compute_columns(frame, list(whens.values()), lowering)) if whens else frame
        for one in several:
            having = chosen.lazy().filter(_DECIDED, *([whens[one.rule].name] if one.rule in whens else []))
            yield self.figures(having, frame.columns, lowering, one)

    def figures(
        self, rows: pl.LazyFrame, columns: Sequence[str], lowering: ColumnCompiler, of: FlatPosting
    ) -> pl.LazyFrame:
        places = decisions.quantity_places(self.program)
        wanted = [ColumnRequest("#points", of.points)]
        wanted += [ColumnRequest("#quantity", of.quantity)] if of.quantity is not None else []
        quantity = pl.lit(None, dtype=pl.Decimal(38, places))
        if of.quantity is not None:
            quantity = _decimal(ColumnExpression(pl.col("#quantity"), of.quantity.type), places)
        kept = (decisions.SUBJECT, "event") if of.each else (decisions.SUBJECT,)
        return plan_columns(rows, columns, wanted, lowering, kept).select(
            decisions.SUBJECT,
            rule=pl.lit(of.rule, dtype=pl.UInt16),
            quantity=quantity,
            points=_decimal(ColumnExpression(pl.col("#points"), of.points.type), decisions.points_places(self.program)),
            event=pl.col("event") if of.each else pl.lit(None, dtype=pl.UInt32),
        )


def _concat(subexpressions: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    return pl.concat(pl.collect_all(subexpressions))


def _decimal(column: ColumnExpression, places: int) -> pl.Expr:
    return rescaled(column, places, pl.Int128()).reinterpret(dtype=pl.Decimal(38, places))


def _parts(of: FlatPosting) -> Iterator[Expression]:
    yield from (part for part in (of.when, of.quantity, of.points) if part is not None)


def _reads(*of: Expression | None) -> Iterator[str]:
    """The values of the subject that expressions read, inside folds as well."""
    return (part.name for one in of if one is not None for part in walk(one) if isinstance(part, Read))


def _outer_reads(of: Expression) -> Iterator[str]:
    """The values of the subject that an expression reads outside of folds."""
    if isinstance(of, RowsValue):
        return
    if isinstance(of, Read):
        yield of.name
    for part in subexpressions(of):
        yield from _outer_reads(part)
