"""The files from which a month is decided: those that were brought for it, and the folder's for the other tables."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Final

from attrs import frozen

from scorecore.facts.expected import list_expected
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
    """The files of the folder for whose tables none was brought; none beside a workbook, which has every table."""
    names = [Path(upload.stored_as) for upload in uploads]
    if folder_facts is None or not folder_facts.is_dir() or any(name.suffix in WORKBOOKS for name in names):
        return []
    schema, stems = program.schema, {name.stem for name in names}
    same = [{table.name, table.label} for table in schema.events]
    same += [{schema.subject, schema.label}, {HISTORY, *name_histories()}]
    replaced = stems.union(*(group for group in same if group & stems))
    files = (path for path in sorted(folder_facts.iterdir()) if path.is_file() and path.suffix.lower() in FACT_FILES)
    return [path for path in files if path.stem.strip() not in replaced]


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
            beside.mkdir()
            for path in unreplaced:
                copyfile(path, beside / path.name)
                names[str(beside / path.name)] = str(path.relative_to(folder))
            paths.append((beside, UTF_8))
        yield FactFiles(tuple(paths), names)
