"""What a cell shows is what is decided, through the whole library: periods, percentages, midnights, ids, errors."""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from click.testing import CliRunner

from scorecore_cli.main import scorecore

POLICY: Final = """
[policy]
id = "branch.may"
version = "1"
title = "五月"
subject = "person"
subject_label = "工号"
period = "month"
effective = { from = 2020-01-01 }
currency = "CNY"
[facts.person]
rate = { type = "decimal", unit = "%", label = "完成率", optional = true }
[facts.reports]
key = ["id"]
dated_by = "sent"
fields = { id = { type = "string" }, sent = { type = "timestamp" } }
[[pay]]
id = "paid"
kind = "earning"
amount = "(has(rate) ? rate : 0.0) * 10 + reports.size()"
"""
MAY: Final = date(2024, 5, 1)
MIDNIGHT: Final = datetime(2024, 5, 10)
LAST: Final = datetime(2024, 5, 31, 23, 59, 59)


def decide(folder: Path, people: Sequence[Sequence[Any]], reports: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """What a workbook of people and their reports gives; a pair is a cell with its number format."""
    with xlsxwriter.Workbook(folder / "may.xlsx") as book:
        for name, rows in (("person", people), ("reports", reports)):
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    value, pattern = cell if isinstance(cell, tuple) else (cell, "General")
                    style = book.add_format({"num_format": pattern})
                    write = sheet.write_datetime if isinstance(value, date) else sheet.write
                    write(row, column, value, style)
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    files = [str(folder / "policy.toml"), "--facts", str(folder / "may.xlsx")]
    result = CliRunner().invoke(scorecore, ["run", *files, "--period", "2024-05", "--json"], catch_exceptions=False)
    data: dict[str, Any] = json.loads(result.stdout)
    return data


def net_pay(data: dict[str, Any]) -> dict[str, int]:
    return {row["person"]: int(Decimal(str(row["pay.net"]))) for row in data["decisions"]}


REPORTS: Final = [["工号", "id", "sent"]]


@pytest.mark.parametrize(
    "shown", [("2024-05", "@"), (date(2024, 5, 1), "yyyy-mm"), (date(2024, 5, 1), 'yyyy"年"m"月"')]
)
def test_a_month_as_a_date(shown: tuple[Any, str], tmp_path: Path) -> None:
    data = decide(
        tmp_path, [["工号", "期间", "完成率"], ["E1", shown, 95], ["E2", (date(2024, 4, 1), "yyyy-mm"), 95]], REPORTS
    )
    assert net_pay(data) == {"E1": 950}


@pytest.mark.parametrize("shown", [(0.95, "0%"), (0.95, "0.00%"), ("95%", "@"), (95, "General")])
def test_a_percentage_against_its_unit(shown: tuple[Any, str], tmp_path: Path) -> None:
    assert net_pay(decide(tmp_path, [["工号", "完成率"], ["E1", shown]], REPORTS)) == {"E1": 950}


def test_midnight_is_a_time_and_a_fraction_of_a_second_moves_no_day(tmp_path: Path) -> None:
    pattern = "yyyy-mm-dd hh:mm"
    late = LAST + timedelta(milliseconds=700)
    reports = [*REPORTS, ["E1", "a", (MIDNIGHT, pattern)], ["E1", "b", (late, pattern)]]
    assert net_pay(decide(tmp_path, [["工号"], ["E1"]], reports)) == {"E1": 2}


def test_a_number_of_more_than_15_digits_is_nobody(tmp_path: Path) -> None:
    data = decide(tmp_path, [["工号"], [440305199001011234], [("00042", "@")], [(42, "000000")]], REPORTS)
    assert net_pay(data) == {"00042": 0, "000042": 0}
    assert [problem["cell"] for problem in data["problems"]] == ["A2"]


def test_a_total_is_nobody(tmp_path: Path) -> None:
    people = [["五月考核"], [], ["工号", "完成率"], ["E1", 95], ["E2", 5], ["合计", 100]]
    assert net_pay(decide(tmp_path, people, REPORTS)) == {"E1": 950, "E2": 50}
