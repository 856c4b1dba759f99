"""Cells that say nearly what a policy asks for, such as `Head` where it asks for `head`: they count as another text."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Location
from scorecore.facts.group_names import nearly_match
from scorecore.facts.model import ROW, Facts
from scorecore.facts.table_intake import list_rows
from scorecore.language.expressions import Apply, Constant, Expression, Field, Read, walk
from scorecore.program.model import Program
from scorecore.program.schema import FactColumn
from scorecore.program.steps import step_expressions

_MAX_TEXTS: Final = 5000
"""Different texts of a column; with more of them it has names or remarks, which no policy asks for."""


def find_near_texts(program: Program, facts: Facts) -> Iterator[Diagnostic]:
    """Note the cells of texts that nearly match one with which the policy compares their column, and are not it."""
    asked = _list_asked(program)
    place = Location(facts.source, 0, 0, in_sheet=bool(facts.columns))
    yield from _find_in_columns(program.schema.columns, "", facts.subjects, asked, place, facts.columns)
    for table in program.schema.events:
        rows = facts.rows.get(table.name)
        if rows is not None and table.use is None:
            place = Location(rows.source, 0, 0, in_sheet=bool(rows.columns))
            yield from _find_in_columns(table.columns, table.name, rows.frame, asked, place, rows.columns)


def _find_in_columns(
    columns: Collection[FactColumn],
    table: str,
    frame: pl.DataFrame,
    asked: Mapping[tuple[str, str], Collection[str]],
    place: Location,
    column_numbers: Mapping[str, int],
) -> Iterator[Diagnostic]:
    for column in columns:
        texts = asked.get((table, column.name), ())
        if not texts or column.type.among is not None:
            continue
        cells = frame.select(pl.col(column.name).cast(pl.String).alias("text"), ROW).drop_nulls().sort(ROW)
        rows_by_text = cells.group_by("text", maintain_order=True).agg(ROW)
        for text, rows in rows_by_text.rows() if len(rows_by_text) <= _MAX_TEXTS else ():
            other = None if text in texts else next((near for near in sorted(texts) if nearly_match(text, near)), None)
            if other is not None:
                cell = Location(place.source, rows[0], column_numbers.get(column.name, 0), in_sheet=place.in_sheet)
                params = {"name": column.name, "text": text, "other": other, **list_rows(rows[1:])}
                yield Diagnostic(catalogue.NEARLY_ASKED, cell, params | ({"table": table} if table else {}))


def _list_asked(program: Program) -> dict[tuple[str, str], set[str]]:
    """By table, empty for the subjects, and column the texts with which a policy compares it."""
    asked: dict[tuple[str, str], set[str]] = {}
    for part in chain.from_iterable(walk(whole) for step in program.steps for whole in step_expressions(step)):
        match part:
            case Apply(operator="==" | "!=", operands=(column, Constant(value=str() as text))):
                _add(asked, column, (text,))
            case Apply(operator="==" | "!=", operands=(Constant(value=str() as text), column)):
                _add(asked, column, (text,))
            case Apply(operator="in", operands=(column,), options=texts):
                _add(asked, column, [text for text in texts if isinstance(text, str)])
            case _:
                pass
    return asked


def _add(asked: dict[tuple[str, str], set[str]], column: Expression, texts: Collection[str]) -> None:
    match column:
        case Read(name=name):
            asked.setdefault(("", name), set()).update(texts)
        case Field(table=table, name=name):
            asked.setdefault((table, name), set()).update(texts)
        case _:
            pass
