"""Facts from databases, and results into them: rows a second of our readers and writers, beside the same rows as CSV.

PostgreSQL is measured where its programs are installed; the server is that of the tests. Every reading must give the
sum of the amounts to the last digit, and every writing must give back the rows.
"""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import sidebyside

sys.path.append(str(sidebyside.HERE.parent / "tests"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="50,000 rows")
    options = parser.parse_args()
    rows = 50_000 if options.quick else options.rows
    with tempfile.TemporaryDirectory(prefix="scorecore-databases-") as name:
        folder = Path(name)
        _measure_csv(folder, rows)
        _measure("duckdb", folder / "facts.duckdb", rows)
        _measure("sqlite", folder / "facts.sqlite", rows)
        _measure_server(rows)
    return 0


def _measure_csv(folder: Path, rows: int) -> None:
    frame = _make_rows(rows)
    _show("csv", rows, _seconds(lambda: frame.write_csv(folder / "f.csv")), _seconds(lambda: _read_csv(folder, rows)))


def _read_csv(folder: Path, rows: int) -> None:
    from scorecore.diagnostics.diagnostic import Diagnostics
    from scorecore.io.readers import read_facts

    table = read_facts(folder / "f.csv", Diagnostics())["f"]
    _check(table.frame, rows)


def _measure_server(rows: int) -> None:
    from postgresql_server import start_server, stop_server
    from scorecore.io.databases import DatabaseUrl

    folder = Path(tempfile.mkdtemp(prefix="scorecore-pg-"))
    try:
        server = start_server(folder, secrets.token_urlsafe(12))
        _measure("postgresql", DatabaseUrl(server.url()), rows)
    except AssertionError as missing:
        print(f"  postgresql: {missing}")
    finally:
        stop_server(folder)


def _measure(name: str, address: object, rows: int) -> None:
    """Rows written as results are, and read again by a query with a bound period."""
    from importlib import import_module

    from scorecore.diagnostics.diagnostic import Diagnostics
    from scorecore.diagnostics.source import Location
    from scorecore.io.databases import FactsQuery
    from scorecore.io.result_writers import ResultTable

    driver = import_module(f"scorecore_extras.{name}")
    table = ResultTable("sales", _make_rows(rows), ("id",), {"person": "nobody"})
    text = "select * from sales where day between $1 and $2"
    period = (date(2024, 5, 1), date(2024, 5, 31))
    query = FactsQuery("sales", text, period, Location(name, 0, 0), name)
    diagnostics = Diagnostics()
    writing = _seconds(lambda: driver.write(address, (table,), diagnostics))
    reading = _seconds(lambda: _check(driver.query(address, (query,), diagnostics)["sales"].frame, rows))
    assert not list(diagnostics), list(map(str, diagnostics))
    _show(name, rows, writing, reading)


def _make_rows(rows: int):  # noqa: ANN202  a frame, of what is loaded late
    import polars as pl

    number = pl.int_range(1, rows + 1)
    amount = (number.cast(pl.Decimal(38, 0)) / pl.lit(1000, dtype=pl.Decimal(38, 12))).cast(pl.Decimal(38, 12))
    return pl.select(
        id=number.cast(pl.String),
        person="P" + (number % 1000).cast(pl.String),
        day=pl.lit(date(2024, 5, 1)) + pl.duration(days=number % 31),
        amount=amount,
    )


def _check(frame, rows: int) -> None:  # noqa: ANN001  a frame, of what is loaded late
    """Every amount is there, as intake reads it."""
    from scorecore.facts.convert import convert_column
    from scorecore.values.types import decimal_type

    values, faults = convert_column(frame["amount"], decimal_type(0, 10**9, 12))
    assert not faults
    assert int(values.sum()) == rows * (rows + 1) // 2 * 10**9


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _show(name: str, rows: int, writing: float, reading: float) -> None:
    print(f"  {name:12} {rows:,} rows written in {writing:6.2f} s, read in {reading:6.2f} s")


if __name__ == "__main__":
    sys.exit(main())
