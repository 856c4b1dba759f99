"""Proposes how the sheets and headings of somebody's files are called in a policy."""

from __future__ import annotations  # nothing loads Polars when a command starts

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from scorecore.diagnostics.suggest import find_nearest
from scorecore.facts.headings import PERIOD_HEADINGS
from scorecore.facts.raw import RawTable
from scorecore.io.heading_row import normalize_heading
from scorecore.io.mapping import UNITS
from scorecore.policy.tokens import quote_text
from scorecore.program.schema import FactColumn, Schema

_BRACKETS: Final = re.compile(r"[(（\[【/](.*?)(?:[)）\]】]|$)")
_USUAL_IDS: Final = ("工号", "员工编号", "员工号", "职工号", "人员编号", "编号", "id", "employee id", "staff number")
_LEAST_CONTAINED: Final = 2
"""Characters of a name that is looked for inside another."""


@frozen
class ProposedTable:
    """What a table seems to be called."""

    name: str
    sheet: str
    """Empty if it has its name."""
    headings: Mapping[str, str]
    units: Mapping[str, str]
    missing: Sequence[str]
    """The facts for which no heading was found."""
    unused: Sequence[str]
    """The headings, or without a sheet the sheets, that seem to mean nothing."""
    is_there: bool = True
    """Whether a sheet was found."""


def propose_mapping(schema: Schema, tables: Mapping[str, RawTable]) -> list[ProposedTable]:
    """The tables of a policy that the files call otherwise, wholly or in part."""
    wanted = {schema.subject: ("", schema.columns)}
    wanted |= {table.name: (table.label, table.columns) for table in schema.events if table.use is None}
    free = {name: table for name, table in tables.items() if table.frame.width}
    exact = {name: next((key for key in (name, label) if key in free), "") for name, (label, _) in wanted.items()}
    for key in exact.values():
        free.pop(key, None)
    proposals = []
    for name, (label, columns) in wanted.items():
        sheet = exact[name] or _find_sheet((name, label), _name_columns(schema, columns).values(), free)
        free.pop(sheet, None)
        if not sheet:
            proposals.append(ProposedTable(name, "", {}, {}, (), tuple(free), is_there=False))
            continue
        proposal = _propose_table(schema, name, "" if exact[name] else sheet, columns, tables[sheet])
        if proposal.sheet or proposal.headings or proposal.missing:
            proposals.append(proposal)
    return proposals


def _find_sheet(names: Sequence[str], columns: Iterable[Sequence[str]], tables: Mapping[str, RawTable]) -> str:
    """The table that is meant: by a similar name, or else by its headings."""
    similar = _find_similar(names, tables)
    if similar:
        return similar
    shared = {
        name: sum(bool(_find_similar(column, table.frame.columns)) for column in columns)
        for name, table in tables.items()
    }
    best = max(shared, key=lambda name: shared[name], default="")
    return best if best and (shared[best] > 1 or len(tables) == 1) else ""


def _name_columns(schema: Schema, columns: Iterable[FactColumn]) -> dict[str, tuple[str, ...]]:
    """By fact what its column may be called; ids have names that are usual."""
    named = {column.name: (column.name, column.label) for column in columns}
    return {schema.subject: (schema.subject, schema.label, *_USUAL_IDS), **named}


def _propose_table(
    schema: Schema, name: str, sheet: str, columns: Sequence[FactColumn], table: RawTable
) -> ProposedTable:
    unused = [heading.strip() for heading in table.frame.columns if heading.strip() not in PERIOD_HEADINGS]
    named = _name_columns(schema, columns)
    exact = {fact: next((text for text in names[:2] if text and text in unused), "") for fact, names in named.items()}
    unused = [heading for heading in unused if heading not in exact.values()]
    absent = [fact for fact, heading in exact.items() if not heading]
    headings, missing = {}, []
    optional = {column.name for column in columns if column.optional}
    for fact in absent:
        heading = _find_similar(named[fact], unused)
        if heading:
            headings[fact] = heading
            unused.remove(heading)
        elif fact not in optional:
            missing.append(fact)
    units = {fact: unit for fact, heading in headings.items() if (unit := _find_unit(heading))}
    return ProposedTable(name, sheet, headings, units, missing, unused)


def _find_similar(names: Sequence[str], candidates: Collection[str]) -> str:
    """The candidate that is one of some names but for blanks, brackets and width; or nearly so."""
    plain = {normalize_heading(_strip_unit(candidate)): candidate for candidate in reversed(list(candidates))}
    wanted = [normalize_heading(name) for name in names if name]
    ways: tuple[Callable[[str], str | None], ...] = (
        lambda name: name if name in plain else None,
        lambda name: find_nearest(name, plain),
        lambda name: next((text for text in plain if _contains(text, name)), None),
    )
    for way in ways:
        for name in wanted:
            text = way(name)
            if text is not None:
                return plain[text]
    return ""


def _contains(one_text: str, other_text: str) -> bool:
    shorter, longer = sorted((one_text, other_text), key=len)
    return len(shorter) >= _LEAST_CONTAINED and shorter in longer


def _strip_unit(heading: str) -> str:
    return _BRACKETS.sub("", heading)


def _find_unit(heading: str) -> str:
    """The unit that a heading has in brackets, such as 万 in `销售额（万元）`."""
    bracket = _BRACKETS.search(heading)
    text = bracket[1].strip() if bracket else ""
    units = sorted((unit for unit in UNITS if text.startswith(unit) and unit not in "%‰"), key=len)
    return units[-1] if units else ""


def write_proposal(proposals: Iterable[ProposedTable], intro: Sequence[str], nothing_found: str) -> str:
    """The text of the file, with some lines at its top; a line for a fact that was not found is a remark."""
    lines = [f"# {line}" for line in intro]
    for proposal in proposals:
        lines += ["", f"[table.{quote_text(proposal.name)}]"]
        lines += [f"sheet = {quote_text(proposal.sheet)}"] if proposal.sheet else []
        for part, names in (("headings", proposal.headings), ("units", proposal.units)):
            lines += [f"{part}.{quote_text(fact)} = {quote_text(text)}" for fact, text in names.items()]
        listed = ", ".join(proposal.unused)
        lines += [] if proposal.is_there else [f'# sheet = ""  # {nothing_found} {quote_text(listed)}']
        lines += [
            f'# headings.{quote_text(fact)} = ""  # {nothing_found} {quote_text(listed)}' for fact in proposal.missing
        ]
    return "\n".join(lines) + "\n"
