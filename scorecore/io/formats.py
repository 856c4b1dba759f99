"""What plugins bring for the two ends: formats in which facts come, and layouts in which statements go.

Both are outside the way from a program to its decisions: a reader gives cells as they are, which the program's types
judge; a layout is given a decision that is made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from attrs import frozen

from scorecore.analysis.explain import Explanation
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.failures import describe_failure
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.plugins import ExternalHook


@frozen
class Reader(ExternalHook):
    """A format of facts, known by the endings of its files: one file holds all tables."""

    endings: tuple[str, ...]
    """Such as `.sqlite`; in small letters."""
    read: Callable[[Path, Diagnostics], Mapping[str, RawTable]]
    """The tables of a file by name; what cannot be read is a problem."""
    hook: ClassVar[str] = "readers"

    def faults(self) -> Iterator[str]:
        yield from ExternalHook.faults(self)
        if not self.endings or not all(ending.startswith(".") and ending == ending.lower() for ending in self.endings):
            yield "its endings are not written like `.sqlite`"
        if BUILT_IN_ENDINGS & set(self.endings):
            yield f"scorecore reads {', '.join(sorted(BUILT_IN_ENDINGS & set(self.endings)))} itself"
        if not callable(self.read):
            yield "`read` is not a function"


@frozen
class Block:
    """A part of a statement in the reader's language: a heading, lines of text, and a table."""

    heading: str
    lines: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    right: tuple[int, ...] = ()
    """Columns that are set flush right."""


Statement = tuple[Explanation, Sequence[Block]]
"""What a layout is given of one subject: the explanation, and the same as blocks of words."""


@frozen
class Renderer(ExternalHook):
    """A layout of a statement."""

    hook: ClassVar[str] = "renderers"
    render: Callable[[Explanation, Sequence[Block], str], str | bytes]
    """The statement, as text or as the bytes of a file, of the explanation, the same as blocks of words, and the
    language (`en`, `zh`)."""
    render_run: Callable[[Sequence[Statement], str], str | bytes] | None = None
    """The statements of everybody in one, in the order of their ids; without it, the layout is for one person."""

    def faults(self) -> Iterator[str]:
        yield from ExternalHook.faults(self)
        if not callable(self.render):
            yield "`render` is not a function"
        if self.render_run is not None and not callable(self.render_run):
            yield "`render_run` is not a function"


BUILT_IN_ENDINGS = frozenset({".csv", ".parquet", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
"""Endings of files that scorecore reads without a plugin."""


def read_with_plugin(
    readers: Mapping[str, ExternalHook], path: Path, diagnostics: Diagnostics
) -> dict[str, RawTable] | None:
    """The tables of a file that a plugin reads; None if none does. A reader that fails is a problem."""
    reader = find_reader(readers, path)
    if reader is None:
        return None
    try:
        return _check_tables(reader.read(path, diagnostics))
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign reader raises, it has a name
        place = Location(str(path), 0, 0)
        diagnostics.take(_describe(catalogue.READER_FAILED, place, reader.name, error, reader.read))
    return {}


def find_reader(readers: Mapping[str, ExternalHook], path: Path) -> Reader | None:
    """The reader of a plugin that reads a file by its ending; None for a folder, or where there is none."""
    if path.is_dir():
        return None
    named = (reader for reader in readers.values() if isinstance(reader, Reader))
    return next((reader for reader in named if path.suffix.lower() in reader.endings), None)


def _check_tables(tables: object) -> dict[str, RawTable]:
    if not isinstance(tables, Mapping):
        raise TypeError(f"it returned {tables!r:.80} and not tables by name")
    misfit = next((table for table in tables.values() if not isinstance(table, RawTable)), None)
    if misfit is not None:
        raise TypeError(f"{misfit!r:.80} is not a RawTable")
    return dict(tables)


def _describe(
    kind: DiagnosticKind, place: Location, name: str, error: BaseException, code: Callable[..., object]
) -> Diagnostic:
    """A failure of a function of a plugin."""
    params = {"name": name, **describe_failure(error, str(getattr(code, "__module__", "")), code)}
    return Diagnostic(kind, place, params, cause=error)


def render_statement(
    renderer: Renderer, explanation: Explanation, blocks: Sequence[Block], language: str, diagnostics: Diagnostics
) -> str | bytes | None:
    """The statement of a layout; None with a problem where it fails."""
    return _lay_out(renderer, renderer.render, (explanation, blocks, language), diagnostics)


def render_statements(
    renderer: Renderer, statements: Sequence[Statement], language: str, diagnostics: Diagnostics
) -> str | bytes | None:
    """Everybody's statement in one, of a layout that can; None with a problem where it fails."""
    assert renderer.render_run is not None  # noqa: S101  the caller has looked
    return _lay_out(renderer, renderer.render_run, (statements, language), diagnostics)


def _lay_out(
    renderer: Renderer, function: Callable[..., object], arguments: tuple[object, ...], diagnostics: Diagnostics
) -> str | bytes | None:
    try:
        page = function(*arguments)
        if not isinstance(page, str | bytes):
            raise TypeError(f"it returned {page!r:.80} and not text or bytes")  # noqa: TRY301  reported like any other failure
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign layout raises, it has a name
        place = Location(renderer.name, 0, 0)
        diagnostics.take(_describe(catalogue.RENDERER_FAILED, place, renderer.name, error, function))
        return None
    return page
