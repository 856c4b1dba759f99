"""Tests of one writer: what a class inherits to have the databases checked to which results are written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, Final

import polars as pl

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.io.databases import DatabaseAddress, DatabaseUrl, FactsQuery
from scorecore.io.formats import Reader
from scorecore.io.result_writers import ResultTable, Writer, write_results
from scorecore.kit.faults import fail_on
from scorecore.plugins import Plugins, installed, load_scorers

_PASSWORD: Final = "s3cret-of-the-kit"  # noqa: S105  of no database
_WIDEST: Final = Decimal("98765432109876543210987654.123456789012")
_TEXTS: Final = ("B1", "B2 'quoted' \"twice\"", "张三\n王五", "=1+1; drop table decisions")


class WriterKit:
    """Tests of one writer. What a test finds is in its message, a line for each fault."""

    writer: ClassVar[str | Writer]
    """The name of an installed writer, or one that is not installed yet."""
    reader: ClassVar[str | Reader]
    """A reader of the same databases, by which the rows are read again."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    def make_database(self, folder: Path) -> DatabaseAddress:
        """An empty database, another one at each call; a writer to servers overrides this."""
        return folder / f"results{next(_NUMBERS)}{self.subject.endings[0]}"

    @cached_property
    def plugins(self) -> Plugins:
        return load_scorers(installed(), Diagnostics())

    @cached_property
    def subject(self) -> Writer:
        writer = self.plugins.writers.get(self.writer) if isinstance(self.writer, str) else self.writer
        if not isinstance(writer, Writer):
            raise LookupError(f"no writer `{self.writer}` is installed")  # noqa: TRY004  as for readers
        return writer

    def test_it_keeps_every_value(self) -> None:
        """Numbers with 38 digits, texts with any sign, days, and what is empty, come back as they were written."""
        fail_on(self._find_lost())

    def test_it_replaces_a_period_and_nothing_else(self) -> None:
        """A period that is written again has its new rows, and the other periods and policies keep theirs."""
        fail_on(self._find_mixed())

    def test_it_writes_all_or_nothing(self) -> None:
        """Where one table is refused, a problem says so, and none has changed."""
        fail_on(self._find_halves())

    def test_an_attempt_changes_nothing(self) -> None:
        """Without tables nothing is created or changed."""
        fail_on(self._find_traces())

    def test_what_is_no_database_is_a_problem(self) -> None:
        """A file of nonsense, or a server that is not there, is a problem; no password is in it."""
        fail_on(self._find_unsaid())

    def test_it_is_documented_in_both_languages(self) -> None:
        """What it is for is said in a sentence, in English and in Chinese."""
        fail_on(self._find_undocumented())

    def _write(self, address: DatabaseAddress, *tables: ResultTable) -> list[Diagnostic]:
        diagnostics = Diagnostics()
        write_results({self.subject.name: self.subject}, address, tables, diagnostics)
        return list(diagnostics)

    def _read(self, address: DatabaseAddress, table: ResultTable) -> list[tuple[Any, ...]]:
        """All rows of a table, in the order of its key; none where it is not there."""
        reader = self.plugins.readers.get(self.reader) if isinstance(self.reader, str) else self.reader
        if not isinstance(reader, Reader) or reader.query is None:
            raise LookupError(f"no reader `{self.reader}` with queries is installed")
        columns = ", ".join(f'"{name}"' for name in table.frame.columns)
        order = ", ".join(f'"{name}"' for name in table.key)
        text = f'select {columns} from "{table.name}" order by {order}'  # noqa: S608  names of the kit
        query = FactsQuery(table.name, text, (), Location("kit", 0, 0), table.name)
        tables = reader.query(address, (query,), Diagnostics())
        return tables[table.name].frame.rows() if table.name in tables else []

    def _find_lost(self) -> Iterator[str]:
        table = _build_decisions("2024-05")
        with TemporaryDirectory() as folder:
            address = self.make_database(Path(folder))
            yield from map(str, self._write(address, table))
            yield from _compare(table.frame.sort(table.key).rows(), self._read(address, table))

    def _find_mixed(self) -> Iterator[str]:
        first, other, again = _build_decisions("2024-05"), _build_decisions("2024-06"), _build_decisions("2024-05", 1)
        foreign = _build_decisions("2024-05", policy="another")
        pay = [_build_pay(table) for table in (first, other, again, foreign)]
        with TemporaryDirectory() as folder:
            address = self.make_database(Path(folder))
            for decisions, lines in zip((first, other, foreign, again), (pay[0], pay[1], pay[3], pay[2]), strict=True):
                yield from map(str, self._write(address, decisions, lines))
            for kept in ((other, foreign, again), (pay[1], pay[3], pay[2])):
                expected = pl.concat([table.frame for table in kept]).sort(kept[0].key).rows()
                yield from _compare(expected, self._read(address, kept[0]))

    def _find_halves(self) -> Iterator[str]:
        before, after = _build_decisions("2024-05"), _build_decisions("2024-05", 1)
        pay = _build_pay(after)
        twice = ResultTable(pay.name, pl.concat([pay.frame, pay.frame]), pay.key, pay.scope, pay.parent)
        with TemporaryDirectory() as folder:
            address = self.make_database(Path(folder))
            yield from map(str, self._write(address, before, _build_pay(before)))
            if not self._write(address, after, twice):
                yield "a key that is there twice is written without a problem"
            yield from _compare(before.frame.sort(before.key).rows(), self._read(address, before))

    def _find_traces(self) -> Iterator[str]:
        table = _build_decisions("2024-05")
        with TemporaryDirectory() as folder:
            address = self.make_database(Path(folder))
            yield from map(str, self._write(address))
            if self._read(address, table):
                yield "an attempt leaves rows"
            yield from map(str, self._write(address, table))
            yield from map(str, self._write(address))
            yield from _compare(table.frame.sort(table.key).rows(), self._read(address, table))

    def _find_unsaid(self) -> Iterator[str]:
        with TemporaryDirectory() as folder:
            addresses: list[DatabaseAddress] = [
                DatabaseUrl(f"{scheme}://kit:{_PASSWORD}@localhost:1/none") for scheme in self.subject.schemes
            ]
            for ending in self.subject.endings:
                path = Path(folder) / f"nonsense{ending}"
                path.write_bytes(b"\x00\xff nonsense \xfe" * 999)
                addresses.append(path)
            for address in addresses:
                problems = self._write(address, _build_decisions("2024-05"))
                if not problems:
                    yield f"{address}: nothing is said"
                yield from (f"{address}: the password is shown" for text in map(str, problems) if _PASSWORD in text)
                yield from (text for text in map(str, problems) if "SC624" in text)

    def _find_undocumented(self) -> Iterator[str]:
        about = self.subject.about
        if not about.endswith("."):
            yield f"what it is for is not a sentence: {about!r}"
        if not {**self.plugins.words.get("zh", {}), **self.words}.get(about):
            yield f"no Chinese for {about!r}"


