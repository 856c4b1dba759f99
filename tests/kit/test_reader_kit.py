"""The kit of readers: ours passes it, and each test is seen to fail on a reader that is broken in that way."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest

from scorecore.kit import ReaderKit
from scorecore.plugin import Diagnostics, Location, RawTable, Reader, catalogue

CHECKS: Final = sorted(name for name in vars(ReaderKit) if name.startswith("test_"))
_CALLS: Final = count()


def right(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    """The lines of a text file below the first; a problem where it is not text, or there is none."""
    try:
        lines = path.read_text("ascii").split()[1:]
    except ValueError:
        lines = []
    if not lines:
        diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason="no text")
        return {}
    return {"person": RawTable(pl.DataFrame({"person": lines}), str(path))}


def raising(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    path.read_text("ascii")
    return right(path, diagnostics)


def silent(path: Path, _diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return right(path, Diagnostics())


def lost(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    tables = right(path, Diagnostics())
    if not tables:
        diagnostics.add(catalogue.UNREADABLE, Location("somewhere", 0, 0), reason="no text")
    return tables


def complaining(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    diagnostics.add(catalogue.UNREADABLE, Location(str(path), 0, 0), reason="it is Monday")
    return right(path, diagnostics)


def counting(path: Path, _diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return {"person": RawTable(pl.DataFrame({"person": [str(next(_CALLS))]}), str(path))}


def renaming(path: Path, _diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return {f"person{next(_CALLS)}": RawTable(pl.DataFrame({"person": ["B1"]}), str(path))}


def misplacing(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return {name: RawTable(table.frame, table.source, first_row=1) for name, table in right(path, diagnostics).items()}


def beyond(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return {name: RawTable(table.frame, table.source, first_row=3) for name, table in right(path, diagnostics).items()}


def nameless(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    return {name: RawTable(table.frame, "a file") for name, table in right(path, diagnostics).items()}


def writing(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    path.with_suffix(".lock").touch()
    return right(path, diagnostics)


def changing(path: Path, diagnostics: Diagnostics) -> Mapping[str, RawTable]:
    tables = right(path, diagnostics)
    path.write_bytes(path.read_bytes() + b" ")
    return tables


BROKEN: Final = [
    ("test_its_examples_are_read", complaining, "it is Monday"),
    ("test_rows_have_their_lines", misplacing, "the row with 'B1' has the number 1, and 'B1' is in line 2"),
    ("test_rows_have_their_lines", beyond, "has the number 4, and the file has 3 lines"),
    ("test_rows_have_their_lines", nameless, "which does not begin with the path"),
    ("test_it_always_gives_the_same", counting, "these differ: person"),
    ("test_it_always_gives_the_same", renaming, "and then person"),
    ("test_it_changes_no_file", writing, "writes names.lock"),
    ("test_it_changes_no_file", changing, "changes the file"),
    ("test_damaged_files_are_problems_with_a_place", raising, "nonsense: the reader `names` failed"),
    ("test_damaged_files_are_problems_with_a_place", silent, "empty: it has no tables, and nothing is said"),
    ("test_damaged_files_are_problems_with_a_place", lost, "does not name the file"),
]
ABOUT: Final = "Names in a text file."


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    (tmp_path / "names.names").write_text("name\nB1\nB2\n", "ascii")
    return tmp_path


def kit(
    read: Any, examples: Path, about: str = ABOUT, words: Mapping[str, str] = {ABOUT: "文本文件中的姓名。"}
) -> ReaderKit:
    parts = {"reader": Reader("names", about, (".names",), read), "examples": examples, "words": words}
    kit_made: ReaderKit = type("TestIt", (ReaderKit,), parts)()
    return kit_made


@pytest.mark.parametrize("check", CHECKS)
def test_a_right_reader_passes(check: str, examples: Path) -> None:
    getattr(kit(right, examples), check)()


@pytest.mark.parametrize(("check", "read", "fault"), BROKEN, ids=[read.__name__ for _, read, _ in BROKEN])
def test_a_broken_reader_is_found(check: str, read: Any, fault: str, examples: Path) -> None:
    with pytest.raises(AssertionError, match=fault):
        getattr(kit(read, examples), check)()


def test_missing_words_and_examples_are_found(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no Chinese for"):
        kit(right, tmp_path, words={}).test_it_is_documented_in_both_languages()
    with pytest.raises(AssertionError, match="is not a sentence"):
        kit(right, tmp_path, "names").test_it_is_documented_in_both_languages()
    with pytest.raises(AssertionError, match=r"no file that ends in \.names"):
        kit(right, tmp_path).test_its_examples_are_read()


@pytest.mark.parametrize("check", CHECKS)
def test_our_reader_of_databases_passes(check: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "facts.db")) as database:
        database.execute("create table person (person, x)")
        database.execute("insert into person values ('B1', 2.5)")
        database.commit()
    getattr(type("TestIt", (ReaderKit,), {"reader": "sqlite", "examples": tmp_path})(), check)()


def test_every_test_of_the_kit_is_seen_to_fail() -> None:
    assert {check for check, _, _ in BROKEN} | {"test_it_is_documented_in_both_languages"} == set(CHECKS)
