"""What can happen at all, by the bounds of facts and the time in which a program is in force.

It is sound: nothing that can happen is left out. What is kept may still be impossible.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from attrs import field, frozen

from scorecore.language.abstract import AbstractInterpreter
from scorecore.language.bands import Band, BandTable, find_band
from scorecore.language.expressions import Expression, Ladder, Lookup, walk
from scorecore.program.model import Program
from scorecore.program.steps import EntryRule, step_expressions
from scorecore.values.types import Type, from_units, to_units

_FREE: Final = AbstractInterpreter(lambda _: None)
"""Knows nothing but the types of what is read."""


def can_be(condition: Expression, *, outcome: bool) -> bool:
    """Whether the bounds of what a condition reads allow an outcome."""
    return outcome in _FREE.find_truths(condition)


def can_apply(rule: EntryRule) -> bool:
    """Whether a rule can make an entry."""
    return rule.when is None or can_be(rule.when, outcome=True)


def list_reached_grades(ladder: Ladder) -> Iterator[str]:
    """The grades that some total gives."""
    total = ladder.total.type
    for rung in ladder.rungs:
        least = None if rung.least is None else rung.least.type.low
        if least is None or least <= total.high:
            yield rung.grade
        if rung.applies is None and (least is None or least <= total.low):
            return


@frozen
class ReachedBands:
    """The bands of a program's tables that something can be looked up in."""

    program: Program
    keys: Mapping[str, list[Expression]] = field(init=False)

    @keys.default
    def _keys(self) -> Mapping[str, list[Expression]]:
        keys: dict[str, list[Expression]] = {}
        for step in self.program.steps:
            for expression in step_expressions(step):
                for node in walk(expression):
                    if isinstance(node, Lookup):
                        keys.setdefault(node.table, []).append(node.key)
        return keys

    def is_in_force(self, table: BandTable, number: int) -> bool:
        """Whether a version of a table is in force on some day of the program's own time."""
        start = table.versions[number][0]
        following = table.versions[number + 1 :]
        ends_before = bool(following) and following[0][0] <= self.program.effective_from
        return not ends_before and start <= (self.program.effective_to or date.max)

    def list_positions(self, table: BandTable, bands: Sequence[Band]) -> set[int]:
        """The positions of the bands of a version that some key can fall into."""
        positions: set[int] = set()
        for key in self.keys.get(table.name, []):
            if table.kind == "exact":
                texts = key.type.among
                positions |= {place for place, band in enumerate(bands) if texts is None or band.start in texts}
            else:
                positions |= _reach(table, bands, _FREE.find_range(key))
        return positions


def _reach(table: BandTable, bands: Sequence[Band], key: Type) -> set[int]:
    """The bands between the least and the greatest value of a key."""
    starts = [to_units(band.start) for band in bands if not isinstance(band.start, str)]
    if key.high < starts[0]:
        return set()
    low, high = (find_band(table, bands, from_units(end)) for end in (key.low, key.high))
    if low is None and key.low > starts[0]:
        return set()  # all of it lies above the last band
    return set(range(low or 0, (len(bands) - 1 if high is None else high) + 1))
