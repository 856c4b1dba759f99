"""Canonical JSON of columns: Polars expressions for the texts that `canonical_json` gives of each value."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from scorecore.values.canonical_json import LARGEST, encode

Part = pl.Expr | str
"""A column of texts, or the same text everywhere."""
_ESCAPED: Final = ['"', "\\", *map(chr, range(32))]
"""What JSON does not write as it is."""
_ESCAPES: Final = [encode(character).decode()[1:-1] for character in _ESCAPED]


def join_texts(parts: Sequence[Part]) -> pl.Expr:
    """Texts one after another; null where one of them is."""
    merged: list[Part] = []
    for part in parts:
        if merged and isinstance(merged[-1], str) and isinstance(part, str):
            merged[-1] += part
        else:
            merged.append(part)
    return pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in merged])


def json_key(name: str) -> str:
    return f"{encode(name).decode()}:"


def json_object(texts: Mapping[str, Sequence[Part]]) -> pl.Expr:
    """Values by name in canonical order, without braces; what is null is left out."""
    members = [join_texts([json_key(name), *text]) for name, text in sorted(texts.items())]
    if not members:
        return pl.repeat("", pl.len(), dtype=pl.String)  # a text for each row, not one for all
    return pl.concat_str(members, separator=",", ignore_nulls=True)


def json_text(column: pl.Expr, dtype: pl.DataType) -> list[Part]:
    """The canonical text of values, in parts; null where there is none."""
    if dtype == pl.String:
        return ['"', column.str.replace_many(_ESCAPED, _ESCAPES), '"']
    if isinstance(dtype, pl.Decimal):
        text = column.cast(pl.String)
        return ['"', text.str.replace(r"\.?0+$", "") if dtype.scale else text, '"']
    if dtype == pl.Boolean:
        return [pl.when(column).then(pl.lit("true")).when(~column).then(pl.lit("false"))]
    if dtype == pl.Date:
        return ['"', column.cast(pl.String), '"']
    if dtype == pl.Datetime:
        is_whole_second = column.dt.microsecond() == 0
        seconds, finer = (column.dt.to_string(form) for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.6f"))
        return ['"', pl.when(is_whole_second).then(seconds).otherwise(finer), '"']
    text = column.cast(pl.String)
    return [pl.when(column.is_between(-LARGEST, LARGEST)).then(text).otherwise(join_texts(['"', text, '"']))]
