"""Who is below whom, level by level: compared with a walk from each subject upwards."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from scorecore.facts.hierarchy import gather_below
from scorecore.facts.model import ROW
from scorecore.facts.table_intake import ID
from scorecore.program.schema import DEPTH, EventTable, FactColumn, PolicyDependency
from scorecore.values.period import PeriodKind
from scorecore.values.types import integer_type, string_type

_PEOPLE = "abcdef"
_LEADERS = st.lists(st.sampled_from([*_PEOPLE, "nobody", None]), min_size=len(_PEOPLE), max_size=len(_PEOPLE))


def _walk(leaders: dict[str, str | None], depth: int) -> tuple[set[tuple[str, str, int]], set[str]]:
    """Who is how far below whom, and who is above himself."""
    below, circles = set(), set()
    for person, leader in leaders.items():
        above, level = leader, 1
        while above is not None and level <= depth:
            if above == person:
                circles.add(person)
                break
            below.add((above, person, level))
            above, level = leaders.get(above), level + 1
    return below, circles


@given(named=_LEADERS, depth=st.integers(1, 5))
def test_everybody_is_found_by_walking_up(named: list[str | None], depth: int) -> None:
    """A walk that comes back to where it began is a circle, and one that runs into a circle goes round in it."""
    leaders = dict(zip(_PEOPLE, named, strict=True))
    columns = (FactColumn("person", string_type(None)), FactColumn(DEPTH, integer_type(1, 100)))
    events = EventTable("uses.team", columns, ("person",))
    dependency = PolicyDependency("p@1", "", "person", PeriodKind("month"), gather="leader", depth=depth)
    decided = pl.DataFrame(
        {"person": list(_PEOPLE), ROW: range(6), ID: named}, schema={"person": str, ROW: pl.UInt32, ID: str}
    )
    rows, circles = gather_below(decided, events, dependency)
    below, above_themselves = _walk(leaders, depth)
    assert set(rows.filter(pl.col(ID).is_not_null()).select(ID, "person", DEPTH).rows()) == below
    assert circles.keys() == above_themselves
