"""Files with names of their own: a mapping is proposed, read, and held against the files and the policy."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
import xlsxwriter
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from scorecore.io.mapping import UNITS, find_factor
from scorecore.io.mapping_proposal import ProposedTable, write_proposal
from scorecore_cli.main import scorecore

POLICY: Final = """
[policy]
id = "branch.may"
version = "1"
title = "五月"
subject = "person"
subject_label = "工号"
period = "month"
effective = { from = 2024-01-01 }
currency = "CNY"
[facts.person]
volume = { type = "decimal", unit = "CNY", min = 0, label = "月交易量" }
name = { type = "string", label = "姓名", optional = true }
[facts.visits]
label = "客户回访"
key = ["id"]
fields = { id = { type = "string" } }
[[pay]]
id = "commission"
kind = "earning"
amount = "volume * 0.001 + visits.size() * 1"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    with xlsxwriter.Workbook("may.xlsx") as book:
        sheet = book.add_worksheet("五月 花名册")
        sheet.write_row(0, 0, ["员工编号", " 姓 名", "5月交易量（万元）", "备注"])
        sheet.write_row(1, 0, ["B1", "甲", 9.5, "x"])
        sheet.write_row(2, 0, ["B2", "乙", "1,000", "x"])
        sheet = book.add_worksheet("回访")
        sheet.write_row(0, 0, ["工号", "id"])
        sheet.write_row(1, 0, ["B1", "V1"])
    return tmp_path


def call(*arguments: str) -> Result:
    line = [*arguments, "policy.toml", "--facts", "may.xlsx", "--period", "2024-05", "--mapping", "may.toml"]
    return CliRunner().invoke(scorecore, line, catch_exceptions=False)


def test_a_mapping_is_proposed_and_read(folder: Path) -> None:
    """The proposal of `facts check` is a file that it and `run` read; a cell that has a unit already does not fit."""
    proposed = call("facts", "check")
    assert "written to may.toml" in proposed.output
    text = (folder / "may.toml").read_text("utf-8")
    assert '[table."person"]\nsheet = "五月 花名册"' in text
    assert 'headings."volume" = "5月交易量（万元）"' in text
    assert 'units."volume" = "万"' in text
    assert '[table."visits"]\nsheet = "回访"' in text
    checked = call("facts", "check")
    assert "may.xlsx[五月 花名册]!C3: SC512 `月交易量` is `1,000 × 万`, which is not a valid number" in checked.output
    assert "people in 2024-05: 2; problems: 1" in checked.output
    assert "96.00" in call("run").output  # 95,000 thousandths, and a visit


@pytest.mark.usefixtures("folder")
def test_nothing_to_map(folder: Path) -> None:
    with xlsxwriter.Workbook("may.xlsx") as book:
        book.add_worksheet("person").write_row(0, 0, ["工号", "月交易量"])
        book.add_worksheet("客户回访").write_row(0, 0, ["工号", "id"])
    assert "no mapping is needed" in call("facts", "check").output
    assert not (folder / "may.toml").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[table.persn]", "may.toml:1:8: SC101 unknown key `persn`"),
        ('[table.person]\nsheet = "花名册"', "may.toml:2:9: SC401 table `花名册` not found among the facts"),
        ('[table.person]\nsheet = "五月 花名册"\nheadings.volume = "交易"', "SC402 the column `交易` is missing"),
        ('[table.person]\nsheet = "五月 花名册"\nunits.vol = "万"', "SC101 unknown key `vol`"),
        ('[table.person]\nsheet = "五月 花名册"\nunits.volume = "0"', "SC438 `0` is not a unit"),
        ("table = 1", "may.toml:1:9: SC103"),
        ("[table", "may.toml:1:7: SC003"),
    ],
)
def test_what_a_mapping_has_wrong_is_named_at_its_place(folder: Path, text: str, problem: str) -> None:
    (folder / "may.toml").write_text(text, "utf-8")
    result = call("facts", "check")
    assert problem in result.output
    assert result.exit_code == 1


def test_only_the_check_writes_a_mapping(folder: Path) -> None:
    assert "may.toml: SC410 the file cannot be read: No such file or directory" in call("run").output
    assert not (folder / "may.toml").exists()


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)


@given(sheet=names, fact=names, heading=names)
def test_a_proposal_is_toml_whatever_the_names(sheet: str, fact: str, heading: str) -> None:
    import tomli  # noqa: PLC0415  only here

    text = write_proposal([ProposedTable("t", sheet, {fact: heading}, {fact: "万"}, (fact,), (heading,))], (), "?")
    read: dict[str, Any] = tomli.loads(text)
    assert read == {"table": {"t": {"sheet": sheet, "headings": {fact: heading}, "units": {fact: "万"}}}}


def test_units() -> None:
    assert {unit: find_factor(unit) for unit in ("万", "0.001", "10000")} == {
        "万": Decimal(10_000),
        "0.001": Decimal("0.001"),
        "10000": Decimal(10_000),
    }
    assert [find_factor(unit) for unit in ("0", "", "-1", "1e3", "元")] == [None] * 5
    assert all(find_factor(unit) == factor for unit, factor in UNITS.items())
