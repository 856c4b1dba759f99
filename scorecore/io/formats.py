"""What plugins bring for the two ends: formats in which facts come, and layouts in which statements go.

Both are outside the way from a program to its decisions: a reader gives cells as they are, which the program's types
judge; a layout is given a decision that is made.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from attrs import frozen

from scorecore.analysis.explain import Explanation
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.failures import describe_failure
from scorecore.diagnostics.source import Location
from scorecore.facts.raw import RawTable
from scorecore.io.databases import (
    QUERIES_ENDING,
    DatabaseAddress,
    DatabaseUrl,
    FactsQuery,
    fill_queries,
    is_url,
    read_queries,
)
from scorecore.plugins import ExternalHook
from scorecore.values.period import Period


@frozen
class Reader(ExternalHook):
    """A format of facts: files that hold all tables, known by their endings, or databases that are queried."""

    endings: tuple[str, ...] = ()
    """Such as `.sqlite`; in small letters."""
    read: Callable[[Path, Diagnostics], Mapping[str, RawTable]] | None = None
    """The tables of a file by name; what cannot be read is a problem."""
    schemes: tuple[str, ...] = ()
    """How URLs of its databases begin, such as `postgresql`; in small letters."""
    query: Callable[[DatabaseAddress, Sequence[FactsQuery], Diagnostics], Mapping[str, RawTable]] | None = None
    """The tables that queries of a file such as `facts.toml` return, all as they are at one moment; what cannot be read
    is a problem, and then there are no tables."""
    hook: ClassVar[str] = "readers"

    def faults(self) -> Iterator[str]:
        yield from ExternalHook.faults(self)
        yield from find_address_faults(self.endings, self.schemes)
        if self.endings and not callable(self.read):
            yield "`read` is not a function"
        if (self.schemes or self.query is not None) and not callable(self.query):
            yield "`query` is not a function"


def find_address_faults(endings: Sequence[str], schemes: Sequence[str]) -> Iterator[str]:
    """What is wrong with how the files and URLs of a format are known."""
    if not (endings or schemes) or not all(ending.startswith(".") and ending == ending.lower() for ending in endings):
        yield "its endings are not written like `.sqlite`"
    if BUILT_IN_ENDINGS & set(endings):
        yield f"scorecore reads {', '.join(sorted(BUILT_IN_ENDINGS & set(endings)))} itself"
    if not all(is_url(f"{scheme}://") and scheme == scheme.lower() for scheme in schemes):
        yield "its schemes are not written like `postgresql`"


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


BUILT_IN_ENDINGS = frozenset(
    {".csv", ".parquet", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", QUERIES_ENDING}
)
"""Endings of files that scorecore reads without a plugin."""


def read_with_plugin(
    readers: Mapping[str, ExternalHook], path: Path, diagnostics: Diagnostics
) -> dict[str, RawTable] | None:
    """The tables of a file that a plugin reads; None if none does. A reader that fails is a problem."""
    reader = find_reader(readers, path)
    if reader is None or reader.read is None or path.suffix.lower() == QUERIES_ENDING:
        return None
    return _read(reader, reader.read, Location(str(path), 0, 0), (path, diagnostics), diagnostics)


def read_database(
    readers: Mapping[str, ExternalHook], path: Path, period: Period | None, diagnostics: Diagnostics
) -> dict[str, RawTable]:
    """The tables that the queries of a file return, for a period; what keeps them from being read is a problem."""
    source = read_queries(path, diagnostics)
    address = source.find_address(path, diagnostics) if source else None
    queries = fill_queries(source, path, period, diagnostics) if source else None
    if source is None or address is None or queries is None:
        return {}
    reader = find_driver(readers, address)
    if not isinstance(reader, Reader) or reader.query is None:
        known = list_addresses(hook for hook in readers.values() if isinstance(hook, Reader) and hook.query)
        diagnostics.add(catalogue.NO_DRIVER, source.find_place()[0], database=str(address), known=known)
        return {}
    return _read(reader, reader.query, source.find_place()[0], (address, queries, diagnostics), diagnostics)


def _read(
    reader: Reader,
    function: Callable[..., Mapping[str, RawTable]],
    place: Location,
    arguments: tuple[Any, ...],
    diagnostics: Diagnostics,
) -> dict[str, RawTable]:
    try:
        return _check_tables(function(*arguments))
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign reader raises, it has a name
        diagnostics.take(describe_fault(catalogue.READER_FAILED, place, reader.name, error, function, arguments[0]))
    return {}


def find_driver(hooks: Mapping[str, ExternalHook], address: DatabaseAddress) -> ExternalHook | None:
    """What a plugin brings for a database, by the scheme of its URL or the ending of its file."""
    if isinstance(address, DatabaseUrl):
        return next((hook for hook in hooks.values() if address.scheme in getattr(hook, "schemes", ())), None)
    ending = address.suffix.lower()
    return next((hook for hook in hooks.values() if ending in getattr(hook, "endings", ())), None)


def list_addresses(hooks: Iterable[ExternalHook]) -> str:
    """How the databases of plugins are known."""
    schemes = (
        f"{scheme}://" for hook in hooks for scheme in (*getattr(hook, "schemes", ()), *getattr(hook, "endings", ()))
    )
    return ", ".join(scheme.removesuffix("://") if scheme.startswith(".") else scheme for scheme in schemes)


def find_reader(readers: Mapping[str, ExternalHook], path: Path) -> Reader | None:
    """The reader of a plugin that reads a file, or the database that a file of queries names; None if there is none."""
    if path.is_dir():
        return None
    address: DatabaseAddress | None = path
    if path.suffix.lower() == QUERIES_ENDING:
        source = read_queries(path, Diagnostics())
        address = source.find_address(path, Diagnostics()) if source else None
    reader = find_driver(readers, address) if address is not None else None
    return reader if isinstance(reader, Reader) else None


def _check_tables(tables: object) -> dict[str, RawTable]:
    if not isinstance(tables, Mapping):
        raise TypeError(f"it returned {tables!r:.80} and not tables by name")
    misfit = next((table for table in tables.values() if not isinstance(table, RawTable)), None)
    if misfit is not None:
        raise TypeError(f"{misfit!r:.80} is not a RawTable")
    return dict(tables)


def describe_fault(
    kind: DiagnosticKind,
    place: Location,
    name: str,
    error: BaseException,
    code: Callable[..., object],
    address: object = None,
) -> Diagnostic:
    """A failure of a function of a plugin; nothing of it is shown that may be a part of a password."""
    params = {"name": name, **describe_failure(error, str(getattr(code, "__module__", "")), code)}
    if not isinstance(address, DatabaseUrl):
        return Diagnostic(kind, place, params, cause=error)
    redacted = {key: address.redact(text) if key == "error" else text for key, text in params.items()}
    return Diagnostic(kind, place, redacted, cause=error if redacted == params else None)


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
        diagnostics.take(describe_fault(catalogue.RENDERER_FAILED, place, renderer.name, error, function))
        return None
    return page
