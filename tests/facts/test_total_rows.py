"""Rows that add up others, and remarks below a table, are nobody; they are noted, not decided."""

import polars as pl
import pytest

from scorecore.facts.total_rows import find_total_rows

TOTALS = (
    *("合计", "合 计", "总计：", "小计（3人）", "本页合计", "销售部小计", "共计", "平均值", "合计 ", " 合计:120"),
    *("Total", "TOTAL:", "Grand total", "sub-total", "Subtotal (3)", "Sales total", "Average", "sum"),
    *("合计2人", "合计：2人", "2人合计", "合計", "總計", "共2人", "共 12 名员工", "合计金额", "总金额", "总人数"),
    *("人均", "最高", "最低分", "——", "---", "……", "以下空白", "（以下空白）", "第1页 共2页", "Page 1 of 2"),
    *("Total amount", "Total 3", "Count:", "Max", "审核人", "单位负责人：", "日期：2024-05-31", "领导签字："),
    *("*表示离职", "※ 含试用期", "1、本表由各营业部填报", "(2) 数据截至五月底"),
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
    "总监",
    "总部",
    "平安里",
    "共青团支部",
    "人均岗A1",
    "*001",
    "1.欧阳娜娜",
    "Maxim",
    "Date1",
    "审核",
    "审核一组01",
    "Page",
    "统计部01",
)


@pytest.mark.parametrize("text", TOTALS)
def test_totals_and_remarks_are_found(text: str) -> None:
    """By the id, or by the first cell of a row without one."""
    frame = pl.DataFrame({"name": ["甲", text, text], "#id": ["E1", text, None]})
    assert find_total_rows(frame, "#id")["#id"].to_list() == [text, text]


def test_headings_are_nobody_though_they_are_there_twice() -> None:
    frame = pl.DataFrame({"#id": ["E1", "工号", "person", None], "金额": ["1", "金额", "金额", "金额"]})
    assert find_total_rows(frame, "#id", {"工号", "person"})["#id"].to_list() == ["工号", "person"]


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_totals(text: str) -> None:
    frame = pl.DataFrame({"name": ["合计", None, "甲"], "#id": [text, text, None], "remark": ["", "x", "合计"]})
    assert not len(find_total_rows(frame, "#id"))
