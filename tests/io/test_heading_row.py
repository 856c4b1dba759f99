"""Which row has the headings."""

from pathlib import Path

import pytest

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import ExpectedTables
from scorecore.io.heading_row import find_heading_row
from scorecore.io.readers import read_facts

KNOWN = ("工号", "person", "Monthly volume", "金额")


@pytest.mark.parametrize(
    ("rows", "position"),
    [
        ([["工号", "金额"], ["E1", "1"]], 0),
        ([["五月考核表"], [None, ""], ["单位：元", "2024"], ["工号", "金额"], ["E1", "1"]], 3),
        ([["person"], ["person", "Monthly volume"]], 1),  # a title of the same name
        ([["五月考核表"], ["Person", "sth."], ["E1", "金额"]], 1),
        ([["编号", "数额"], ["E1", "金额"]], 0),  # a cell may have the name of a heading
        ([[" 工 号 ", "ＭＯＮＴＨＬＹ volume"], ["E1", "1"]], 0),
        ([["  "], ["a", "b"], ["c", "d"]], 1),
        ([["a"]] * 29 + [["工号", "金额"]], 29),
        ([["a"]] * 30 + [["工号", "金额"]], 0),  # not looked for any further
        ([[None], [""]], None),
        ([], None),
    ],
)
def test_the_row_with_the_names_that_are_known(rows: list[list[str | None]], position: int | None) -> None:
    assert find_heading_row(rows, KNOWN) == position


def test_without_names_the_first_row_that_is_not_empty() -> None:
    assert find_heading_row([[""], ["title"], ["a", "b"]], ()) == 1


@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_titles_above_the_headings_of_a_csv_file(blank: str, tmp_path: Path) -> None:
    """They are noted, and the rows keep the numbers of their lines; a file that no policy names is left as it is."""
    text = blank + '五月考核表,\n"单位：\n元",\n\n工号,金额\nE1,1\n"E\n2",2\nE3,3\n'
    for name in ("person", "other"):
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    diagnostics = Diagnostics()
    tables = read_facts(tmp_path, diagnostics, expected=ExpectedTables(frozenset({"person"}), frozenset(KNOWN)))
    first = 1 + len(blank)
    assert tables["person"].frame.rows() == [("E1", "1"), ("E\n2", "2"), ("E3", "3")]
    assert tables["person"].row_numbers.to_list() == [first + 5, first + 6, first + 8]
    noted = [(diagnostic.kind.code, diagnostic.location.line, diagnostic.params) for diagnostic in diagnostics]
    assert ("SC430", first, {"count": "2", "text": "五月考核表 单位：\n元"}) in noted
    assert [code for code, _, _ in noted] == ["SC430", "SC429"]
