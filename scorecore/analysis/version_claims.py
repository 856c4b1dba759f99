"""Two versions of a policy: whether they are equal where a condition holds, and whether a branch is laxer.

An analysis of directions from the one program to the other proves it; else facts are searched that both decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from attrs import evolve, frozen

from scorecore.analysis.claim_search import ClaimSearch
from scorecore.analysis.direction_rules import STILL, Direction
from scorecore.analysis.joined_programs import analyse_change
from scorecore.analysis.samples import FactSample, SampleRow
from scorecore.language.expressions import AGO
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.values.ratio import Ratio
from scorecore.values.step_id import GRADE, SCORE_TOTAL
from scorecore.values.types import Value
from scorecore.values.unknown import Maybe, Unknown

TRIES: Final = 400
OVERLAY_TRIES: Final = 100
"""Of an overlay, which is compared without being asked for."""


@frozen
class Difference:
    """A result that two programs decide differently from the same facts."""

    facts: FactSample
    before: Value | Ratio
    after: Value | Ratio


@frozen
class VersionResult:
    """What is known of one result in two versions."""

    result: str
    is_proved: bool
    tries: int
    """Facts that both decided; 0 where it is proved."""
    difference: Difference | None


def compare_versions(
    before: Program, after: Program, condition: str, cases: Sequence[FactSample] = ()
) -> list[VersionResult]:
    """Whether the results that both have are equal where the step `condition` holds in both."""
    analysis = analyse_change(before, after, condition)
    results = [str(result) for result in after.results() if before.has_step(result)]
    proved = {result for result in results if analysis.find_step(result) == STILL}
    search = _PairSearch(before, after, condition, cases)
    return search.settle(results, proved, dict.fromkeys(results, (-1, 1)), TRIES)


def find_laxer(parent: Program, branch: Program, cases: Sequence[FactSample] = ()) -> list[VersionResult]:
    """For the total, the grade and the pay lines whether a branch is ever better for people than its head office."""
    analysis = analyse_change(parent, branch)
    better = {str(name): 1 for name in (SCORE_TOTAL, GRADE)} | {str(line.step): line.sign for line in branch.pay}
    signs = {name: (sign,) for name, sign in better.items() if parent.has_step(name) and branch.has_step(name)}
    proved = {name for name, (sign,) in signs.items() if not _goes(analysis.find_step(name), sign)}
    return _PairSearch(parent, branch, "", cases).settle(list(signs), proved, signs, OVERLAY_TRIES)


def _goes(direction: Direction, sign: int) -> bool:
    return direction.rises if sign > 0 else direction.falls


@frozen
class _PairSearch:
    """Facts that two programs decide."""

    before: Program
    after: Program
    condition: str
    cases: Sequence[FactSample]

    def settle(
        self, results: Sequence[str], proved: set[str], signs: Mapping[str, tuple[int, ...]], tries: int
    ) -> list[VersionResult]:
        """Search for what is not proved: a result that goes up, down, or either."""
        differences: dict[str, Difference] = {}
        pending, decided = [result for result in results if result not in proved], 0
        for facts, values_before, values_after in self._decide(tries) if pending else ():
            decided += 1
            for name in [name for name in pending if name not in differences]:
                sides = values_before[name], values_after[name]
                if self._compare(*sides) in signs[name]:
                    differences[name] = Difference(facts, *sides)  # type: ignore[arg-type]  # both are known
            if len(differences) == len(pending):
                break
        return [
            VersionResult(name, name in proved, 0 if name in proved else decided, differences.get(name))
            for name in results
        ]

    def _decide(self, tries: int) -> Iterator[tuple[FactSample, Mapping[str, Maybe], Mapping[str, Maybe]]]:
        """Half of the facts lie at the edges of the old program, half at those of the new one."""
        old, new = ClaimSearch(self.before), ClaimSearch(self.after, self.cases)
        for number in range(tries):
            drawn = (old if number % 2 else new).draw_facts(number // 2)
            facts = fit_sample(drawn, self.after, new)
            values_before, values_after = old.decide(fit_sample(facts, self.before, old)), new.decide(facts)
            if not self.condition or (values_before[self.condition] is True and values_after[self.condition] is True):
                yield facts, values_before, values_after

    def _compare(self, before: Maybe, after: Maybe) -> int:
        """1 where a result is higher, -1 where it is lower, 0 where it is the same or not known; texts only differ."""
        if isinstance(before, Unknown) or isinstance(after, Unknown) or before == after:
            return 0
        order = ClaimSearch(self.after).grades
        low, high = (order.get(side, side) if isinstance(side, str) else side for side in (before, after))
        if isinstance(low, int | Decimal | Ratio) and isinstance(high, int | Decimal | Ratio):
            return 1 if high > low else -1
        return -1


def fit_sample(sample: FactSample, program: Program, search: ClaimSearch) -> FactSample:
    """The facts that a program reads; what a sample does not have is drawn."""
    schema = program.schema
    values = {column.name: _fit(sample.values, column, search) for column in schema.columns}
    events: dict[str, list[SampleRow]] = {}
    for table in schema.events:
        rows = sample.events.get(table.name, ())
        events[table.name] = [{column.name: _fit(row, column, search) for column in table.columns} for row in rows]
    history = [
        {AGO: row[AGO], **{each.name: _fit(row, each, search) for each in schema.history}} for row in sample.history
    ]
    others = [fit_sample(other, program, search) for other in sample.others]
    return evolve(sample, values=values, events=events, history=history, others=others)


def _fit(row: Mapping[str, Value | None], column: FactColumn, search: ClaimSearch) -> Value | None:
    return row[column.name] if column.name in row else search.sampler.draw_value(column)
