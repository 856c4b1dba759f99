"""Why somebody's net pay is not what it was in the period before: split exactly over what has changed since.

From the decision of before, one thing after another becomes what it is now: the rules of the policy, its figures, each
fact, the events with the calendar that they lie in, what others have, and the decisions of earlier periods. What each
step changes is its part, so that the parts always add up. Where a decision on the way is held, its step and the next
one are a part together.
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Final, Literal

from attrs import evolve, frozen

from scorecore.evaluate.period_context import PeriodContext, period_context
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.facts.model import SubjectFacts
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore.program.schema import Schema
from scorecore.values.period import Period
from scorecore.values.types import TypeKind
from scorecore.values.unknown import Maybe

ChangeKind = Literal["rules", "figures", "fact", "events", "others", "earlier periods"]
_PERIOD_VALUES: Final = "period."


@frozen
class InputChange:
    """One thing that has become what it is now."""

    kind: ChangeKind
    names: tuple[str, ...] = ()
    """The fact, or the tables of events."""
    before: Maybe | None = None
    """Of a fact."""
    after: Maybe | None = None


@frozen
class ChangePart:
    """What some changes have done to net pay together."""

    changes: tuple[InputChange, ...]
    effect: Decimal


@frozen
class NetChange:
    """Net pay of before and of now, and what has changed it."""

    before: Decimal
    after: Decimal
    parts: tuple[ChangePart, ...]


@frozen(eq=False)
class PeriodSplit:
    """Splits changes of net pay between two periods, of which the later one is decided by `program`."""

    program: Program
    then: SubjectEvaluator
    """Of the program and the period of before."""
    new_rules: SubjectEvaluator
    """In the period before, with the figures of then."""
    new_figures: SubjectEvaluator
    """In the period before, with the figures of now."""
    current: SubjectEvaluator
    read_newly: frozenset[str]
    """The facts and tables that the program before did not read, or read as something else."""

    @classmethod
    def of(cls, before: Program, period_before: Period, program: Program, period: Period) -> "PeriodSplit":
        now, then = SubjectEvaluator.of(program, period), period_context(program, period_before)
        figures = SubjectEvaluator(program, _with_figures(then, now.context))
        new_rules, read_newly = SubjectEvaluator(program, then), _list_new(before.schema, program.schema)
        return cls(program, SubjectEvaluator.of(before, period_before), new_rules, figures, now, read_newly)

    def split(self, facts_before: SubjectFacts, facts: SubjectFacts) -> NetChange | None:
        """What has changed the net pay of a subject; None where a line was or is held.

        Facts have what depends on others.
        """
        net_before = net = _decide_net(self.then, facts_before)
        if net_before is None or net is None:
            return None
        parts: list[ChangePart] = []
        together: list[InputChange] = []
        for change, evaluator, changed_facts in self._take_steps(facts_before, facts):
            together.append(change)
            next_net = _decide_net(evaluator, changed_facts)
            if next_net is not None:
                parts.append(ChangePart(tuple(together), next_net - net))
                net, together = next_net, []
        return None if together else NetChange(net_before, net, tuple(part for part in parts if part.effect))

    def _take_steps(
        self, before: SubjectFacts, now: SubjectFacts
    ) -> Iterator[tuple[InputChange, SubjectEvaluator, SubjectFacts]]:
        """From the facts of before to those of now, each step with what decides after it."""
        facts = self._fit(before, now)
        yield InputChange("rules"), self.new_rules, facts
        yield InputChange("figures"), self.new_figures, facts
        columns = [column.name for column in self.program.schema.columns]
        for name in columns:
            value_before, value = facts.values[name], now.values[name]
            if value_before != value:
                facts = _replace(facts, now, {name})
                yield InputChange("fact", (name,), value_before, value), self.new_figures, facts
        events = {table.name for table in self.program.schema.events} & facts.rows.keys()
        differing = tuple(sorted(name for name in events if facts.rows[name] != now.rows[name]))
        facts = _replace(facts, now, events)
        yield InputChange("events", differing), self.current, facts
        facts = _replace(facts, now, now.values.keys() - columns)
        yield InputChange("others"), self.current, facts
        yield InputChange("earlier periods"), self.current, _replace(facts, now, {HISTORY})

    def _fit(self, before: SubjectFacts, now: SubjectFacts) -> SubjectFacts:
        """Facts of before for the program of now: what it reads newly is as it is now, and so belongs to its rules."""
        values = {name: before.values.get(name) for name in now.values}
        rows = {name: before.rows.get(name, ()) for name in now.rows}
        absent = (now.values.keys() - before.values.keys()) | (now.rows.keys() - before.rows.keys())
        return _replace(evolve(before, values=values, rows=rows), now, self.read_newly | absent)


def _with_figures(then: PeriodContext, now: PeriodContext) -> PeriodContext:
    """A period with the parameters and tables of another one."""
    calendar = {name: value for name, value in then.values.items() if name.startswith(_PERIOD_VALUES)}
    return PeriodContext(then.period, {**now.values, **calendar}, now.bands, now.tables)


def _list_new(before: Schema, now: Schema) -> frozenset[str]:
    """What one schema has that the other has not, or of another kind."""

    def list_kinds(schema: Schema) -> Iterator[tuple[str, Mapping[str, TypeKind]]]:
        yield from ((column.name, {"": column.type.kind}) for column in schema.columns)
        for name, columns in (*((table.name, table.columns) for table in schema.events), (HISTORY, schema.history)):
            yield name, {column.name: column.type.kind for column in columns}

    kinds_before = dict(list_kinds(before))
    return frozenset(name for name, kinds in list_kinds(now) if not kinds.items() <= kinds_before.get(name, {}).items())


def _replace(facts: SubjectFacts, now: SubjectFacts, names: Collection[str]) -> SubjectFacts:
    """Facts of which some, by name, are those of now."""
    values = {name: (now if name in names else facts).values[name] for name in facts.values}
    rows = {name: (now if name in names else facts).rows[name] for name in facts.rows}
    unknown = (facts.unknown - frozenset(names)) | (now.unknown & frozenset(names))
    return evolve(facts, values=values, rows=rows, unknown=unknown)


def _decide_net(evaluator: SubjectEvaluator, facts: SubjectFacts) -> Decimal | None:
    """Net pay; None where a line is held, or facts leave the bounds that were proved for others."""
    try:
        outcome = evaluator.decide(facts)
    except ArithmeticError:
        return None
    return None if outcome.partial else outcome.net
