"""Facts that both CEL and our expressions are given, and how each of the two has them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.language.cel.scope import FactName
from scorecore.values.types import (
    BOOL,
    TypeKind,
    decimal_type,
    integer_type,
    string_type,
)
from scorecore.values.unknown import Unknown

LARGEST: Final = 20
TYPES: Final = {
    TypeKind.INT: integer_type(-LARGEST, LARGEST),
    TypeKind.DECIMAL: decimal_type(-8, 8, 1),
    TypeKind.STRING: string_type(),
    TypeKind.BOOL: BOOL,
}
NAMES: Final = {
    TypeKind.INT: ("n", "n_maybe"),
    TypeKind.DECIMAL: ("d", "d_maybe"),
    TypeKind.STRING: ("s", "s_maybe"),
    TypeKind.BOOL: ("b", "b_maybe"),
}
"""A required and an optional name of each kind: of a fact, and of a field of an event."""
COLUMNS: Final = {
    name: FactName(TYPES[kind], optional=optional)
    for kind, (required, maybe) in NAMES.items()
    for name, optional in ((required, False), (maybe, True))
}
TABLES: Final = ("rows", "more")
MISSING: Final = Unknown((Diagnostic(catalogue.FACT_MISSING, Location("facts", 1, 0), {"name": "?"}),))

Given = Mapping[str, Any]
"""Facts, fields and tables by name; None where one is not there."""

WORDS: Final = st.text(alphabet="abé😀", max_size=3)
HALVES: Final = st.integers(-2 * 8, 2 * 8).map(lambda halves: Decimal(halves) / 2)
VALUES: Final[Mapping[TypeKind, st.SearchStrategy[Any]]] = {
    TypeKind.INT: st.integers(-3, 3) | st.integers(-LARGEST, LARGEST),
    TypeKind.DECIMAL: HALVES,
    TypeKind.STRING: WORDS,
    TypeKind.BOOL: st.booleans(),
}
COMPLETE: Final = st.fixed_dictionaries({name: VALUES[column.type.kind] for name, column in COLUMNS.items()})
GAPPY: Final = st.fixed_dictionaries({name: VALUES[column.type.kind] | st.none() for name, column in COLUMNS.items()})
RECORDS: Final = COMPLETE | GAPPY
ROWS: Final = st.lists(COMPLETE, max_size=3) | st.lists(RECORDS, max_size=3)
ABSENT: Final[Given] = dict.fromkeys((*COLUMNS, *TABLES))


@st.composite
def facts(draw: st.DrawFn) -> Given:
    """The facts of one subject; now and then a whole table is not there."""
    row = dict(draw(RECORDS))
    for table in TABLES:
        row[table] = draw(ROWS) if draw(st.integers(0, 9)) else None
    return row


def ours_of(record: Given) -> dict[str, Any]:
    """A required fact that is not there is unknown, an optional one is absent."""
    return {name: value if value is not None or COLUMNS[name].optional else MISSING for name, value in record.items()}


def cel_of(record: Given) -> dict[str, Any]:
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in record.items()
        if value is not None
    }
