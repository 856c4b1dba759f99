"""How the sheets, headings and units of somebody's files are called in a policy: a file that is kept beside them.

[table.person]                                # a table of the policy, by its name or label
sheet    = "花名册"                            # the sheet, or the file without its ending
headings = { person = "员工编号", volume = "销售额（万元）" }
units    = { volume = "万" }                    # a cell 9.5 means 95,000
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.error_cells import ERROR_TEXTS
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.io.policy_files import read_source
from scorecore.policy.model import Part, key
from scorecore.policy.structure import structure
from scorecore.policy.toml import read_toml
from scorecore.program.schema import Schema

UNITS: Final = {
    "‰": Decimal("0.001"),
    "%": Decimal("0.01"),
    "十": Decimal(10),
    "百": Decimal(100),
    "千": Decimal(1000),
    "万": Decimal(10) ** 4,
    "十万": Decimal(10) ** 5,
    "百万": Decimal(10) ** 6,
    "千万": Decimal(10) ** 7,
    "亿": Decimal(10) ** 8,
}
"""By what a cell is multiplied."""
PERIOD: Final = "period"
_PLAIN: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_FACTOR: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@frozen(kw_only=True)
class TableMapping(Part):
    """What a table of the policy is called in the files."""

    sheet: str = key("the sheet, or the file without its ending", default="")
    headings: dict[str, str] = key("by fact the heading of its column", factory=dict)
    units: dict[str, str] = key(
        "by fact the unit of its cells, or the number by which they are multiplied", factory=dict
    )


@frozen(kw_only=True)
class FactsMapping(Part):
    """A file of names."""

    table: dict[str, TableMapping] = key("by table what it is called in the files", factory=dict)

    def extend(self, expected: ExpectedTables) -> ExpectedTables:
        """What a reader of files is to expect by these names too."""
        sheets = {mapped.sheet for mapped in self.table.values()} - {""}
        headings = {heading for mapped in self.table.values() for heading in mapped.headings.values()}
        return ExpectedTables(expected.names | sheets, expected.headings | headings)


def read_mapping(path: Path, diagnostics: Diagnostics) -> FactsMapping | None:
    """The names that a file has; None with a problem."""
    source = read_source(path, diagnostics)
    tree = read_toml(source, diagnostics) if source else None
    return structure(tree, FactsMapping, diagnostics) if tree else None


def apply_mapping(
    mapping: FactsMapping, schemas: Iterable[Schema], tables: Mapping[str, RawTable], diagnostics: Diagnostics
) -> dict[str, RawTable]:
    """The tables under the names of the policy; what the policy or the files do not have is a problem."""
    facts = list_facts(schemas)
    mapped_tables = dict(tables)
    for name, mapped in mapping.table.items():
        if name not in facts:
            nearest = suggest(name, facts) or {"keys": ", ".join(sorted(facts))}
            diagnostics.add(catalogue.UNKNOWN_KEY, mapped.place, key=name, **nearest)
            continue
        sheet = mapped.sheet or name
        table = mapped_tables.pop(sheet, None)
        if table is None:
            place, length = mapped.at("sheet")
            params = {"found": ", ".join(sorted(tables))} if tables else {}
            diagnostics.add(catalogue.NO_TABLE, place, length, table=sheet, **params)
            continue
        mapped_tables[name] = _rename(mapped, facts[name], table, diagnostics)
    return mapped_tables


def list_facts(schemas: Iterable[Schema]) -> dict[str, dict[str, str]]:
    """By the name of each table its facts, by name, with their labels; ids and periods are among them."""
    facts: dict[str, dict[str, str]] = {}
    for schema in schemas:
        shared = {schema.subject: schema.label, PERIOD: ""}
        facts[schema.subject] = {**{column.name: column.label for column in schema.columns}, **shared}
        for table in schema.events:
            if table.use is None:
                own = {column.name: column.label for column in table.columns}
                facts |= {name: {**own, **shared} for name in (table.name, table.label) if name}
    return facts


def _rename(mapped: TableMapping, facts: Mapping[str, str], table: RawTable, diagnostics: Diagnostics) -> RawTable:
    """A table with the headings of the policy, and its units."""
    by_text = {heading.strip(): heading for heading in table.frame.columns}
    new: dict[str, str] = {}
    for part, names in (("headings", mapped.headings), ("units", mapped.units)):
        for name in names.keys() - facts.keys():
            nearest = suggest(name, facts) or {"keys": ", ".join(sorted(facts))}
            diagnostics.add(catalogue.UNKNOWN_KEY, mapped.at(part)[0], key=name, **nearest)
    for name, heading in mapped.headings.items():
        if heading.strip() in by_text:
            new[by_text[heading.strip()]] = name
        else:
            params = suggest(heading, by_text) or {"nearest": ", ".join(by_text)}
            diagnostics.add(catalogue.NO_COLUMN, mapped.at("headings")[0], name=heading, **params)
    frame = table.frame.rename(new)
    for name, unit in mapped.units.items():
        factor = find_factor(unit)
        unit_heading = next((text for text in (name, facts.get(name, "")) if text in frame.columns), None)
        if factor is None:
            diagnostics.add(catalogue.UNKNOWN_UNIT, mapped.at("units")[0], unit=unit, units=", ".join(UNITS))
        elif unit_heading is not None:
            frame = frame.with_columns(_multiply(frame[unit_heading], unit, factor))
    columns = {new.get(heading, heading): number for heading, number in table.columns.items()}
    return evolve(table, frame=frame, columns=columns)


def find_factor(unit: str) -> Decimal | None:
    """By what a unit multiplies; None for one that is not known."""
    factor = Decimal(unit) if _FACTOR.fullmatch(unit) else UNITS.get(unit)
    return factor or None


def _multiply(cells: pl.Series, unit: str, factor: Decimal) -> pl.Series:
    """Cells in another unit; what is not a plain number keeps its text, with the unit, and fits no fact."""
    texts = [None if cell is None else _multiply_cell(str(cell).strip(), unit, factor) for cell in cells]
    return pl.Series(cells.name, texts, dtype=pl.String)


def _multiply_cell(text: str, unit: str, factor: Decimal) -> str:
    if _PLAIN.fullmatch(text):
        return f"{Decimal(text) * factor:f}"
    return text if not text or text in ERROR_TEXTS else f"{text} × {unit}"
