"""Period after period, policy after policy: what was decided first is read by what is decided next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.assessed import find_assessed, report_excluded
from scorecore.evaluate.batch.earlier_columns import ColumnsInTurn
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.result_tables import decisions_table, with_facts
from scorecore.facts.bitemporal import is_dated, keep_rows_in_force
from scorecore.facts.group_names import find_odd_groups
from scorecore.facts.headings import PERIOD_HEADINGS, is_heading
from scorecore.facts.history import append_decisions, concat_decisions, drop_periods
from scorecore.facts.ids import read_ids
from scorecore.facts.ingest import add_history, ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.facts.model import ROW, Facts
from scorecore.facts.near_texts import find_near_texts
from scorecore.facts.notations import compose
from scorecore.facts.period_cells import list_periods
from scorecore.facts.raw import RawTable, remember_readings
from scorecore.facts.references import find_references_to_nobody, find_undecided_faults, list_unclear_names
from scorecore.facts.refused_tables import find_refusal
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import EventTable, PolicyDependency, Schema
from scorecore.values.period import Period, PeriodKind

MAX_EVALUATED_EACH: Final = 1000
"""Below so many subjects one by one is faster than columns."""


@define
class SharedFacts:
    """The facts of one period after another, ingested once for programs that read the same."""

    _key: tuple[Period, date | None, Schema] | None = None
    _facts: Facts | None = None
    columns: ColumnsInTurn = field(factory=ColumnsInTurn)
    """What programs over these facts compute alike."""

    def ingest(
        self,
        program: Program,
        period: Period,
        raw: Mapping[str, RawTable],
        diagnostics: Diagnostics,
        *,
        known_at: date | None = None,
    ) -> Facts | None:
        """As `facts.ingest`; what another policy or an earlier period decided is not shared."""
        if any(table.use for table in program.schema.events):
            return ingest(program, period, raw, diagnostics, known_at=known_at)
        key = (period, known_at, evolve(program.schema, history=()))
        if self._key != key:
            tables = {name: table for name, table in raw.items() if name != HISTORY}
            self._key, self._facts = key, ingest(program, period, tables, diagnostics, known_at=known_at)
        return self._facts and add_history(program, self._facts, raw, diagnostics)


@frozen
class PeriodRunner:
    """Decides the periods of a program in their order, and first those of the programs that it uses."""

    program: Program
    programs: Mapping[str, Program] = field(factory=dict)
    """By `id@version` those that it uses, and that they use."""
    evaluator: str = "auto"
    """`rows`, `columns` or `auto`."""
    report: Callable[[Period], None] = field(default=lambda _period: None)
    """Called with each period before it is decided."""
    steps: tuple[str, ...] = ()
    """Steps whose values are shown beside the results."""
    shared: SharedFacts | None = None
    """With which other runners share facts."""
    known_at: date | None = None
    """Facts that became known after this day are left out; None: none are."""
    other_kinds: tuple[PeriodKind, ...] = ()
    """The periods of policies that use this one, which may read the same tables."""

    def decide(
        self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics, *, ledgers: bool = True
    ) -> Decisions | None:
        """The decisions of a period; None if there is nobody to decide about."""
        facts = self.facts(period, raw, diagnostics)
        if facts is None:
            return None
        self.report(period)
        return self.evaluate(facts, ledgers=ledgers)

    def facts(self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts | None:
        """The facts of those who are assessed in a period, with the decisions that it reads."""
        everybody = self.facts_of_everybody(period, raw, diagnostics)
        return None if everybody is None else self._keep_assessed(everybody, diagnostics)

    def _keep_assessed(self, everybody: Facts, diagnostics: Diagnostics) -> Facts:
        def evaluate(program: Program, facts: Facts, steps: tuple[str, ...]) -> Decisions:
            return evolve(self, program=program, steps=steps).evaluate(facts, ledgers=False)

        assessed = find_assessed(self.program, everybody, evaluate)
        report_excluded(everybody, assessed, diagnostics)
        return assessed.facts

    def facts_of_everybody(self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts | None:
        """The facts of a period, also of those who are not assessed.

        Where the program reads history, earlier periods that the facts have, and the history has not, are decided.
        """
        tables = self.with_past(period, raw) if self.program.schema.history else raw
        take_in = ingest if self.shared is None else self.shared.ingest
        tables = {**tables, **self.decide_dependencies(period, tables, diagnostics)}
        return take_in(self.program, period, tables, diagnostics, known_at=self.known_at)

    def with_past(self, period: Period, raw: Mapping[str, RawTable]) -> Mapping[str, RawTable]:
        """The tables with the decisions of the earlier periods for which they have facts and no decisions."""
        undecided = find_undecided_periods(self.program, period, raw)
        tables = remember_readings(raw) if undecided else dict(raw)
        for earlier in undecided:
            self.report(earlier)
            # what is wrong with the facts of an earlier period shows in what it leaves undecided
            read = tables | self.decide_dependencies(earlier, tables, Diagnostics())
            facts = ingest(self.program, earlier, read, Diagnostics(), known_at=self.known_at)
            if facts is not None:
                self._append(tables, self.evaluate(self._keep_assessed(facts, Diagnostics()), ledgers=False))
        return tables

    def decide_each(
        self, periods: Sequence[Period], raw: Mapping[str, RawTable], diagnostics: Diagnostics, *, ledgers: bool = True
    ) -> Iterator[Decisions]:
        """The decisions of ascending periods, each read by the next in place of what the tables have."""
        raw = remember_readings(raw) if len(periods) > 1 else raw
        tables = dict(self.with_past(periods[0], raw) if self.program.schema.history else raw)
        if HISTORY in tables:
            tables[HISTORY] = drop_periods(tables[HISTORY], periods, self.program.period)
        for period in periods:
            decisions = self.decide(period, tables, diagnostics, ledgers=ledgers)
            if decisions is None:
                continue
            yield decisions
            if self.program.schema.history:
                self._append(tables, decisions)

    def inspect(self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts | None:
        """The facts of a period, with a diagnostic for everything that is wrong with them; nothing is decided."""
        facts = ingest(self.program, period, raw, diagnostics, known_at=self.known_at, other_kinds=self.other_kinds)
        if facts is not None:
            self.report_faults(facts, raw, diagnostics)
        return facts

    def report_faults(self, facts: Facts, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> None:
        """Note everything that is wrong with facts that were ingested, and with what used policies read."""
        schema, period = self.program.schema, facts.period
        for find in (find_fact_faults, find_odd_groups, find_near_texts):
            for diagnostic in find(self.program, facts):
                diagnostics.take(diagnostic)
        for table in schema.events:
            if table.use is None and table.name not in {*raw, *facts.rows} and table.label not in raw:
                diagnostics.add(catalogue.TABLE_MISSING, Location(table.name, 0, 0), table=table.name)
        if self.lacks_history(period, raw):
            diagnostics.add(catalogue.HISTORY_MISSING, Location(HISTORY, 0, 0), table=HISTORY)
        waiting = self.find_waiting_for_history(period, raw)
        if waiting and waiting[1]:
            diagnostics.add(
                catalogue.BEGINNING_MISSING, Location(HISTORY, 0, 0), first=waiting[0], count=len(waiting[1])
            )
        for dependency in [table.use for table in schema.events if table.use and table.name not in raw]:
            self._report_used(dependency, facts, raw, diagnostics)

    def _report_used(
        self, dependency: PolicyDependency, facts: Facts, raw: Mapping[str, RawTable], diagnostics: Diagnostics
    ) -> None:
        """Note everything that is wrong with what a used policy reads."""
        dated = self._drop_undated(dependency, facts.period, raw, diagnostics)
        is_readable = dependency.subject in dated or dependency.subject not in raw
        for period in _periods_read(dependency, facts.period) if is_readable else ():
            faults = Diagnostics()
            variants = self._variants(dependency, period, dated)
            used = [runner.inspect(period, tables, faults) for runner, tables in variants]
            undecided = self._find_undecided(dependency, period, dated, faults)
            for fault in find_undecided_faults(undecided, dependency) if undecided else ():
                faults.take(fault)
            for naming in filter(None, (*used, undecided)):
                for stranger in find_references_to_nobody(facts, self.program.schema.subject, naming, dependency):
                    diagnostics.take(stranger)
            for fault in faults:
                if not self._is_of_no_concern(fault, dependency):
                    diagnostics.take(fault)

    def _is_of_no_concern(self, fault: Diagnostic, dependency: PolicyDependency) -> bool:
        """Whether a variant has no members, or a used policy lacks what would hold results that nobody reads."""
        if fault.kind is catalogue.NOBODY:
            return bool(dependency.among)
        return fault.kind in {catalogue.HISTORY_MISSING, catalogue.BEGINNING_MISSING}

    def lacks_history(self, period: Period, raw: Mapping[str, RawTable]) -> bool:
        """Whether a period reads earlier decisions, and there are neither decisions nor facts to make them of."""
        return self._lacks_decisions(raw) and not find_undecided_periods(self.program, period, raw)

    def _lacks_decisions(self, raw: Mapping[str, RawTable]) -> bool:
        return bool(self.program.schema.history) and HISTORY not in raw

    def find_waiting_for_history(self, period: Period, raw: Mapping[str, RawTable]) -> tuple[Period, set[str]] | None:
        """The first period that the facts have, where nothing is known before it, and whose results wait for that.

        Later periods only see that something was not decided in an earlier one; this is why.
        """
        earlier = find_undecided_periods(self.program, period, raw) if self._lacks_decisions(raw) else []
        if not earlier:
            return None
        facts = ingest(
            self.program,
            earlier[0],
            {**raw, **self.decide_dependencies(earlier[0], raw, Diagnostics())},
            Diagnostics(),
            known_at=self.known_at,
        )
        facts = None if facts is None else self._keep_assessed(facts, Diagnostics())
        decisions = None if facts is None else self.evaluate(facts, ledgers=False)
        held = decisions.held.items() if decisions else ()
        return earlier[0], {
            decisions.facts.ids[number]
            for number, causes in held
            if decisions and any(cause.kind is catalogue.HISTORY_MISSING for each in causes.values() for cause in each)
        }

    def _append(self, tables: dict[str, RawTable], decisions: Decisions) -> None:
        """Put decisions into the history, in their types."""
        tables[HISTORY] = append_decisions(
            tables.get(HISTORY), decisions_table(decisions), self.program.schema, self.program.period
        )

    def evaluate(self, facts: Facts, *, ledgers: bool) -> Decisions:
        """The decisions about everybody of whom there are facts."""
        if self.evaluator == "rows" or (self.evaluator == "auto" and len(facts) < MAX_EVALUATED_EACH):
            return evaluate_each(self.program, facts, steps=self.steps)
        in_turn = None if self.shared is None else self.shared.columns
        return evaluate_batch(self.program, facts, ledgers=ledgers, steps=self.steps, in_turn=in_turn)

    def decide_dependencies(
        self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics
    ) -> dict[str, RawTable]:
        """The decisions of other policies that a period reads, except those that are among the facts."""
        decided = {}
        for table in self.program.schema.events:
            dependency = table.use
            if dependency is None or table.name in raw or not self.programs.keys() >= set(dependency.policies):
                continue
            parts: list[_UsedDecisions] = []
            problems = Diagnostics()
            dated = self._drop_undated(dependency, period, raw, problems)
            for diagnostic in problems:
                diagnostics.take(diagnostic)
            for used_period in _periods_read(dependency, period):
                parts += self._decide_used(dependency, used_period, dated, problems)
            cause = find_refusal(problems)
            if parts:
                decided[table.name] = _join_parts(parts, table)
            elif cause:
                decided[table.name] = RawTable(pl.DataFrame(), table.name, refusal=cause)
        return decided

    def _drop_undated(
        self, dependency: PolicyDependency, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics
    ) -> Mapping[str, RawTable]:
        """The tables without those whose rows would count in each of the periods that are read; they are problems."""
        count = len(_periods_read(dependency, period))
        undated = {} if count == 1 else dict(self._find_undated(dependency, raw))
        for name, table in undated.items():
            params = {"table": name, "count": count, "period": PERIOD_HEADINGS[0]}
            diagnostics.add(catalogue.PERIOD_COLUMN_NEEDED, table.locate(table.first_row - 1), **params)
        return {name: table for name, table in raw.items() if name not in undated}

    def _find_undated(
        self, dependency: PolicyDependency, raw: Mapping[str, RawTable]
    ) -> Iterator[tuple[str, RawTable]]:
        """The tables that used policies read, and whose rows do not say for which period or since when they are."""
        for program in map(self.programs.__getitem__, dependency.policies):
            schema = program.schema
            names = [schema.subject]
            names += [name for table in schema.events if not table.dated_by for name in (table.name, table.label)]
            facts = {name for column in schema.columns for name in (column.name, column.label)} - {""}
            for name in names:
                table = raw.get(name)
                if table and len(table.frame) and not is_dated(table.frame, program.period, facts):
                    yield name, table
            for used in (table.use for table in schema.events if table.use):
                yield from self._find_undated(used, raw)

    def _decide_used(
        self, dependency: PolicyDependency, period: Period, raw: Mapping[str, RawTable], problems: Diagnostics
    ) -> Iterator["_UsedDecisions"]:
        """The decisions of a used policy, or of each of its variants about those whom it decides."""
        for runner, tables in self._variants(dependency, period, raw):
            decisions = runner.decide(period, tables, problems, ledgers=False)
            if decisions is not None:
                frame, facts = decisions_table(decisions), decisions.facts
                frame = with_facts(decisions.program, facts, frame) if dependency.gather else frame
                yield _UsedDecisions(frame, facts)
        undecided = self._find_undecided(dependency, period, raw, Diagnostics()) if dependency.gather else None
        if undecided is not None:  # they are gathered too
            ids = pl.DataFrame([undecided.ids.alias(dependency.subject)])
            frame = ids.with_columns(pl.lit(period.label).alias("period"))
            yield _UsedDecisions(with_facts(self.programs[dependency.policy], undecided, frame), undecided)

    def _variants(
        self, dependency: PolicyDependency, period: Period, raw: Mapping[str, RawTable]
    ) -> Iterator[tuple["PeriodRunner", Mapping[str, RawTable]]]:
        """A used policy, or each of its variants, if it is in force; with the tables, divided among the variants."""
        rows = self._rows_in_force(dependency, period, raw)
        for text, name in [(text, name) for text, name, _ in dependency.among] or [("", dependency.policy)]:
            kinds = (*self.other_kinds, self.program.period)
            runner = evolve(self, program=self.programs[name], steps=(), shared=None, other_kinds=kinds)
            if runner.program.in_force(period):
                members = _rows_with(rows, runner.program, dependency.by, [text]) if text and rows else None
                yield runner, {**raw, dependency.subject: members} if members else raw

    def _rows_in_force(
        self, dependency: PolicyDependency, period: Period, raw: Mapping[str, RawTable]
    ) -> RawTable | None:
        """The rows that are divided among variants; a subject that moved belongs to one of them."""
        table = raw.get(dependency.subject) if dependency.among else None
        return table and keep_rows_in_force(table, self.programs[dependency.policy], period, self.known_at)

    def _find_undecided(
        self, dependency: PolicyDependency, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics
    ) -> Facts | None:
        """The facts of subjects whom no variant of a policy decides; None if there are none."""
        rows = self._rows_in_force(dependency, period, raw)
        if not rows:
            return None
        program = self.programs[dependency.policy]
        texts = [text for text, _, _ in dependency.among]
        undecided = _rows_with(rows, program, dependency.by, texts, is_excluded=True)
        if not len(undecided.frame):
            return None
        reading = Diagnostics()
        facts = ingest(program, period, {**raw, dependency.subject: undecided}, reading, known_at=self.known_at)
        for diagnostic in (*reading, *(find_fact_faults(program, facts) if facts else ())):
            if diagnostic.location.source == undecided.source and diagnostic.kind is not catalogue.NOBODY:
                diagnostics.take(diagnostic)
        return facts


@frozen(eq=False)
class _UsedDecisions:
    """Decisions of a used policy, and the facts that they rest on, row by row."""

    frame: pl.DataFrame
    facts: Facts


def _join_parts(parts: Sequence[_UsedDecisions], table: EventTable) -> RawTable:
    """The decisions of used policies as one table, whose rows stand where the facts of their subjects do."""
    rows = tuple(row for part in parts for row in part.facts.subjects[ROW])
    facts = parts[0].facts
    frame = concat_decisions([part.frame for part in parts], table)
    unclear = tuple(
        row for part in parts for row in list_unclear_names(part.facts, table.use.gather if table.use else "")
    )
    return RawTable(frame, facts.source, lines=rows, columns=facts.columns, unclear=unclear)


def _periods_read(dependency: PolicyDependency, period: Period) -> list[Period]:
    """The periods of a used policy whose decisions a period reads."""
    return list(filter(None, map(dependency.period.period, dependency.labels(period))))


def _rows_with(
    table: RawTable, program: Program, name: str, texts: Sequence[str], *, is_excluded: bool = False
) -> RawTable:
    """The rows that have one of the texts as a fact, or all others if they are excluded."""
    label = next((column.label for column in program.schema.columns if column.name == name), "")
    heading = next((heading for heading in table.frame.columns if is_heading(heading, {name, label} - {""})), None)
    if heading is None:
        return table  # a column is missing, which the intake reports
    has_text = read_ids(table.frame[heading]).values.is_in([compose(text) for text in texts]).fill_null(value=False)
    chosen = ~has_text if is_excluded else has_text
    return evolve(table, frame=table.frame.filter(chosen), lines=tuple(table.row_numbers.filter(chosen)))


def find_undecided_periods(program: Program, period: Period, raw: Mapping[str, RawTable]) -> list[Period]:
    """The periods before one that have facts, but no decisions yet; those before the policy was in force have none."""
    subjects, past = raw.get(program.schema.subject), raw.get(HISTORY)
    decided = set(list_periods(past, program.period)) if past else set()
    names = {name for column in program.schema.columns for name in (column.name, column.label)} - {""}
    labels = list_periods(subjects, program.period, names) if subjects else []
    labels = [label for label in labels if label not in decided]
    periods = filter(None, map(program.period.period, labels))
    return sorted(earlier for earlier in periods if earlier.end < period.start and program.in_force(earlier))
