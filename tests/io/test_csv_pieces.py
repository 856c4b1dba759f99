"""The law of pieces: a CSV file that is read piece by piece is what it is as a whole, and what is noted is the same."""

from pathlib import Path
from typing import Final

import polars as pl
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.csv_files import read_csv
from scorecore.io.csv_pieces import CsvPieces

PIECE: Final = 1000
HEADINGS: Final = ("person", "sales", "text")
CELLS: Final = st.sampled_from(["", "P1", "12.5", '"a, b"', '"say ""hi"""', "'=1", "员工七", " x ", "、"])
STRAY: Final = ["", "", "", '"two\nlines"', 'a"b', "one,two,three,four", "\r", "short", "\n", "blank,,,"]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A file of some hundred lines, of which a few may not be plain."""
    rows = draw(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=90, max_size=160))
    lines = [",".join(row) for row in rows]
    if draw(st.booleans()):
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(STRAY)))
    above = draw(st.sampled_from([[], [], ["Sales of May"], ["", ""]]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    heading = draw(st.sampled_from([",".join(HEADINGS), "person,sales,", "person,sales,sales", '"person",sales,text']))
    return (
        draw(st.sampled_from(["", "\ufeff"])) + end.join([*above, heading, *lines]) + draw(st.sampled_from(["", end]))
    )


@given(text=texts(), encoding=st.sampled_from(["utf-8", "gb18030"]))
def test_pieces_are_the_whole(tmp_path_factory: pytest.TempPathFactory, text: str, encoding: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "person.csv"
    path.write_bytes(text.removeprefix("\ufeff" if encoding != "utf-8" else "").encode(encoding))
    event(f"in pieces: {assert_same(path, encoding)}")


def assert_same(path: Path, encoding: str = "utf-8", piece: int = PIECE) -> bool:
    """Whether a file was read in pieces; if so, it was read as it is."""
    pieces = CsvPieces.of(path, encoding, HEADINGS, piece)
    if pieces is None:
        return False
    diagnostics, expected = Diagnostics(), Diagnostics()
    tables = list(pieces.read(diagnostics))
    whole = read_csv(path, expected, encoding, HEADINGS)
    assert whole is not None
    assert [*map(str, diagnostics)] == [*map(str, expected)]
    assert pl.concat([table.frame for table in tables]).equals(whole.frame)
    assert pl.concat([table.row_numbers for table in tables]).equals(whole.row_numbers)
    assert len(tables) > 1
    return True


def test_plain_files_are_read_in_pieces(tmp_path: Path) -> None:
    """Else the law would hold of nothing; and a line anywhere that is not plain is seen before anything is given."""
    path = tmp_path / "person.csv"
    lines = [f'P{number},{number},"a, ""b"""' for number in range(90)]
    path.write_text("\n".join(["Sales of May", "", ",".join(HEADINGS), *lines, "P90"]), "utf-8")
    assert assert_same(path)
    for stray in ('P91,1,"two\nlines"', "P91,1,2,3", 'P91,a"b,1', "P91\r,1,2"):
        path.write_text("\n".join([",".join(HEADINGS), *lines, stray]), "utf-8")
        assert CsvPieces.of(path, "utf-8", HEADINGS, PIECE) is None
    path.write_bytes("\n".join([",".join(HEADINGS), *lines]).encode() + b"\nP91,\xff,1")
    assert CsvPieces.of(path, "utf-8", HEADINGS, PIECE) is None
