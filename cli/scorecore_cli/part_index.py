"""The index of a folder of parts: what was decided on, and which parts are done. It is written beside and renamed."""

from __future__ import annotations  # nothing loads Polars when a command starts

import json
from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Final, Self

import rich_click as click
from attrs import define, field

from scorecore.io.own_files import write_beside
from scorecore.io.parquet_files import list_pieces
from scorecore.program.digest import program_digest
from scorecore.program.model import Program
from scorecore.program.texts import texts_digest
from scorecore_cli.language import _

INDEX: Final = "index.json"
_FORMAT: Final = 1
_NO_RUN: Final[dict[str, Any]] = {"run": {}, "parts": {}}


@define
class PartIndex:
    """Which parts of a run are in a folder."""

    folder: Path
    run: Mapping[str, Any]
    """What everything rests on: the policy, the facts by their digests, the options; another run has another one."""
    parts: dict[str, Mapping[str, Any]] = field(factory=dict)
    """By number of each part that is done: how many people, what is held, totals, and how many rows of each table."""
    recorded: int | None = None
    """The number of the run as which all parts were recorded."""

    @classmethod
    def open(cls, folder: Path, run: Mapping[str, Any]) -> Self:
        """The index of a folder; ends the command where it belongs to another run, or to somebody else."""
        path = folder / INDEX
        if not path.exists():
            if folder.exists() and any(folder.iterdir()):
                message = _("{path} is not empty, and has no parts of a run: name another folder", path=folder)
                raise click.UsageError(message)
            return cls(folder, run)
        written = _read(path)
        differing = [name for name in run if written["run"].get(name, "") != run[name]]
        if differing:
            what = ", ".join(differing)
            message = _("{path} has parts of another run ({what}): name another folder", path=folder, what=what)
            raise click.UsageError(message)
        return cls(folder, run, dict(written["parts"]), written.get("recorded"))

    @classmethod
    def find(cls, folder: Path) -> Self | None:
        """The index of a folder, whatever run it belongs to; None where there is none."""
        path = folder / INDEX
        written = _read(path) if path.exists() else _NO_RUN
        return cls(folder, written["run"], dict(written["parts"]), written.get("recorded")) if written["run"] else None

    @property
    def is_complete(self) -> bool:
        """Whether all parts are done."""
        return len(self.parts) == int(self.run["options"]["parts"])

    def sum(self, name: str) -> int:
        """How many there are in all parts that are done."""
        return sum(part[name] for part in self.parts.values())

    def add(self, part: int, summary: Mapping[str, Any]) -> None:
        """Note that a part is done, once its files are there; raises OSError."""
        self.parts[str(part)] = summary
        self.write()

    def note_recorded(self, number: int) -> None:
        """Note as which run the parts were recorded; raises OSError."""
        self.recorded = number
        self.write()

    def write(self) -> None:
        """Write the index in one step; raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        data = {"format": _FORMAT, "run": self.run, "parts": dict(sorted(self.parts.items(), key=_number))}
        data |= {} if self.recorded is None else {"recorded": self.recorded}
        write_beside(self.folder / INDEX, json.dumps(data, ensure_ascii=False, indent=1).encode())


def _read(path: Path) -> dict[str, Any]:
    """What an index says; of a file that is none, that it is of no run."""
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        written = None
    is_index = isinstance(written, dict) and written.get("format") == _FORMAT
    return written if is_index else _NO_RUN


def _number(part: tuple[str, object]) -> int:
    return int(part[0])


def describe_run(
    program: Program, period: str, files: Mapping[str, Path], options: Mapping[str, Any], record: str
) -> dict[str, Any]:
    """What the results of a run rest on, as the index has it; raises OSError where a file cannot be read.

    `record` is the checkpoint of the record that had earlier decisions; empty where none had.
    """
    return {
        "policy": f"{program.id}@{program.version}",
        "program": program_digest(program),
        "texts": texts_digest(program),
        "period": period,
        "facts": {name: _digest(path) for name, path in files.items()},
        "options": dict(options),
        "record": record,
    }


def _digest(path: Path) -> str:
    """Of a file; of a folder of files those of all of them, by name."""
    if pieces := list_pieces(path):
        return sha256("".join(f"{piece.name} {_digest(piece)}\n" for piece in pieces).encode()).hexdigest()
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
