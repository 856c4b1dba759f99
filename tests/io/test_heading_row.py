"""Which row has the headings."""

import pytest

from scorecore.io.heading_row import find_heading_row

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
