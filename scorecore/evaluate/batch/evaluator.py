"""Decides a whole company in columns with Polars. Whoever has a null in a result goes to the row evaluator."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.evaluate import decisions
from scorecore.evaluate.batch.earlier_columns import ColumnsInTurn, ComputedColumns
from scorecore.evaluate.batch.flatten import FlatPosting, flatten, folds
from scorecore.evaluate.batch.folds import fold_events, gather, read_past
from scorecore.evaluate.batch.groups import KEY, LEFT_OUT, UNPLACED, group_column, leaves_out
from scorecore.evaluate.batch.ledgers import DECIDED, LedgerTables, sum_net_pay
from scorecore.evaluate.batch.lower import ColumnCompiler, ColumnRequest, compute_columns
from scorecore.evaluate.decisions import NET, PARTIAL, Decisions, fill_in, from_outcomes
from scorecore.evaluate.groups import group_key, group_values, make_member, with_group_values
from scorecore.evaluate.outcome import Outcome
from scorecore.evaluate.period_context import period_context
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.extract import extract_subject_facts
from scorecore.facts.model import PRESENT, Facts, RowsBySubject, SubjectFacts
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
from scorecore.language.operators.ratio_columns import show_column
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.model import Program
from scorecore.program.steps import GroupStep, Step, step_inputs
from scorecore.values.step_id import EXCLUDED
from scorecore.values.types import PLACES, Type, Value, to_units
from scorecore.values.unknown import Maybe, Unknown


def evaluate_batch(
    program: Program,
    facts: Facts,
    *,
    ledgers: bool = True,
    steps: Collection[str] = (),
    in_turn: ColumnsInTurn | None = None,
) -> Decisions:
    """Decide everyone; without `ledgers` the tables of entries and pay lines stay empty.

    The values of `steps` are in the frame next to the results. Evaluations that share `in_turn` share columns.
    """
    run = _BatchRun(program, facts, tuple(steps))
    if in_turn is not None and in_turn.last is not None:
        run.take(in_turn.last)
    run.compute(ledgers=ledgers)
    if in_turn is not None:
        in_turn.last = run.computed()
    undecided = run.undecided()
    decided = run.decisions(undecided, ledgers=ledgers)
    if not len(undecided):
        return decided
    numbers = undecided.to_list()
    subjects = run.population().subject_facts(numbers)
    return fill_in(decided, _evaluate_subjects(program, facts, numbers, subjects, ledgers=ledgers, steps=steps))


@frozen(eq=False)
class Population:
    """Everybody with the group values of a program."""

    program: Program
    facts: Facts
    groups: pl.DataFrame
    """A column for each group value, and a row for each subject; null where it is unknown."""
    unknown: Mapping[str, Mapping[int, Unknown]] = field(factory=dict)
    """By group value the subjects that have none, and why."""

    def subject_facts(self, subjects: Sequence[int]) -> Iterator[SubjectFacts]:
        """The facts of some subjects, by their ascending numbers, with their group values."""
        extracted = extract_subject_facts(self.program, self.facts, subjects)
        for number, facts in zip(subjects, extracted, strict=True):
            values = {
                column.name: self.unknown.get(column.name, {}).get(number, column[number]) for column in self.groups
            }
            yield with_group_values(facts, values) if values else facts


def build_population(program: Program, facts: Facts) -> Population:
    """What `SubjectEvaluator.add_group_values` gives of everybody's facts, in columns."""
    if not program.grouped:
        return Population(program, facts, pl.DataFrame())
    names = [step.name for step in program.grouped]
    part = program.narrowed([*names, *(name for step in program.grouped for name in step.operands)])
    run = _BatchRun(part, facts, tuple(names))
    run.compute(ledgers=False)
    return run.population()


def evaluate_each(program: Program, facts: Facts, *, steps: Collection[str] = ()) -> Decisions:
    """Decide everyone with the row evaluator: faster for few subjects."""
    numbers = range(len(facts))
    evaluator = SubjectEvaluator.of(program, facts.period)
    everybody = evaluator.add_group_values(extract_subject_facts(program, facts, numbers))
    return _evaluate_subjects(program, facts, numbers, everybody, ledgers=True, steps=steps)


def _evaluate_subjects(
    program: Program,
    facts: Facts,
    numbers: Sequence[int],
    subjects: Iterable[SubjectFacts],
    *,
    ledgers: bool,
    steps: Collection[str],
) -> Decisions:
    """Decisions of the row evaluator about some subjects, whose facts have the group values."""
    outcomes = SubjectEvaluator.of(program, facts.period).decide_all(subjects)
    starts = {name: rows.ends.shift(1, fill_value=0)[list(numbers)] for name, rows in facts.rows.items()}
    decided = from_outcomes(program, facts, outcomes, numbers, starts, steps)
    if ledgers:
        return decided
    return Decisions(program, facts, decided.frame, decided.entries.clear(), decided.pay.clear(), decided.held)


