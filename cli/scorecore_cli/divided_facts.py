"""The facts of parts between dividing and deciding: a folder that says when it is complete, so that runs resume."""

from __future__ import annotations  # nothing loads Polars when a command starts

import json
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

import polars as pl
from attrs import evolve, frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.facts.raw import RawTable, WholePeriods
from scorecore.io.own_files import write_beside
from scorecore.io.part_files import PartFiles
from scorecore.parts.problems import problems_table, read_problems

_COMPLETE: Final = "complete.json"
_TABLES: Final = "tables"
_READING: Final = "reading.parquet"


@frozen
class DividedFacts:
    """Facts that are divided among parts in a folder."""

    whole: Mapping[str, RawTable]
    """The tables without their rows."""
    diagnostics: tuple[Diagnostic, ...]
    """What was wrong with the files."""


def divide_or_load(files: PartFiles, tables: Mapping[str, Path], in_memory: Mapping[str, RawTable]) -> DividedFacts:
    """Facts divided into a folder, or those that were completely divided before."""
    divided = _load(files.folder)
    if divided is None:
        rmtree(files.folder, ignore_errors=True)
        files.folder.mkdir(parents=True, mode=0o700)
        whole = files.divide(tables, in_memory)
        _save(files.folder, whole, files.diagnostics)
        divided = DividedFacts(whole, tuple(files.diagnostics))
    return divided


def _save(folder: Path, whole: Mapping[str, RawTable], diagnostics: Diagnostics) -> None:
    (folder / _TABLES).mkdir()
    for name, table in whole.items():
        table.frame.write_parquet(folder / _TABLES / f"{name}.parquet")
    problems_table(diagnostics).write_parquet(folder / _READING)
    described = {name: _describe(table) for name, table in whole.items()}
    write_beside(folder / _COMPLETE, json.dumps(described, ensure_ascii=False).encode())


def _describe(table: RawTable) -> dict[str, Any]:
    periods = table.whole or WholePeriods()
    unclear = sorted(periods.unclear)
    return {"source": table.source, "first_row": table.first_row, "labels": periods.labels, "unclear": unclear}


def _load(folder: Path) -> DividedFacts | None:
    """What a folder has; None where dividing did not come to its end."""
    if not (folder / _COMPLETE).exists():
        return None
    whole = {}
    for name, described in json.loads((folder / _COMPLETE).read_text(encoding="utf-8")).items():
        table = RawTable(pl.read_parquet(folder / _TABLES / f"{name}.parquet"), described["source"])
        periods = WholePeriods(tuple(described["labels"]), frozenset(described["unclear"]))
        whole[name] = evolve(table, first_row=described["first_row"], whole=periods)
    return DividedFacts(whole, tuple(read_problems(pl.read_parquet(folder / _READING))))
