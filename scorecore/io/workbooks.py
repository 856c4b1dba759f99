"""Workbooks as raw tables. A process of its own opens them, with limits of time and memory; see `scorecore.io.xlsx`."""

from __future__ import annotations  # nothing loads Polars when a command starts

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import ExpectedTables, RawTable
from scorecore.io.sheets import ExtractedSheet, make_table
from scorecore.io.xlsx import extract
from scorecore.io.xlsx.package import DAMAGED, TOO_SLOW
from scorecore.io.xlsx.rows import CellRange

SEEN: Final = frozenset({".xlsx", ".xlsm"})
WORKBOOKS: Final = SEEN | {".xls", ".xlsb", ".ods"}
"""Endings of workbooks; of those that are not among `SEEN`, much that matters cannot be seen."""
_PATIENCE: Final = 10
"""Seconds of the clock for each second of work: others may use the machine too."""


def read_workbook(path: Path, diagnostics: Diagnostics, expected: ExpectedTables | None) -> dict[str, RawTable]:
    """The sheets of a workbook by name; none with a problem if it is refused.

    What is unusual in a sheet is noted if it is `expected`, or if nothing is known of what is.
    """
    if path.suffix.lower() not in SEEN:
        diagnostics.add(catalogue.UNSEEN_WORKBOOK, Location(str(path), 0, 0), ending=path.suffix.lower())
        return {}
    tables: dict[str, RawTable] = {}
    sheets, refusal = _parse_answer(ask_process(path, sorted(expected.headings) if expected else []))
    if refusal and refusal["reason"] == extract.OLD_FORMAT:
        diagnostics.add(catalogue.UNSEEN_WORKBOOK, Location(str(path), 0, 0), ending=".xls")
        return {}
    if refusal:
        source = f"{path}[{refusal['sheet']}]" if refusal["sheet"] else str(path)
        place = Location(source, refusal["row"], refusal["column"], in_sheet=bool(refusal["column"]))
        diagnostics.add(catalogue.UNREADABLE, place, reason=refusal["reason"])
        return {}
    for sheet in sheets:
        name, source = sheet.name.strip(), f"{path}[{sheet.name}]"
        is_expected = expected is None or name in expected.names
        table = make_table(sheet, source, diagnostics if is_expected else Diagnostics())
        if name in tables:
            diagnostics.add(catalogue.TWO_FILES, Location(source, 0, 0), table=name)
        elif table is not None:
            tables[name] = table
    return tables


def ask_process(path: Path, headings: list[str]) -> bytes:
    """What the process answers that opens a workbook."""
    request = json.dumps({"path": str(path), "headings": headings}).encode()
    if not sys.executable:  # Python is part of another program, which cannot be started again
        return ask_here(path, headings)
    command = [sys.executable, "-P", "-m", extract.__name__]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    patience = _PATIENCE * extract.find_limits(path)[1]
    try:
        done = subprocess.run(  # noqa: S603  it starts this Python
            command, input=request, capture_output=True, timeout=patience, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        return extract.frame_refusal(TOO_SLOW)
    if done.returncode:  # below zero it was ended, by its limits
        return extract.frame_refusal(TOO_SLOW if done.returncode < 0 else DAMAGED)
    return done.stdout


def ask_here(path: Path, headings: list[str]) -> bytes:
    """The same in this process, without limits."""
    output = io.BytesIO()
    extract.extract(path, headings, output)
    return output.getvalue()


def _parse_answer(answer: bytes) -> tuple[list[ExtractedSheet], dict[str, Any]]:
    """The sheets that an answer has, and why the workbook is refused, if it is."""
    sheets: list[ExtractedSheet] = []
    rows: list[bytes] = []
    for letter, content in _split_frames(answer):
        match letter:
            case b"R":
                rows.append(content)
            case b"D":
                rows.clear()
            case b"X":
                return [], json.loads(content)
            case b"S":
                sheets.append(_make_sheet(json.loads(content), b"".join(rows)))
                rows.clear()
            case _:  # something else writes to the output of every process
                return [], {"reason": DAMAGED, "sheet": "", "row": 0, "column": 0}
    return sheets, {}


def _split_frames(answer: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position < len(answer):
        start = position + extract.FRAME_HEAD
        length = int.from_bytes(answer[position + 1 : start], "big")
        yield answer[position : position + 1], answer[start : start + length]
        position = start + length


def _make_sheet(summary: dict[str, Any], rows: bytes) -> ExtractedSheet:
    columns: list[int] = summary["columns"]
    schema = {"": pl.UInt32(), **{str(column): pl.String() for column in columns}}
    frame = pl.read_csv(rows, has_header=False, schema=schema, null_values="") if rows else pl.DataFrame(schema=schema)
    if not frame[""].is_sorted():
        frame = frame.sort("", maintain_order=True)
    return ExtractedSheet(
        name=summary["name"],
        is_hidden=summary["is_hidden"],
        heading_row=summary["heading_row"],
        headings={int(column): text for column, text in summary["headings"].items()},
        above={row: {int(column): text for column, text in cells.items()} for row, cells in summary["above"]},
        cells=frame.drop(""),
        row_numbers=frame[""],
        hidden_rows=summary["hidden_rows"],
        hidden_row_count=summary["hidden_count"],
        hidden_columns=summary["hidden_columns"],
        stray_cells=[(row, column) for row, column in summary["strays"]],
        stray_count=summary["stray_count"],
        comments=[(row, column) for row, column in summary["comments"]],
        comment_count=summary["comment_count"],
        struck_cells=[(row, column) for row, column in summary["struck"]],
        struck_count=summary["struck_count"],
        merged=[CellRange(*corners) for corners in summary["merged"]],
    )
