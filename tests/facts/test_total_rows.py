"""Rows that add up others, and remarks below a table, are nobody; they are noted, not decided."""

import polars as pl
import pytest

from scorecore.facts.total_rows import find_total_rows

TOTALS = (
    *("合计", "合 计", "总计：", "小计（3人）", "本页合计", "销售部小计", "共计", "平均值", "合计 ", " 合计:120"),
    *("Total", "TOTAL:", "Grand total", "sub-total", "Subtotal (3)", "Sales total", "Average", "sum"),
    *("制表人：张三", "审核: 李四", "备注：以上数据由人力资源部提供", "注：", "Note: preliminary", "说明1：略"),
)
PEOPLE = (
    "E001",
    "合小明",
    "总经办01",
    "王计",
    "Totaly",
    "Tota",
    "注册部",
    "备注",
    "Sumner",
    "小计划",
    "P-total-1",
    "计",
    "#1",
)


@pytest.mark.parametrize("text", TOTALS)
def test_totals_and_remarks_are_found(text: str) -> None:
    """By the id, or by the first cell of a row without one."""
    frame = pl.DataFrame({"name": ["甲", text, text], "#id": ["E1", text, None]})
    assert find_total_rows(frame, "#id")["#id"].to_list() == [text, text]


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_totals(text: str) -> None:
    frame = pl.DataFrame({"name": ["合计", None, "甲"], "#id": [text, text, None], "remark": ["", "x", "合计"]})
    assert not len(find_total_rows(frame, "#id"))
