"""Facts, typed and sorted: what all evaluators read.

Subjects are numbered densely in the order of their ids. Events lie sorted by subject and key, with an end offset for
each subject, so that a subject's events are a slice. Numbers are held as `operators.scaled` says.
"""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl
from attrs import define, field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind
from scorecore.facts.convert import CellFaults
from scorecore.values.period import Period
from scorecore.values.unknown import Maybe, Unknown

SUBJECT: Final = "#subject"
"""The number of the subject of an event, or of a row of history."""
ROW: Final = "#row"
"""Where in its file a row is."""
PRESENT: Final = "?"
"""Before the name of an optional fact: whether it is there; null where it is bad."""

SubjectRow = Mapping[str, Maybe | None]
"""The values of an event, or of an earlier decision, by name; None for what is absent."""
SubjectRows = Sequence[SubjectRow] | Unknown
"""The rows of a table that concern one subject, or why they are not known."""


@define
class SubjectFacts:
    """The facts of one subject and period as Python values."""

    subject: str
    values: dict[str, Maybe | None]
    """Facts by name; None for an absent optional one, Unknown for a missing or bad one. Group values as well."""
    rows: dict[str, SubjectRows]
    """Events and history by table; Unknown for a table that was not given or cannot be trusted."""
    unknown: frozenset[str]
    """The facts that are Unknown, and the tables that are, or of which a value is."""


Distrust = tuple[DiagnosticKind, dict[str, str], int]
"""Why the rows of a subject cannot be trusted as a whole, and in which row of the file that is."""


@frozen(eq=False)
class RowsBySubject:
    """The rows of one table of events, or of the history: sorted by subject and key."""

    frame: pl.DataFrame
    """SUBJECT, ROW and the columns of the table."""
    ends: pl.Series
    """For each subject, where its rows end; they begin where those of the subject before end."""
    bad: Mapping[str, CellFaults] = field(factory=dict)
    """By column, the cells that do not fit."""
    distrusted: Mapping[int, Distrust] = field(factory=dict)
    """By number of the subject."""
    source: str = ""
    columns: Mapping[str, int] = field(factory=dict)
    """Of a sheet: by name the number of the column."""
    unplaced: tuple[Diagnostic, ...] = ()
    """Why rows could not be placed, cell by cell."""


@frozen(eq=False)
class Facts:
    """Everything that is known of a period."""

    period: Period
    ids: pl.Series
    """The subjects' ids, ascending."""
    subjects: pl.DataFrame
    """ROW and the facts of each subject."""
    rows: Mapping[str, RowsBySubject]
    """Events by table, and `history`; a table that was not given is missing."""
    bad: Mapping[str, CellFaults] = field(factory=dict)
    """By column, the cells that do not fit."""
    source: str = ""
    columns: Mapping[str, int] = field(factory=dict)
    """Of a sheet: by fact the number of its column; that of the ids as SUBJECT."""

    def __len__(self) -> int:
        return len(self.ids)
