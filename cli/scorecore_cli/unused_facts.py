"""Tables and columns of facts that no policy names: somebody wrote them, and nobody would miss them."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.evaluate.decisions import NET, PARTIAL
from scorecore.facts.bitemporal import EVENT_CLOCKS, SUBJECT_CLOCKS
from scorecore.facts.headings import is_heading, list_period_headings
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore_cli.language import _, in_every_language

_ANYWHERE: Final = frozenset((*SUBJECT_CLOCKS, *EVENT_CLOCKS))
"""Headings that a table of any policy may have."""


@define
class _Names:
    """The names and labels of tables, each with those of its columns."""

    columns: dict[str, set[str]] = field(factory=dict)

    def add(self, tables: Iterable[str], columns: Iterable[str]) -> None:
        for table in filter(None, tables):
            self.columns.setdefault(table, set()).update(filter(None, columns))

    def add_program(self, program: Program) -> None:
        schema = program.schema
        ids = (schema.subject, schema.label)
        self.add([schema.subject], [*ids, *(text for column in schema.columns for text in (column.name, column.label))])
        for table in schema.events:
            names = [text for column in table.columns for text in (column.name, column.label)]
            names += [NET, PARTIAL, table.use.subject] if table.use else []
            self.add([table.name, table.label], [*ids, *names])

    def add_text(self, text: str) -> None:
        """The tables that a policy declares, which need not compile."""
        try:
            declared = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return
        header = declared.get("policy", {})
        ids = [header.get(key, "") for key in ("subject", "subject_label")] if isinstance(header, dict) else []
        tables = declared.get("facts", {})
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if isinstance(table, dict):
                fields = table.get("fields", table)
                self.add([name, _label(table)], [*ids, *_list_columns(fields)])


def _list_columns(fields: object) -> Iterator[str]:
    for name, declared in fields.items() if isinstance(fields, dict) else ():
        yield name
        yield _label(declared)


def _label(declared: Any) -> str:  # noqa: ANN401  whatever somebody wrote
    label = declared.get("label") if isinstance(declared, dict) else None
    return label if isinstance(label, str) else ""


def note_unused_facts(
    program: Program,
    used: Mapping[str, Program],
    raw: Mapping[str, RawTable],
    folder: Path,
    diagnostics: Diagnostics,
) -> None:
    """Note tables and columns that neither a program, nor those that it uses, nor a policy in its folder names."""
    names = _Names()
    for each in (program, *used.values()):
        names.add_program(each)
    own_tables = [table for table in names.columns if not table.startswith("uses.")]
    all_names = _Names({name: set(columns) for name, columns in names.columns.items()})
    for path in sorted(folder.glob("*.toml")):
        all_names.add_text(path.read_text(encoding="utf-8", errors="replace"))
    sheets = _list_own_sheets()
    for name, table in raw.items():
        if name in sheets or not table.frame.width:
            continue
        if name not in all_names.columns:
            nearest = suggest(name, [*own_tables, *([HISTORY] if program.schema.history else [])])
            listed = ", ".join(sorted(own_tables))
            diagnostics.add(catalogue.UNUSED_TABLE, table.locate(0), table=name, tables=listed, **nearest)
        elif name in names.columns:
            known = {*all_names.columns[name], *_ANYWHERE}
            known |= {
                heading
                for each in (program, *used.values())
                if not _is_dated(each, name)
                for heading in list_period_headings(table.frame.columns, each.period.every)
            }
            _note_columns(table, names.columns[name], known, diagnostics)


def _is_dated(program: Program, table: str) -> bool:
    """Whether the day of an event says to which period it belongs, and no column of periods is read."""
    return any(events.dated_by and table in {events.name, events.label} for events in program.schema.events)


def _note_columns(table: RawTable, own: Collection[str], known: Collection[str], diagnostics: Diagnostics) -> None:
    """Note the headings that nobody reads; one that is like a column of the policy is noted by itself, elsewhere."""
    unused = [
        heading
        for heading in table.frame.columns
        if not is_heading(heading, known) and not suggest(heading.strip(), own)
    ]
    if unused:
        place = table.locate(table.first_row - 1, unused[0])
        headings = ", ".join(heading.strip() for heading in unused)
        diagnostics.add(catalogue.UNUSED_COLUMNS, place, count=len(unused), headings=headings)


def _list_own_sheets() -> set[str]:
    """The names of tables that are no facts: earlier decisions, and the other sheets of a template."""
    sheets = in_every_language(lambda: (_("choices"), _("how to fill this in"), _("earlier decisions"), _("decisions")))
    return {HISTORY, *(sheet for names in sheets for sheet in names)}
