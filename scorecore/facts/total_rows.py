"""Rows of a table that are not subjects: sums of rows above, remarks and signatures below, headings once more."""

from __future__ import annotations  # nothing loads Polars when a command starts

from collections.abc import Collection
from typing import Final

import polars as pl

from scorecore.facts.notations import compose

_SUM: Final = r"(?:[合总總小共累]\s*[计計]|[总總]\s*[和数數额額]|[总總](?:金额|金額|人数|人數|人次|分))"
_SIGNED: Final = r"(?:制表|审核|复核|填表|填报|经办|批准|审批|负责|打印|统计|编制|核准)"
_LABELS: Final = (
    rf"(?:[本全]\S{{0,4}})?{_SUM}\s*(?:金额|人数|数)?\s*\d*\s*[人名位个项条笔行]?\s*(?:[:：(（].*)?",
    rf"\S{{0,20}}{_SUM}\s*[:：]?",
    r"[总人]?平\s*均\s*[值数分]?\s*[:：]?|人均|最[高低大小][值分]?",
    r"共\s*\d+\s*[人名位个项条笔行].*",
    r"(?:(?:grand|sub)[\s-]*)?totals?\s*(?:[:：(（\d].*|\s(?:amount|pay|people|employees|headcount|for|of)\b.*)?",
    r"\S{0,20}\s+(?:sub)?totals?\s*[:：]?",
    r"(?:sum|average|mean|count|max(?:imum)?|min(?:imum)?)\s*[:：]?",
    rf"\S{{0,6}}?{_SIGNED}(?:[人者]|日期|时间)|(?:{_SIGNED}[人者]?(?:日期|时间)?|\S{{0,6}}(?:负责人|签字|签名|盖章))\s*[:：].*",
    r"(?:备\s*注|注|说\s*明|日\s*期|时\s*间)\s*\d*\s*[:：].*",
    r"(?:prepared by|approved by|checked by|notes?|remarks?|date|printed)\s*[:：].*",
    r"[(（]?(?:以下|以上)(?:空白|为空|无内容).*",
    r"第\s*\d+\s*页.*|page\s+\d+.*",
    r"[*※]+\s*\p{Han}.*|[(（]?\d+[)）.、]\s*\p{Han}.{5,}",
    r"[^\p{L}\p{N}]{2,}",
)
_TOTAL: Final = rf"(?i)^\s*(?:{'|'.join(_LABELS)})\s*$"


def find_total_rows(frame: pl.DataFrame, id_column: str, id_headings: Collection[str] = ()) -> pl.DataFrame:
    """The rows of totals, remarks and repeated headings, with the text that says so in `id_column`.

    A row is one by its id, or by its first cell if it has no id: a total is often labelled in another column.
    `id_headings` are those of ids: a table that was printed has them on each page.
    """
    is_heading = pl.col(id_column).is_in([compose(heading) for heading in id_headings])
    named = frame.filter(pl.col(id_column).str.contains(_TOTAL) | is_heading)
    without_id = frame.filter(pl.col(id_column).is_null())
    texts = [pl.col(name) for name, dtype in frame.schema.items() if dtype == pl.String]
    if not len(without_id):
        return named
    unnamed = without_id.with_columns(pl.coalesce(texts).alias(id_column))
    return pl.concat([named, unnamed.filter(pl.col(id_column).str.contains(_TOTAL))])
