"""A folder of Parquet files that is one table, and folders that are not."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import ExpectedTables
from scorecore.io.parquet_files import list_pieces
from scorecore.io.readers import find_table_files, read_chunks, read_facts

ANYTHING = ExpectedTables(frozenset(), frozenset())


def write_pieces(folder: Path, sizes: list[int]) -> list[str]:
    """Files of so many rows each, beside what engines leave there; gives the ids in their order."""
    folder.mkdir(parents=True)
    ids = [f"P{number}" for number in range(sum(sizes))]
    for number, size in enumerate(sizes):
        start = sum(sizes[:number])
        rows = pl.DataFrame({"person": ids[start : start + size]}, schema={"person": pl.String})
        rows.write_parquet(folder / f"part-{number:05}-a1.snappy.parquet")
    for mark in ("_SUCCESS", ".part-00000-a1.snappy.parquet.crc"):
        (folder / mark).write_bytes(b"")
    return ids


@given(sizes=st.lists(st.integers(0, 4), min_size=1, max_size=4), rows=st.integers(1, 5))
def test_the_files_of_a_folder_are_one_table_however_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], rows: int
) -> None:
    """In one go or in pieces: every row once, in the order of the files, with its number in all of them."""
    facts = tmp_path_factory.mktemp("facts")
    ids, diagnostics = write_pieces(facts / "uses.month", sizes), Diagnostics()
    table = read_facts(facts, diagnostics)["uses.month"]
    assert table.frame["person"].to_list() == ids
    assert table.row_numbers.to_list() == list(range(1, 1 + len(ids)))
    path = find_table_files(facts, diagnostics)["uses.month"]
    chunks = list(read_chunks(path, rows, diagnostics, "utf-8", ANYTHING))
    assert [chunk.frame["person"].to_list() for chunk in chunks] == [
        ids[start : start + rows] for start in range(0, max(1, len(ids)), rows)
    ]
    assert [number for chunk in chunks for number in chunk.row_numbers] == list(range(1, 1 + len(ids)))
    assert read_facts(facts / "uses.month", diagnostics).keys() == {"uses.month"}
    assert not len(diagnostics)


@pytest.mark.parametrize("other", ["notes.txt", "person.csv", "backup.parquet"])
def test_a_folder_with_anything_else_is_no_table(tmp_path: Path, other: str) -> None:
    """Two tables of facts would become one."""
    write_pieces(tmp_path / "person", [1])
    pl.DataFrame({"person": ["Q"]}).write_parquet(tmp_path / "person" / other)
    diagnostics = Diagnostics()
    assert not list_pieces(tmp_path / "person")
    assert not read_facts(tmp_path, diagnostics)
    assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC466"]


@pytest.mark.parametrize("columns", [{"id": ["Q"]}, {"person": [1]}])
def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, columns: dict[str, list[object]]) -> None:
    folder = tmp_path / "person"
    write_pieces(folder, [1])
    pl.DataFrame(columns).write_parquet(folder / "part-00009.parquet")
    said = f"{folder}: SC410 the file cannot be read: its files do not have the same columns"
    for read in (
        lambda diagnostics: read_facts(tmp_path, diagnostics),
        lambda diagnostics: list(read_chunks(folder, 100, diagnostics, "utf-8", ANYTHING)),
    ):
        diagnostics = Diagnostics()
        assert not read(diagnostics)
        assert [str(diagnostic).splitlines()[0] for diagnostic in diagnostics] == [said]


def test_one_table_as_a_file_and_as_a_folder_is_a_problem(tmp_path: Path) -> None:
    write_pieces(tmp_path / "person", [1])
    (tmp_path / "person.csv").write_text("person\nQ\n", "utf-8")
    for read in (read_facts, find_table_files):
        diagnostics = Diagnostics()
        assert len(read(tmp_path, diagnostics)) == 1
        assert [diagnostic.kind.code for diagnostic in diagnostics] == ["SC412"]
