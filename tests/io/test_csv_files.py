"""CSV files: whatever could be read in two ways is named at its line, and no cell is moved or lost."""

from pathlib import Path

import pytest

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.raw import ExpectedTables
from scorecore.io.readers import read_facts

Rows = list[tuple[str | None, ...]]


def read(folder: Path, content: bytes, encoding: str = "utf-8") -> tuple[Rows, list[int], list[tuple[str, int]]]:
    """The rows, their lines, and of each diagnostic its code and line."""
    (folder / "person.csv").write_bytes(content)
    diagnostics = Diagnostics()
    table = read_facts(folder, diagnostics, encoding).get("person")
    told = [(diagnostic.kind.code, diagnostic.location.line) for diagnostic in diagnostics]
    return ([], [], told) if table is None else (table.frame.rows(), table.row_numbers.to_list(), told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a,b\n1,2\n3,"4\n5,6\n', [("SC410", 3)]),  # a quote that does not end
        ('a,b\n1,"2"x\n3,4\n', [("SC410", 2)]),  # text behind a quote that ends
        ("a,b\n1,2,3\n4,5\n6,7,8\n", [("SC410", 2), ("SC410", 4)]),
        ('a,b\n1,"2",3\n', [("SC410", 2)]),
        (f"a,b\n1{',' * 100_001}\n", [("SC410", 2)]),  # of which no list of cells is made
        (f"a,b\r\n1,2\r\n3,{'x' * 131_073}\r\n", [("SC410", 3)]),
        (f'a,b\n1,"{"x," * 70_000}"\n', [("SC410", 2)]),
        (f'a,b\n1,"{"x,2" * 70_000}\n3,4\n', [("SC410", 2)]),  # a quote that is open for too long
        ("a,b\n" + "1,2,3\n" * 102, [("SC410", line) for line in range(2, 103)]),  # the last one for two rows
        ("a;b\n1;2,5\n", [("SC427", 1)]),
        ("a|b\n1|2\n", [("SC427", 1)]),
        ("a，b\n1，2\n", [("SC427", 1)]),
        ('a;b\r"1\n2";2,5\r', [("SC427", 1)]),  # lines that end in two ways
        ("a,a\n1,2\n", [("SC404", 1)]),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(text: str, told: list[tuple[str, int]], tmp_path: Path) -> None:
    assert read(tmp_path, text.encode()) == ([], [], told)


@pytest.mark.parametrize(
    ("text", "rows", "lines", "told"),
    [
        ('a,b\n1,2"\n3,4\n', [("1", '2"'), ("3", "4")], [2, 3], [("SC445", 2)]),
        ('a,b\n1, "2"\n', [("1", ' "2"')], [2], [("SC445", 2)]),
        ('a,b\n1,"2\n3"\n4,5\n', [("1", "2\n3"), ("4", "5")], [2, 4], [("SC429", 2)]),
        ('a,b\n1,"2\n3,4"\n', [("1", "2\n3,4")], [2], [("SC429", 2)]),
        ("a,b\n1\n2,3\n4\n", [("1", None), ("2", "3"), ("4", None)], [2, 3, 4], [("SC428", 2)]),
        ('a,b\n"1"\n"2",3\n', [("1", None), ("2", "3")], [2, 3], [("SC428", 2)]),
        ("a\tb\n1\t2,5\n", [("1", "2,5")], [2], [("SC426", 1)]),
        ("a,b\r1,2\r3,4\r", [("1", "2"), ("3", "4")], [2, 3], []),
        ('a,b\r\n1,"2"\r\n3,4', [("1", "2"), ("3", "4")], [2, 3], []),
        ("a,b\n\n1,2\n", [(None, None), ("1", "2")], [2, 3], []),
        ('"a","b"\n"1;2","x ""y"""\n', [("1;2", 'x "y"')], [2], []),
        ("a,,b\n1,x,2\n", [("1", "2")], [2], [("SC431", 2)]),
        (f"a,b\n1,{'x' * 131_072}\n", [("1", "x" * 131_072)], [2], []),
        ('a,b\n"1,""",\n",2"\n', [('1,"', None), (",2", None)], [2, 3], [("SC428", 3)]),
    ],
)
def test_what_is_unusual_is_read_and_noted(
    text: str, rows: Rows, lines: list[int], told: list[tuple[str, int]], tmp_path: Path
) -> None:
    assert read(tmp_path, text.encode()) == (rows, lines, told)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_titles_are_passed_over_whichever_way_lines_end(end: str, tmp_path: Path) -> None:
    """Also where a cell has lines of its own, which end in another way."""
    text = end.join(["五月", "person,v", '"E1\n",1', '"E2",2', ""])
    (tmp_path / "person.csv").write_bytes(text.encode())
    diagnostics = Diagnostics()
    expected = ExpectedTables(frozenset({"person"}), frozenset({"person", "v"}))
    table = read_facts(tmp_path, diagnostics, expected=expected)["person"]
    assert table.frame.rows() == [("E1\n", "1"), ("E2", "2")]
    assert table.row_numbers.to_list() == [3, 5]
    assert {diagnostic.kind.code for diagnostic in diagnostics} == {"SC429", "SC430"}


@pytest.mark.parametrize(("encoding", "advised"), [("utf-16", "utf-16"), ("gb18030", "gb18030")])
def test_the_encoding_is_named_that_a_file_has(encoding: str, advised: str, tmp_path: Path) -> None:
    """A file that begins with FF FE is UTF-16, and cannot be GB 18030."""
    (tmp_path / "person.csv").write_bytes("工号\tv\nE1\t1\n".encode(encoding))
    diagnostics = Diagnostics()
    assert read_facts(tmp_path, diagnostics) == {}
    assert [diagnostic.advice() for diagnostic in diagnostics] == [
        f"save it as UTF-8, or name its encoding: --encoding {advised}"
    ]
    assert read(tmp_path, "工号\tv\nE1\t1\n".encode(encoding), encoding)[0] == [("E1", "1")]


def test_rows_are_numbered_and_noted_over_all_pieces_and_batches(tmp_path: Path) -> None:
    """The first heading goes over two lines; a piece is a MiB, a batch 20,000 rows."""
    rows, fold = 45_000, 41_000
    body = [f'{"x" * 40},"2\n3"' if row == fold else f'{"x" * 40},2"' for row in range(rows)]
    text = '"a\nz",b\n' + "\n".join(body)
    cells, lines, _ = read(tmp_path, text.encode())
    assert lines == [row + 3 + (row > fold) for row in range(rows)]
    assert [second for _, second in cells] == ["2\n3" if row == fold else '2"' for row in range(rows)]
    diagnostics = Diagnostics()
    read_facts(tmp_path, diagnostics)
    said = [(note.kind.code, note.params["count"], note.params["rows"]) for note in diagnostics]
    assert said == [
        ("SC445", str(rows - 1), f"3-{fold + 2}, {fold + 5}-{rows + 3}"),
        ("SC429", "1", str(fold + 3)),
    ]
