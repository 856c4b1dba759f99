"""The kit of writers: ours pass it, and each test is seen to fail on a writer that is broken in that way."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from attrs import evolve

from scorecore.kit import WriterKit
from scorecore.plugin import DatabaseAddress, Diagnostics, Location, ResultTable, Writer, catalogue
from scorecore_extras import sqlite

CHECKS: Final = sorted(name for name in vars(WriterKit) if name.startswith("test_"))
Tables = tuple[ResultTable, ...]


def rounding(address: DatabaseAddress, tables: Tables, diagnostics: Diagnostics) -> None:
    """Numbers with a fraction as binary ones."""
    floats = [
        evolve(table, frame=table.frame.with_columns(pl.selectors.decimal().cast(pl.Float64))) for table in tables
    ]
    sqlite.write(address, tuple(floats), diagnostics)


def appending(address: DatabaseAddress, tables: Tables, diagnostics: Diagnostics) -> None:
    nobody = [evolve(table, scope={"period": "never"}, key=(*table.key, *table.frame.columns)) for table in tables]
    sqlite.write(address, tuple(nobody), diagnostics)


def greedy(address: DatabaseAddress, tables: Tables, diagnostics: Diagnostics) -> None:
    """Every period of a policy is replaced."""
    policies = [evolve(table, scope={"policy": table.scope["policy"]}) for table in tables]
    sqlite.write(address, tuple(policies), diagnostics)


def halting(address: DatabaseAddress, tables: Tables, diagnostics: Diagnostics) -> None:
    """One transaction a table."""
    for table in tables:
        sqlite.write(address, (table,), diagnostics)


def silent(address: DatabaseAddress, tables: Tables, _diagnostics: Diagnostics) -> None:
    sqlite.write(address, tables, Diagnostics())


def touching(address: DatabaseAddress, tables: Tables, diagnostics: Diagnostics) -> None:
    if not tables:
        with closing(sqlite3.connect(Path(str(address)))) as database:
            database.execute("drop table if exists decisions")
    sqlite.write(address, tables, diagnostics)


def talkative(address: DatabaseAddress, _tables: Tables, diagnostics: Diagnostics) -> None:
    reason = f"cannot connect to {getattr(address, 'text', address)}"
    diagnostics.add(catalogue.DATABASE_NOT_WRITTEN, Location(str(address), 0, 0), reason=reason)


BROKEN: Final[list[tuple[str, Any, str]]] = [
    ("test_it_keeps_every_value", rounding, "not as it was written"),
    ("test_it_replaces_a_period_and_nothing_else", appending, "rows are read, and not"),
    ("test_it_replaces_a_period_and_nothing_else", greedy, "rows are read, and not"),
    ("test_it_writes_all_or_nothing", halting, "not as it was written"),
    ("test_it_writes_all_or_nothing", silent, "written without a problem"),
    ("test_an_attempt_changes_nothing", touching, "0 rows are read, and not 4"),
    ("test_what_is_no_database_is_a_problem", silent, "nothing is said"),
    ("test_what_is_no_database_is_a_problem", talkative, "the password is shown"),
]
ABOUT: Final = "Results in a table."


def make_kit(write: Any, about: str = ABOUT, schemes: tuple[str, ...] = ()) -> WriterKit:
    writer = Writer("tables", about, (".tables",), schemes, write)
    parts = {"writer": writer, "reader": "sqlite", "words": {ABOUT: "表中的结果。"}}
    kit: WriterKit = type("TestTables", (WriterKit,), parts)()
    return kit


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("database", ["sqlite", "duckdb"])
def test_our_writers_pass(check: str, database: str) -> None:
    getattr(type("TestIt", (WriterKit,), {"writer": database, "reader": database})(), check)()


@pytest.mark.parametrize(("check", "write", "fault"), BROKEN, ids=[write.__name__ for _, write, _ in BROKEN])
def test_a_broken_writer_is_found(check: str, write: Any, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        getattr(make_kit(write, schemes=("tables",) if write is talkative else ()), check)()


def test_missing_words_are_found() -> None:
    with pytest.raises(AssertionError, match="is not a sentence"):
        make_kit(sqlite.write, "results").test_it_is_documented_in_both_languages()
    with pytest.raises(AssertionError, match="no Chinese for"):
        make_kit(sqlite.write, "Results.").test_it_is_documented_in_both_languages()


def test_every_test_of_the_kit_is_seen_to_fail() -> None:
    assert {check for check, _, _ in BROKEN} | {"test_it_is_documented_in_both_languages"} == set(CHECKS)
