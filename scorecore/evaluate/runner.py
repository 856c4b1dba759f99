"""Period after period, policy after policy: what was decided first is read by what is decided next."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl
from attrs import define, evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.tables import decisions_table, with_facts
from scorecore.facts.bitemporal import keep_rows_in_force
from scorecore.facts.history import append_decisions, concat_decisions, drop_periods
from scorecore.facts.ingest import add_history, ingest
from scorecore.facts.inspect import find_fact_faults
from scorecore.facts.model import Facts
from scorecore.facts.raw import RawTable, list_periods
from scorecore.language.expressions import HISTORY
from scorecore.program.model import PolicyDependency, Program
from scorecore.values.period import Period

MAX_EVALUATED_EACH: Final = 1000
"""Below so many subjects one by one is faster than columns."""


@define
class SharedFacts:
    """The facts of one period after another, taken in once for several programs that read the same."""

    _key: Any = None
    _facts: Facts | None = None

    def take_in(
        self,
        program: Program,
        period: Period,
        raw: Mapping[str, RawTable],
        diagnostics: Diagnostics,
        *,
        known_at: date | None = None,
    ) -> Facts | None:
        """As the intake does; what another policy or an earlier period decided is the program's own."""
        if any(table.use for table in program.schema.events):
            return ingest(program, period, raw, diagnostics, known_at=known_at)
        key = (period, known_at, evolve(program.schema, history=()))
        if self._key != key:
            without = {name: table for name, table in raw.items() if name != HISTORY}
            self._key, self._facts = key, ingest(program, period, without, diagnostics, known_at=known_at)
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
    """Told each period before it is decided."""
    steps: tuple[str, ...] = ()
    """Steps whose values are wanted beside the results."""
    shared: SharedFacts | None = None
    """With whom facts are shared."""
    known_at: date | None = None
    """Facts that became known after this day are not there; None: all are."""

    def decide(
        self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics, *, ledgers: bool = True
    ) -> Decisions | None:
        """The decisions of a period; None if there is nobody to decide about."""
        facts = self.facts(period, raw, diagnostics)
        if facts is None:
            return None
        self.report(period)
        return self._decided(facts, ledgers=ledgers)

    def facts(self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts | None:
        """The facts of a period, with the decisions that it reads.

        Where the program reads history, earlier periods that the facts have, and the history has not, are decided.
        """
        tables = self.with_past(period, raw) if self.program.schema.history else raw
        taking = ingest if self.shared is None else self.shared.take_in
        whole = {**tables, **self._used(period, tables)}
        return taking(self.program, period, whole, diagnostics, known_at=self.known_at)

    def with_past(self, period: Period, raw: Mapping[str, RawTable]) -> Mapping[str, RawTable]:
        """The tables with the decisions of the earlier periods for which they have facts and no decisions."""
        tables = dict(raw)
        for earlier in _earlier(self.program, period, tables):
            self.report(earlier)
            # what is wrong with the facts of an earlier period shows in what it leaves undecided
            whole = tables | self._used(earlier, tables)
            facts = ingest(self.program, earlier, whole, Diagnostics(), known_at=self.known_at)
            if facts is not None:
                made = decisions_table(self._decided(facts, ledgers=False))
                tables[HISTORY] = append_decisions(tables.get(HISTORY), made, self.program.schema)
        return tables

    def decide_each(
        self, periods: Sequence[Period], raw: Mapping[str, RawTable], diagnostics: Diagnostics, *, ledgers: bool = True
    ) -> Iterator[Decisions]:
        """The decisions of several ascending periods, each read by the next in place of what the tables have."""
        tables = self.with_past(periods[0], raw) if self.program.schema.history else raw
        tables = {**tables, HISTORY: drop_periods(tables[HISTORY], periods)} if HISTORY in tables else dict(tables)
        for period in periods:
            made = self.decide(period, tables, diagnostics, ledgers=ledgers)
            if made is None:
                continue
            yield made
            if self.program.schema.history:
                tables[HISTORY] = append_decisions(tables.get(HISTORY), decisions_table(made), self.program.schema)

    def inspect(self, period: Period, raw: Mapping[str, RawTable], diagnostics: Diagnostics) -> Facts | None:
        """The facts of a period, with a problem for everything that is wrong with them; nothing is decided."""
        schema = self.program.schema
        facts = ingest(self.program, period, raw, diagnostics, known_at=self.known_at)
        if facts is None:
            return None
        for diagnostic in find_fact_faults(self.program, facts):
            diagnostics.take(diagnostic)
        for table in schema.events:
            if table.use is None and table.name not in raw and table.label not in raw:
                diagnostics.add(catalogue.TABLE_MISSING, Location(table.name, 0, 0), table=table.name)
        if schema.history and HISTORY not in raw and not _earlier(self.program, period, raw):
            diagnostics.add(catalogue.HISTORY_MISSING, Location(HISTORY, 0, 0), table=HISTORY)
        uses = [table.use for table in schema.events if table.use and table.name not in raw]
        for use, name in [(one, name) for one in uses for name in one.policies]:
            other = evolve(self, program=self.programs[name])
            labels = use.period.within(period) if use.within else [period.label]
            for one in map(use.period.period, labels):
                if one and other.program.in_force(one):
                    other.inspect(one, raw, diagnostics)
        return facts

    def _decided(self, facts: Facts, *, ledgers: bool) -> Decisions:
        if self.evaluator == "rows" or (self.evaluator == "auto" and len(facts) < MAX_EVALUATED_EACH):
            return evaluate_each(self.program, facts, steps=self.steps)
        return evaluate_batch(self.program, facts, ledgers=ledgers, steps=self.steps)

    def _used(self, period: Period, raw: Mapping[str, RawTable]) -> dict[str, RawTable]:
        """The decisions of other policies that a period reads, but for those that are among the facts."""
        found = {}
        for table in self.program.schema.events:
            use = table.use
            if use is None or table.name in raw or not self.programs.keys() >= set(use.policies):
                continue
            labels = use.period.within(period) if use.within else [period.label]
            periods = list(filter(None, map(use.period.period, labels)))
            frames = [frame for one in periods for frame in self._made(use, one, raw)]
            if frames:
                found[table.name] = RawTable(concat_decisions(frames, table), table.name)
        return found

    def _made(self, use: PolicyDependency, period: Period, raw: Mapping[str, RawTable]) -> Iterator[pl.DataFrame]:
        """The decisions of a used policy, or of several, each about those whom it decides."""
        found = raw.get(use.subject) if use.among else None
        # which rows count is settled before they are divided: who moved belongs to one branch
        theirs = found and keep_rows_in_force(found, self.programs[use.policy], period, self.known_at)
        for text, name in [(text, name) for text, name, _ in use.among] or [("", use.policy)]:
            other = evolve(self, program=self.programs[name], steps=(), shared=None)
            if other.program.in_force(period):
                mine = {use.subject: _of_branches(theirs, other.program, use.by, [text])} if text and theirs else {}
                made = other.decide(period, {**raw, **mine}, Diagnostics(), ledgers=False)
                if made is not None:
                    table = decisions_table(made)
                    yield with_facts(made.program, made.facts, table) if use.gather else table
        if use.among and use.gather and theirs:  # whom none of them decides is there all the same, undecided
            program = self.programs[use.policy]
            rest = _of_branches(theirs, program, use.by, [text for text, _, _ in use.among], but=True)
            left = {**raw, use.subject: rest}
            facts = ingest(program, period, left, Diagnostics(), known_at=self.known_at) if len(rest.frame) else None
            if facts is not None:
                ids = pl.DataFrame([facts.ids.alias(use.subject)])
                yield with_facts(program, facts, ids.with_columns(pl.lit(period.label).alias("period")))


def _of_branches(table: RawTable, program: Program, by: str, texts: Sequence[str], *, but: bool = False) -> RawTable:
    """The rows with one of the texts in the column `by`, or all but those."""
    label = next((one.label for one in program.schema.columns if one.name == by), "")
    heading = next((one for one in table.frame.columns if one.strip() in {by, label} - {""}), None)
    if heading is None:
        return table  # a column is missing, which intake tells
    theirs = table.frame[heading].cast(pl.String).str.strip_chars().is_in(texts).fill_null(value=False)
    chosen = ~theirs if but else theirs
    return evolve(table, frame=table.frame.filter(chosen), lines=tuple(table.row_numbers.filter(chosen)))


def _earlier(program: Program, period: Period, raw: Mapping[str, RawTable]) -> list[Period]:
    """The periods before one that have facts, but no decisions yet; those before the policy was in force have none."""
    subjects, past = raw.get(program.schema.subject), raw.get(HISTORY)
    decided = set(list_periods(past)) if past else set()
    labels = [label for label in list_periods(subjects) if label not in decided] if subjects else []
    found = filter(None, map(program.period.period, labels))
    return sorted(one for one in found if one.end < period.start and program.in_force(one))
