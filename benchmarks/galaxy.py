"""The galaxy policy on generated people: columns with all ledgers against a program written by hand in Polars.

Two comparisons, each job in a fresh process. From files in memory to tables: raw frames, ids as text, events unsorted.
And the evaluation alone: ours begins with facts that are typed and sorted, so the program written by hand is given
numbered, sorted people too. Then both results are compared as a whole, and with a reference on fractions.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import sidebyside

Tables = dict[str, Any]
OURS, WRITTEN = "ours, evaluation", "by hand, sorted"
OURS_RAW, WRITTEN_RAW = "ours, from raw frames", "by hand, raw frames"
AGAINST = {OURS: WRITTEN, WRITTEN: WRITTEN, OURS_RAW: WRITTEN_RAW, WRITTEN_RAW: WRITTEN_RAW}
ENTRY = ["person", "item", "reason", "quantity", "points", "key"]
LINE = ["person", "line", "amount"]
PERIOD = "2024-05"


def main() -> int:
    options = _options()
    if options.job:
        sidebyside.pin()
        print(json.dumps(JOBS[options.job](options)))
        return 0
    people = 10_000 if options.quick else options.people
    sample = min(people, 2_000 if options.quick else options.sample)
    differing = 0
    for held in options.held or ([0.001, 0.03] if not options.quick else [0.03]):
        _generate(_folder(people, held), people, held)
        arguments = [f"--people={people}", f"--held={held}", f"--sample={sample}"]
        print(f"\n{people:,} people, about {held:.1%} of them with something missing, {options.cores} core(s)")
        records_by_job = sidebyside.rounds(
            __file__, list(AGAINST), arguments, options.cores, 1 if options.quick else options.rounds
        )
        sidebyside.show(records_by_job, AGAINST, people, "people")
        checked = sidebyside.run_job(__file__, CHECK, arguments, 2)
        print("  " + json.dumps(checked))
        differing += sum(count for name, count in checked.items() if name.startswith("differing"))
        sidebyside.keep(f"galaxy-{people}-{held}-{options.cores}", {"jobs": records_by_job, "check": checked})
    return 1 if differing else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--held", type=float, action="append", help="share with something missing; 0.001 and 0.03")
    parser.add_argument("--sample", type=int, default=20_000, help="people compared with the reference on fractions")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="10,000 people, one round")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _folder(people: int, held: float) -> Path:
    return sidebyside.DATA / f"galaxy-{people}-{held}"


def _generate(folder: Path, people: int, held: float) -> None:
    if folder.exists():
        return
    from galaxy_data import tables

    unfinished = folder.with_suffix(".new")
    unfinished.mkdir(parents=True, exist_ok=True)
    for name, frame in tables(people, held).items():
        frame.write_parquet(unfinished / f"{name}.parquet")
    unfinished.rename(folder)


def _read(options: argparse.Namespace) -> Tables:
    import polars as pl

    folder = _folder(options.people, options.held[0])
    return {path.stem: pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}


def _ours(options: argparse.Namespace) -> sidebyside.Record:
    import ours

    program = ours.compiled(ours.GALAXY)
    facts = ours.taken_in(program, PERIOD, _read(options))
    return sidebyside.timed(lambda: ours.decided(program, facts, ledgers=True))


def _ours_raw(options: argparse.Namespace) -> sidebyside.Record:
    import ours

    program, tables = ours.compiled(ours.GALAXY), _read(options)
    return sidebyside.timed(lambda: ours.decided(program, ours.taken_in(program, PERIOD, tables), ledgers=True))


def _written(options: argparse.Namespace) -> sidebyside.Record:
    import galaxy_polars
    import polars as pl

    tables = {
        name: frame.with_columns(pl.col("person").cast(pl.UInt32)).sort("person", maintain_order=True)
        for name, frame in _read(options).items()
    }
    return sidebyside.timed(lambda: galaxy_polars.everything(tables))


def _written_raw(options: argparse.Namespace) -> sidebyside.Record:
    import galaxy_polars

    tables = _read(options)
    return sidebyside.timed(lambda: galaxy_polars.everything(tables))


def _check(options: argparse.Namespace) -> dict[str, int]:
    """How many rows of each table differ between the two programs, and how many people from the reference."""
    import galaxy_polars
    import ours
    import polars as pl

    tables = _read(options)
    program = ours.compiled(ours.GALAXY)
    decided_month = ours.decided(program, ours.taken_in(program, PERIOD, tables), ledgers=True)
    exact = pl.Decimal(38, 12)
    decisions = ours.results(decided_month).rename({"subject": "person"})
    keys = [name for name in ("date", "id") if name in ours.entries(decided_month).columns]
    entries = ours.entries(decided_month).select(
        pl.col("subject").alias("person"),
        pl.col("account").alias("item"),
        "reason",
        pl.col("quantity", "points").cast(exact),
        pl.coalesce(*keys, pl.lit("")).alias("key"),
    )
    pay = ours.pay(decided_month).select(pl.col("subject").alias("person"), "line", pl.col("amount").cast(exact))
    held = len(ours.held(decided_month))
    del decided_month
    theirs, their_entries, their_pay = galaxy_polars.everything(tables)
    text = pl.col("item", "reason").cast(pl.String)
    key = pl.coalesce(pl.col("date").cast(pl.String), "id", pl.lit(""))
    their_entries = their_entries.with_columns(text, pl.col("quantity", "points").cast(exact), key=key).select(ENTRY)
    their_pay = their_pay.select("person", pl.col("line").cast(pl.String), pl.col("amount").cast(exact))
    return {
        "held": held,
        "entries": len(entries),
        "pay lines": len(pay),
        "differing decisions": _unequal(decisions, theirs),
        "differing entries": _unmatched(entries, their_entries),
        "differing pay lines": _unmatched(pay, their_pay),
        "sample": options.sample,
        "differing from the reference": _unlike_reference(tables, decisions, entries, pay, options.sample),
        "of the sample, other than without any 12th place": _unlike_fractions(tables, options.sample),
    }


def _unequal(left: Any, right: Any) -> int:  # noqa: ANN401  frames
    """Rows in which any column differs; both have a row for each person in the same order."""
    import polars as pl

    names = right.columns
    right = right.with_columns(pl.col("grade").cast(pl.String)).rename(lambda name: f"other {name}")
    side_by_side = pl.concat([left.select(names), right], how="horizontal")
    return side_by_side.select(
        pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"other {name}")) for name in names).sum()
    ).item()


def _unmatched(left: Any, right: Any) -> int:  # noqa: ANN401  frames
    """Rows that only one of two ledgers has, or has more often."""
    import polars as pl

    names = left.columns
    marked = [left.with_columns(sign=pl.lit(1)), right.select(names).with_columns(sign=pl.lit(-1))]
    counts = pl.concat(marked).group_by(names).agg(pl.col("sign").sum())
    return counts.select(pl.col("sign").abs().sum()).item()


def _people(tables: Tables, count: int, *, cut: bool = True) -> Iterator[tuple[str, Any]]:
    """The first people, each with what the reference decides."""
    import galaxy_reference

    chosen = tables["person"].head(count)
    parts = {}
    for name, frame in tables.items():
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in frame.join(chosen.select("person"), on="person", how="semi").iter_rows(named=True):
            rows.setdefault(row["person"], []).append(row)
        parts[name] = rows
    history = parts.pop("history")
    for person, (row,) in parts.pop("person").items():
        events = {name: rows.get(person, []) for name, rows in parts.items()}
        yield person, galaxy_reference.decide(row, events, history.get(person, []), cut=cut)


def _unlike_reference(tables: Tables, decisions: Any, entries: Any, pay: Any, count: int) -> int:  # noqa: ANN401  frames
    """People of whom a result, an entry or a line differs from the reference."""
    chosen = tables["person"].head(count).select("person")
    results = {row.pop("person"): row for row in decisions.head(count).iter_rows(named=True)}
    sides: Sequence[Callable[[str], object]] = (_grouped(entries, chosen, ENTRY), _grouped(pay, chosen, LINE))
    differing = 0
    for person, expected in _people(tables, count):
        got = _fractions(results[person])
        agrees = all(got[name] == expected.results.get(name) for name in got if name not in {"subject", "held"})
        lines = sorted(expected.pay.items())
        written = sorted(expected.entries, key=repr)
        differing += not (agrees and sides[0](person) == written and sides[1](person) == lines)
    return differing


def _fractions(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401  a value of any type
    return value if value is None or isinstance(value, bool | str) else Fraction(value)


def _grouped(ledger: Any, chosen: Any, names: Sequence[str]) -> Callable[[str], list[tuple[Any, ...]]]:  # noqa: ANN401
    """The rows of each of some people, as the reference has them."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for person, *values in ledger.join(chosen, on="person", how="semi").select(names).iter_rows():
        rows.setdefault(person, []).append(tuple(map(_plain, values)))
    return lambda person: sorted(rows.get(person, []), key=repr)


def _unlike_fractions(tables: Tables, count: int) -> int:
    """People whose results would differ if no product and no quotient were cut at the 12th place."""
    pairs = zip(_people(tables, count), _people(tables, count, cut=False), strict=True)
    return sum(record.results != reference.results for (_, record), (_, reference) in pairs)


CHECK = "check"
JOBS: dict[str, Callable[[argparse.Namespace], sidebyside.Record]] = {
    OURS: _ours,
    WRITTEN: _written,
    OURS_RAW: _ours_raw,
    WRITTEN_RAW: _written_raw,
    CHECK: _check,
}

if __name__ == "__main__":
    sys.exit(main())
