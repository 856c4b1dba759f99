"""Rows of a table that are not subjects: what adds up the rows above, and remarks and signatures below the table."""

from __future__ import annotations  # nothing loads Polars when a command starts

from typing import Final

import polars as pl

_LABELS: Final = (
    r"(?:[本全]\S{0,4})?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计|总\s*和|总\s*数|平\s*均\s*[值数分]?)\s*(?:[:：(（].*)?",
    r"\S{0,20}(?:合计|小计|总计|共计)\s*[:：]?",
    r"(?:(?:grand|sub)[\s-]*)?totals?\s*(?:[:：(（].*)?",
    r"\S{0,20}\s+(?:sub)?totals?\s*[:：]?",
    r"(?:sum|average|mean)\s*[:：]?",
    r"(?:制表|审核|复核|填表|填报|经办|批准|审批|负责|打印)[人者]?(?:日期|时间)?\s*[:：].*",
    r"(?:备\s*注|注|说\s*明)\s*\d*\s*[:：].*",
    r"(?:prepared by|approved by|checked by|notes?|remarks?)\s*[:：].*",
)
_TOTAL: Final = rf"(?i)^\s*(?:{'|'.join(_LABELS)})\s*$"


def find_total_rows(frame: pl.DataFrame, id_column: str) -> pl.DataFrame:
    """The rows of totals and remarks, with the text that says so in `id_column`.

    A row is one by its id, or by its first cell if it has no id: a total is often labelled in another column.
    """
    named = frame.filter(pl.col(id_column).str.contains(_TOTAL))
    without_id = frame.filter(pl.col(id_column).is_null())
    texts = [pl.col(name) for name, dtype in frame.schema.items() if dtype == pl.String]
    if not len(without_id):
        return named
    unnamed = without_id.with_columns(pl.coalesce(texts).alias(id_column))
    return pl.concat([named, unnamed.filter(pl.col(id_column).str.contains(_TOTAL))])