_NUMBERS: Final = count(1)


def _build_decisions(period: str, change: int = 0, policy: str = "kit") -> ResultTable:
    """Decisions with the extremes of every type; `change` makes others of them."""
    size = len(_TEXTS)
    frame = pl.DataFrame(
        {
            "policy": [policy] * size,
            "period": [period] * size,
            "person": list(_TEXTS),
            "score.total": pl.Series([_WIDEST - change, -_WIDEST, Decimal(0), None], dtype=pl.Decimal(38, 12)),
            "count": pl.Series([2**63 - 1 - change, -(2**63), None, 0], dtype=pl.Int64),
            "partial": pl.Series([True, False, None, True]),
            "day": pl.Series([date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), None]),
            "label": pl.Series(["", None, *_TEXTS[:2]]),
        }
    )
    return ResultTable("decisions", frame, ("policy", "period", "person"), {"policy": policy, "period": period})


def _build_pay(decisions: ResultTable) -> ResultTable:
    """A line for each row of decisions."""
    key = (*decisions.key, "line")
    frame = decisions.frame.select(
        *decisions.key, pl.lit("pay.bonus").alias("line"), pl.col("score.total").alias("amount")
    )
    return ResultTable("pay", frame, key, decisions.scope, parent="decisions")


def _compare(expected: Sequence[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Rows that are not as expected, in any order that a database gives texts."""
    if len(expected) != len(rows):
        yield f"{len(rows)} rows are read, and not {len(expected)}"
        return
    for row in expected:
        if not any(_is_same_row(row, candidate) for candidate in rows):
            yield f"not as it was written: {row}"


def _is_same_row(expected: tuple[Any, ...], row: tuple[Any, ...]) -> bool:
    return all(map(_is_same, expected, row))


def _is_same(expected: object, cell: object) -> bool:
    """Whether a cell is what was written, in a type that keeps it."""
    if expected is None or cell is None:
        return expected is cell
    if isinstance(expected, bool):
        return str(cell).lower() in ({"true", "1"} if expected else {"false", "0"})
    if isinstance(expected, Decimal):
        return not isinstance(cell, float) and Decimal(str(cell)) == expected
    return str(cell) == str(expected)
