"""Tables by a text and a number, or by two numbers: a table of bands for each text, or each band of the first number.

The rest of the compiler sees them one by one. The first number is looked up in a table of its own, which gives the text
by which the others are named.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.language.rows import FIRST
from scorecore.policy import model as policy
from scorecore.values.canonical_json import format_decimal


def split_keyed_tables(
    declared: policy.Policy, diagnostics: Diagnostics
) -> tuple[policy.Policy, Mapping[str, Mapping[str, str]]]:
    """The policy with a table for each `of` of a table whose bands say `of` and `from`; and their names by text."""
    tables: dict[str, policy.BandTableDeclaration] = {}
    keyed: dict[str, dict[str, str]] = {}
    for name, table in declared.tables.items():
        firsts = [] if table.kind == "exact" else _list_firsts(table)
        if not firsts:
            tables[name] = table
            continue
        keyed[name] = {_name(first): f"{name}[{_name(first)}]" for first in firsts}
        for band in (band for bands in _versions(table) for band in bands if type(band.of) is not type(firsts[0])):
            if band.of is None:
                diagnostics.add(catalogue.BAND_BEGINS, *band.at(), key="of", kind=table.kind)
            else:
                diagnostics.add(catalogue.OF_MIXED, *band.at("of"), value=band.of, first=firsts[0])
        if isinstance(firsts[0], Decimal):
            tables[f"{name}{FIRST}"] = _of_firsts(table)
        tables |= {f"{name}[{_name(first)}]": _of_first(table, first) for first in firsts}
    return (evolve(declared, tables=tables) if keyed else declared), keyed


def _name(first: Decimal | str) -> str:
    return first if isinstance(first, str) else format_decimal(first)


def _versions(table: policy.BandTableDeclaration) -> list[tuple[policy.BandDeclaration, ...]]:
    return [table.bands, *(dated.bands for dated in table.versions)]


def _list_firsts(table: policy.BandTableDeclaration) -> list[Decimal | str]:
    firsts = (band.of for bands in _versions(table) for band in bands)
    return [first for first in dict.fromkeys(firsts) if first is not None]


def _of_firsts(table: policy.BandTableDeclaration) -> policy.BandTableDeclaration:
    """The table that says, for the first number, which bands count."""
    versions = tuple(evolve(dated, bands=_list_first_bands(dated.bands)) for dated in table.versions)
    bands = _list_first_bands(table.bands)
    return evolve(table, kind="whole", type="string", bands=bands, versions=versions, bounds=None, edges=None)


def _list_first_bands(bands: Sequence[policy.BandDeclaration]) -> tuple[policy.BandDeclaration, ...]:
    first_bands = {band.of: band for band in reversed(bands) if isinstance(band.of, Decimal)}
    ascending = sorted(first_bands.items())
    return tuple(evolve(band, of=None, from_=first, is_=_name(first), up_to=None) for first, band in ascending)


def _of_first(table: policy.BandTableDeclaration, first: Decimal | str) -> policy.BandTableDeclaration:
    """The bands for a text or a band of the first number, without it."""
    versions = tuple(evolve(dated, bands=_choose(dated.bands, first)) for dated in table.versions)
    return evolve(table, bands=_choose(table.bands, first), versions=versions)


def _choose(bands: Sequence[policy.BandDeclaration], first: Decimal | str) -> tuple[policy.BandDeclaration, ...]:
    return tuple(evolve(band, of=None) for band in bands if band.of == first)
