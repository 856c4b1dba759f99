"""What a policy calls its tables and their columns: by it a reader of files knows a sheet and its row of headings."""

from collections.abc import Iterable

from scorecore.facts.bitemporal import SUBJECT_CLOCKS
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.raw import ExpectedTables
from scorecore.language.expressions import HISTORY
from scorecore.program.schema import Schema


def list_expected(schemas: Iterable[Schema], more_names: Iterable[str] = ()) -> ExpectedTables:
    """The tables of some policies; `more_names` are those that tables of earlier decisions may have too."""
    names, headings = {HISTORY, *more_names}, {*PERIOD_HEADINGS, *SUBJECT_CLOCKS}
    for schema in schemas:
        names |= {schema.subject} | {name for table in schema.events for name in (table.name, table.label)}
        columns = [*schema.columns, *(column for table in schema.events for column in table.columns)]
        headings |= {schema.subject, schema.label} | {
            name for column in columns for name in (column.name, column.label)
        }
    return ExpectedTables(frozenset(names - {""}), frozenset(headings - {""}))
