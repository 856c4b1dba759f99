"""A workbook of facts to text: ours in a process of its own, openpyxl row by row, python-calamine where it is there.

The others give the values of cells only: calamine is followed by the conversion of each cell to text that it needed
here, openpyxl by the same. Neither sees what ours does: errors, formulas without a result, percentages, hidden rows.
CPU time counts the process that opens the workbook.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import sidebyside

HEADINGS = ("person", "name", "amount", "visits", "day", "department")
JOBS = {"ours": None, "openpyxl": "openpyxl", "calamine": "python_calamine"}


def main() -> int:
    options = _options()
    rows = 20_000 if options.quick else options.rows
    if options.job:
        print(json.dumps(_measure(options.job, _path(rows))))
        return 0
    _make(_path(rows), rows)
    jobs = [job for job, module in JOBS.items() if module is None or find_spec(module)]
    records_by_job = sidebyside.rounds(__file__, jobs, [f"--rows={rows}"], 1, 1 if options.quick else options.rounds)
    sums = {record["sum"] for records in records_by_job.values() for record in records}
    assert len(sums) == 1, sums
    for job, records in records_by_job.items():
        cpu = sidebyside.spread(sidebyside.ratios(records, records_by_job["ours"], "cpu"))
        seconds, peak = min(record["seconds"] for record in records), max(record["peak_mb"] for record in records)
        print(f"  {job:12} {seconds:8.2f} s  {cpu} times as fast as ours in CPU time  {peak:6.0f} MB")
    sidebyside.keep("workbooks", records_by_job)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="20,000 rows, one round")
    parser.add_argument("--job", choices=JOBS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _path(rows: int) -> Path:
    return sidebyside.DATA / f"workbook_{rows}.xlsx"


def _make(path: Path, rows: int) -> None:
    import xlsxwriter

    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("person"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADINGS)
        for row in range(1, rows + 1):
            sheet.write_row(row, 0, (f"E{row:06}", f"name {row % 5000}", row * 11 / 10, row % 40))
            sheet.write_datetime(row, 4, datetime(2024, 5, 1 + row % 31), day)
            sheet.write_string(row, 5, f"department {row % 50}")


def _measure(job: str, path: Path) -> dict[str, Any]:
    read: Callable[[Path], list[list[str]]] = {"ours": _ours, "openpyxl": _openpyxl, "calamine": _calamine}[job]
    read(path) if job == "ours" else None  # its modules are imported
    before = _busy()
    start = time.perf_counter()
    columns = read(path)
    seconds, cpu = time.perf_counter() - start, _busy() - before
    peak = max(getrusage(RUSAGE_SELF).ru_maxrss, getrusage(RUSAGE_CHILDREN).ru_maxrss) / 1024
    return {"seconds": seconds, "cpu": cpu, "peak_mb": peak, "sum": _sum(columns)}


def _busy() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _sum(columns: list[list[str]]) -> str:
    """The same for the same cells in any process."""
    import hashlib

    return hashlib.sha256("\n".join("\t".join(column) for column in columns).encode()).hexdigest()


def _ours(path: Path) -> list[list[str]]:
    from scorecore.diagnostics.diagnostic import Diagnostics
    from scorecore.io.readers import read_facts

    diagnostics = Diagnostics()
    frame = read_facts(path, diagnostics)["person"].frame
    assert not len(diagnostics)
    return [frame[name].to_list() for name in HEADINGS]


def _openpyxl(path: Path) -> list[list[str]]:
    import openpyxl

    rows = openpyxl.load_workbook(path, read_only=True, data_only=True)["person"].iter_rows(min_row=2, values_only=True)
    return [list(map(_text, column)) for column in zip(*rows, strict=True)]


def _calamine(path: Path) -> list[list[str]]:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("person").to_python(skip_empty_area=False)[1:]
    return [[_text(row[column]) for row in rows] for column in range(len(HEADINGS))]


def _text(value: object) -> str:
    match value:
        case float():
            return f"{value:.15g}"
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


if __name__ == "__main__":
    sys.exit(main())
