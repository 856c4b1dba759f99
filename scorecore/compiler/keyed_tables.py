"""Tables by a text and a number: a table of bands for each text, which the rest of the compiler sees one by one."""

from collections.abc import Mapping, Sequence

from attrs import evolve

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.policy import model as policy


def split_keyed_tables(
    declared: policy.Policy, diagnostics: Diagnostics
) -> tuple[policy.Policy, Mapping[str, Mapping[str, str]]]:
    """The policy with a table for each text of a table whose bands say `of` and `from`; and their names by text."""
    tables: dict[str, policy.BandTableDeclaration] = {}
    keyed: dict[str, dict[str, str]] = {}
    for name, table in declared.tables.items():
        texts = [] if table.kind == "exact" else _list_texts(table)
        if not texts:
            tables[name] = table
            continue
        keyed[name] = {text: f"{name}[{text}]" for text in texts}
        for band in (band for bands in _versions(table) for band in bands if band.of is None):
            diagnostics.add(catalogue.BAND_BEGINS, *band.at(), key="of", kind=table.kind)
        tables |= {f"{name}[{text}]": _of_text(table, text) for text in texts}
    return (evolve(declared, tables=tables) if keyed else declared), keyed


def _versions(table: policy.BandTableDeclaration) -> list[tuple[policy.BandDeclaration, ...]]:
    return [table.bands, *(dated.bands for dated in table.versions)]


def _list_texts(table: policy.BandTableDeclaration) -> list[str]:
    texts = (band.of for bands in _versions(table) for band in bands)
    return [text for text in dict.fromkeys(texts) if text is not None]


def _of_text(table: policy.BandTableDeclaration, text: str) -> policy.BandTableDeclaration:
    """The bands for a text, without it."""
    versions = tuple(evolve(dated, bands=_choose(dated.bands, text)) for dated in table.versions)
    return evolve(table, bands=_choose(table.bands, text), versions=versions)


def _choose(bands: Sequence[policy.BandDeclaration], text: str) -> tuple[policy.BandDeclaration, ...]:
    return tuple(evolve(band, of=None) for band in bands if band.of == text)
