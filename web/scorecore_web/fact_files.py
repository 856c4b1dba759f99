"""The files from which a month is decided: those that were brought for it, and the folder's for the other tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.facts.expected import list_expected
from scorecore.io.parquet_files import list_pieces
from scorecore.io.readers import list_tables
from scorecore.io.workbooks import WORKBOOKS
from scorecore.language.expressions import HISTORY
from scorecore.program.model import Program
from scorecore_cli.labels import name_histories
from scorecore_web.uploads import Upload

FACT_FILES: Final = frozenset({".csv", ".jsonl", ".ndjson", ".parquet"})
UTF_8: Final = "utf-8"


@frozen
class FactFiles:
    """Where readers look, each place with the encoding of its text files."""

    paths: tuple[tuple[Path, str], ...]
    names: Mapping[str, str]
    """By path what people call a file."""


def list_table_names(program: Program) -> Collection[str]:
    """What a file of facts may be called."""
    return list_expected([program.schema], name_histories()).names


def list_unreplaced(program: Program, folder_facts: Path | None, uploads: Sequence[Upload]) -> list[Path]:
    """The files of the folder for whose tables none was brought; none beside a workbook, which has every table.

    Of a table that is a folder of files they are all of these.
    """
    names = [Path(upload.stored_as) for upload in uploads]
    if folder_facts is None or not folder_facts.is_dir() or any(name.suffix in WORKBOOKS for name in names):
        return []
    schema, stems = program.schema, {name.stem for name in names}
    same = [{table.name, table.label} for table in schema.events]
    same += [{schema.subject, schema.label}, {HISTORY, *name_histories()}]
    replaced = stems.union(*(group for group in same if group & stems))
    tables = [path for name, path in list_tables(folder_facts, Diagnostics()) if name.strip() not in replaced]
    return [file for path in tables for file in list_pieces(path) or [path]]


@contextmanager
def lay_out_uploads(uploads: Sequence[Upload], unreplaced: Sequence[Path], folder: Path) -> Iterator[FactFiles]:
    """The files that were brought, and those of the folder beside them, as readers want them."""
    with TemporaryDirectory(prefix="scorecore-") as temporary:
        paths: list[tuple[Path, str]] = []
        names: dict[str, str] = {}
        for number, upload in enumerate(uploads):
            below = Path(temporary, str(number))
            below.mkdir()
            path = below / upload.stored_as
            path.write_bytes(upload.content)
            paths.append((path if path.suffix in WORKBOOKS else below, upload.encoding))
            names[str(path)] = upload.name
        if unreplaced:
            beside = Path(temporary, "folder")
            for path in unreplaced:
                is_piece = bool(list_pieces(path.parent))
                copy = beside / path.parent.name / path.name if is_piece else beside / path.name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copyfile(path, copy)
                table, copied_table = (path.parent, copy.parent) if is_piece else (path, copy)
                names[str(copied_table)] = str(table.relative_to(folder))
            paths.append((beside, UTF_8))
        yield FactFiles(tuple(paths), names)