@define
class _BatchRun:
    """One evaluation of everybody: which columns are there so far, and what is computed next."""

    program: Program
    facts: Facts
    shown: tuple[str, ...] = ()
    """Steps that are shown beside the results."""
    lowering: ColumnCompiler = field(init=False)
    steps: list[Step | GroupStep] = field(init=False)
    postings: list[FlatPosting] = field(init=False)
    subjects: pl.DataFrame = field(init=False)
    """The facts, and every step and fold that was computed so far."""
    folds: dict[Expression, str] = field(factory=dict)
    unknown: dict[str, dict[int, Unknown]] = field(factory=dict)
    """Of group values and their operands that are complete: the subjects that have none, and why."""

    def __attrs_post_init__(self) -> None:
        self.steps, self.postings = flatten(self.program)
        self.lowering = ColumnCompiler(self.program, period_context(self.program, self.facts.period), self.folds)
        tables = [HISTORY] if self.program.schema.history else []
        tables += [table.name for table in self.program.schema.events if table.use]
        trusted = (self.trusted(name).alias(f"{PRESENT}{name}") for name in tables)
        self.subjects = self.facts.subjects.with_columns(trusted)

    def take(self, earlier: ComputedColumns) -> None:
        """Take the columns of another evaluation that would be computed alike."""
        inputs = earlier.unchanged(self.program, self.facts, self.lowering.context)
        if inputs is None:
            return
        taken = [earlier.subjects[name] for name in earlier.take(inputs, self.steps)]
        for fold, name in earlier.folds.items():
            if inputs.covers(fold):
                taken.append(earlier.subjects[name].alias(f"#{len(self.folds)}"))
                self.folds[fold] = taken[-1].name
        self.subjects = self.subjects.hstack(taken)

    def computed(self) -> ComputedColumns:
        """What another evaluation may take."""
        return ComputedColumns(
            self.program, self.facts, self.lowering.context, self.steps, self.subjects, dict(self.folds)
        )

    def trusted(self, table: str) -> pl.Series:
        """For each subject, true where its rows of a table are known and null where they are not."""
        rows = self.facts.rows.get(table)
        is_known = pl.repeat(None if rows is None else True, len(self.facts), dtype=pl.Boolean, eager=True)
        return is_known if rows is None else is_known.scatter(sorted(rows.distrusted), None)

    def compute(self, *, ledgers: bool) -> None:
        """Alternate between steps of the subject and folds over rows, each as soon as what it reads is there."""
        pending = [step for step in self.needed(ledgers=ledgers) if step.name not in self.subjects.columns]
        while pending:
            ready = self.ready(pending)
            if ready:
                self.compute_steps(ready)
                done = {step.name for step in ready}
                pending = [step for step in pending if step.name not in done]
            read = dict.fromkeys(fold for step in pending if isinstance(step, Step) for fold in folds(step.expression))
            self.compute_folds([fold for fold in read if fold not in self.folds and self.has_inputs(fold)])
            present = {*self.subjects.columns}
            grouped = [step for step in pending if isinstance(step, GroupStep) and {*step.operands} <= present]
            self.compute_groups(grouped)
            pending = [step for step in pending if step not in grouped]

    def decisive(self) -> list[str]:
        """The steps that a subject must have for columns to decide it."""
        conditions = (line.applies for line in self.program.pay if line.applies)
        return list(dict.fromkeys((*self.program.results(), *conditions, *self.shown)))

    def needed(self, *, ledgers: bool) -> list[Step | GroupStep]:
        """The steps that the results read, in their order."""
        by_name: dict[str, Step | GroupStep] = {step.name: step for step in self.steps}
        pending = self.decisive()
        if ledgers:
            pending += [name for posting in self.postings for name in _reads(*posting.expressions())]
        seen: set[str] = set()
        while pending:
            name = pending.pop()
            step = by_name.get(name)
            if step is not None and name not in seen:
                seen.add(name)
                pending += step_inputs(step)
        return [step for step in self.steps if step.name in seen]

    def has_inputs(self, expression: Expression) -> bool:
        """Whether every value of the subject that an expression reads is there."""
        present = {*self.subjects.columns, *self.lowering.context.values}
        return all(name in present for name in _reads(expression))

    def ready(self, pending: Sequence[Step | GroupStep]) -> list[Step]:
        """The steps that can be computed, each from what is there and from the ready ones before it."""
        present = {*self.subjects.columns, *self.lowering.context.values}
        ready = []
        for step in pending:
            if isinstance(step, GroupStep):
                continue
            reads = {*_outer_reads(step.expression), *step.held_by}
            if reads <= present and all(fold in self.folds for fold in folds(step.expression)):
                ready.append(step)
                present.add(step.name)
        return ready

    def compute_steps(self, steps: Sequence[Step]) -> None:
        requests = [ColumnRequest(step.name, step.expression, step.held_by) for step in steps]
        self.subjects = self.subjects.hstack(compute_columns(self.subjects, requests, self.lowering))

    def compute_folds(self, values: Sequence[RowsValue]) -> None:
        """Values that are made from rows, table by table."""
        by_table: dict[str, list[RowsValue]] = {}
        for value in values:
            by_table.setdefault(rows_table(value), []).append(value)
        for table, folded in by_table.items():
            rows = self.facts.rows.get(table)
            names = [f"#{len(self.folds) + number}" for number in range(len(folded))]
            if rows is None:  # nobody knows what happened
                empty = [pl.lit(None, dtype=get_physical_dtype(value.type)) for value in folded]
                self.subjects = self.subjects.with_columns(map(pl.Expr.alias, empty, names))
            else:
                columns = list(map(pl.Series.alias, self.fold_rows(rows, folded), names))
                self.subjects = self.subjects.hstack(columns)
            self.folds.update(zip(folded, names, strict=True))

    def fold_rows(self, rows: RowsBySubject, values: Sequence[RowsValue]) -> list[pl.Series]:
        bodies = [part for value in values for part in subexpressions(value)]
        inner = ColumnCompiler(self.program, self.lowering.context, {}, beside=True)
        gathered = gather(rows, self.subjects, bodies, inner, self.facts.rows)
        inner = evolve(inner, folds=gathered.numbers)
        summed = [value for value in values if isinstance(value, EventFold)]
        columns = dict(zip(summed, fold_events(gathered, inner, summed) if summed else (), strict=True))
        return [
            columns[value] if isinstance(value, EventFold) else read_past(gathered, inner, value) for value in values
        ]

    def compute_groups(self, steps: Sequence[GroupStep]) -> None:
        """Group values whose operands are there: windows where all is known, and the row evaluator for the rest."""
        if not steps:
            return
        self.complete({name for step in steps for name in step.operands})
        for step in steps:
            group = self.program.group(step.group)
            members = self.members(step, group)
            types = [self.program.step(name).type for name in step.operands]
            column = group_column(step, group, members, types)
            self.subjects = self.subjects.with_columns(column)
            self.unknown[step.name] = {}
            if column.null_count():
                self.compute_group_by_rows(step, group, members, column)

    def members(self, step: GroupStep, group: Group) -> pl.DataFrame:
        """The group of each subject, and its operands."""
        key, is_unplaced, is_left_out = pl.lit(""), pl.lit(value=False), pl.lit(value=False)
        if leaves_out(self.program, step):
            is_left_out = pl.col(EXCLUDED).fill_null(value=False)
        if group.by:
            key = pl.col(group.by)
            is_optional = f"{PRESENT}{group.by}" in self.subjects.columns
            is_unplaced = key.is_null()
            if is_optional:
                is_unplaced &= pl.col(f"{PRESENT}{group.by}").fill_null(value=True)
        marks = (key.alias(KEY), is_unplaced.alias(UNPLACED), is_left_out.alias(LEFT_OUT))
        return self.subjects.select(*marks, *dict.fromkeys(step.operands))

    def compute_group_by_rows(self, step: GroupStep, group: Group, members: pl.DataFrame, column: pl.Series) -> None:
        """The values of groups in which a member has none, as the row evaluator has them."""
        is_null, unplaced = column.is_null(), members[UNPLACED]
        keys = members[KEY].filter(is_null & ~members[LEFT_OUT]).unique()
        chosen = (is_null | unplaced | members[KEY].is_in(keys.drop_nulls().implode())).arg_true()
        operands = [self.readable(name)[chosen].to_list() for name in step.operands]
        reasons = [self.unknown[name] for name in step.operands]
        numbers = chosen.filter(unplaced[chosen]).to_list()
        unplaced_facts = extract_subject_facts(self.program, self.facts, numbers)
        unknown_keys = {number: group_key(group, facts) for number, facts in zip(numbers, unplaced_facts, strict=True)}
        chosen_members = []
        for number, key, *values in zip(chosen, members[KEY][chosen], *operands, strict=True):
            known = zip(values, reasons, strict=True)
            operand_values = [unknown[number] if value is None else value for value, unknown in known]
            key_or_reason = unknown_keys.get(number, key)
            member = make_member(self.program, step, self.facts.ids[number], key_or_reason, operand_values)
            chosen_members.append(member)
        with localcontext(EXACT):
            group_results = group_values(step, group, chosen_members)
        self.fill(step.name, step.type, dict(zip(chosen, group_results, strict=True)))

    def fill(self, name: str, value_type: Type, values: Mapping[int, Maybe]) -> None:
        """Put what the row evaluator gave into a column of the subjects."""
        column = self.subjects[name].clone()
        decided = {number: value for number, value in values.items() if not isinstance(value, Unknown)}
        if decided:
            cells = [_to_physical(value, value_type) for value in decided.values()]
            column = column.scatter(list(decided), pl.Series(values=cells, dtype=column.dtype))
        self.subjects = self.subjects.with_columns(column.alias(name))
        self.unknown[name] = {number: value for number, value in values.items() if isinstance(value, Unknown)}

    def complete(self, names: Iterable[str]) -> None:
        """Operands, where they are null, as the row evaluator has them: what is null after this is unknown."""
        incomplete = [name for name in names if name not in self.unknown]
        numbers = self.rows_with_null(incomplete).to_list()
        outcomes: list[Outcome] = []
        if numbers:
            evaluator = SubjectEvaluator(self.program.narrowed(incomplete), self.lowering.context)
            outcomes = evaluator.decide_all(self.population().subject_facts(numbers))
        for name in incomplete:
            values = [outcome.value(name) for outcome in outcomes]
            self.fill(name, self.program.step(name).type, dict(zip(numbers, values, strict=True)))

    def population(self) -> Population:
        """Everybody with the group values that are computed so far."""
        computed = [self.readable(step.name) for step in self.program.grouped if step.name in self.unknown]
        return Population(self.program, self.facts, pl.DataFrame(computed), self.unknown)

    def readable(self, name: str) -> pl.Series:
        """A column of the subjects as Python values."""
        return self.subjects.select(make_readable(pl.col(name), self.program.step(name).type)).to_series()

    def rows_with_null(self, names: Iterable[str]) -> pl.Series:
        """The subjects that have a null in one of some columns."""
        nullable = [name for name in dict.fromkeys(names) if self.subjects[name].null_count()]
        if not nullable:
            return pl.Series(values=[], dtype=pl.UInt32)
        rows = self.subjects.select(has_null=pl.any_horizontal(pl.col(name).is_null() for name in nullable))
        return rows["has_null"].arg_true().cast(pl.UInt32)

    def undecided(self) -> pl.Series:
        """The subjects that have a null in a result."""
        return self.rows_with_null(self.decisive())

    def decisions(self, undecided: pl.Series, *, ledgers: bool) -> Decisions:
        """Everyone's results; those of the undecided, who have no ledgers here, are yet to be filled in."""
        program = self.program
        is_decided = pl.repeat(value=True, n=len(self.facts), dtype=pl.Boolean, eager=True)
        is_decided = is_decided.scatter(undecided, values=False).alias(DECIDED)
        numbered = self.subjects.with_row_index(decisions.SUBJECT).with_columns(is_decided)
        columns = [pl.col(decisions.SUBJECT)]
        results = decisions.result_columns(program, self.shown)
        for name, value_type in results.items():
            column = show_column(ColumnExpression(pl.col(name), program.step(name).type), value_type)
            columns.append(make_readable(column, value_type).alias(name))
        if program.pay:
            columns += [sum_net_pay(program).alias(NET), pl.lit(value=False).alias(PARTIAL)]
        frame = numbered.lazy().select(columns).collect()
        if not ledgers:
            nobody = from_outcomes(program, self.facts, (), (), {})
            return Decisions(program, self.facts, frame, nobody.entries, nobody.pay)
        tables = LedgerTables(program, self.facts, self.lowering, self.postings, numbered)
        return Decisions(program, self.facts, frame, tables.entries(), tables.pay())


def _to_physical(value: Value, value_type: Type) -> Value:
    """A value as columns hold it: numbers as whole numbers."""
    if isinstance(value, int | Decimal) and value_type.is_number:
        units: int = to_units(value) // 10 ** (PLACES - value_type.places)
        return units
    return value


def _reads(*expressions: Expression) -> Iterator[str]:
    """The values of the subject that expressions read, inside folds as well."""
    return (part.name for expression in expressions for part in walk(expression) if isinstance(part, Read))


def _outer_reads(expression: Expression) -> Iterator[str]:
    """The values of the subject that an expression reads outside of folds."""
    if isinstance(expression, RowsValue):
        return
    if isinstance(expression, Read):
        yield expression.name
    for part in subexpressions(expression):
        yield from _outer_reads(part)
