"""Rows of facts as people write them: who is meant by a name, and which columns hold periods."""

from datetime import date

import polars as pl
import pytest

from scorecore.facts.headings import find_name, name_with_units
from scorecore.facts.period_intake import name_other_periods
from scorecore.facts.subject_index import SubjectIndex
from scorecore.program.schema import FactColumn
from scorecore.values.period import PeriodKind
from scorecore.values.types import decimal_type

MONTH = PeriodKind("month")


@pytest.mark.parametrize(
    ("stranger", "meant"),
    [("甲", "00042"), ("42", "00042"), ("乙", None), ("7", None), ("00043", None)],
)
def test_an_unknown_id_names_whom_it_can_mean(stranger: str, meant: str | None) -> None:
    ids, names = pl.Series(["00042", "007", "07", "9"]), pl.Series(["甲", "乙", "乙", None])
    assert SubjectIndex(ids, names=[names]).find_meant(stranger).get("nearest") == meant


@pytest.mark.parametrize(
    ("heading", "is_period"),
    [
        ("入职日期", False),
        ("date of joining", False),
        ("转正日", False),
        ("统计日期", True),
        ("日期", True),
        ("批次", True),
    ],
)
def test_the_day_of_something_is_not_the_period(heading: str, is_period: bool) -> None:  # noqa: FBT001
    decided = MONTH.period("2024-05")
    assert decided is not None
    cells = pl.Series(heading, [date(2024, 4, 1)] * 2)
    assert name_other_periods(cells, MONTH, decided) == is_period


def test_a_heading_may_repeat_the_unit_of_its_fact_and_no_other() -> None:
    names = name_with_units([FactColumn("quota", decimal_type(0, 10, 2), label="任务额", unit="CNY")])
    assert {find_name(heading, names) for heading in ("任务额（元）", "任务额 (RMB)", "任务额/元")} == {"quota"}
    assert find_name("任务额(万元)", names) is None
