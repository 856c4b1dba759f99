"""Tests of one reader: what a class inherits to have its format of facts checked."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Final

from attrs import frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.facts.raw import RawTable
from scorecore.io.formats import Reader, read_with_plugin
from scorecore.kit.faults import fail_on
from scorecore.kit.row_places import find_misplaced_rows
from scorecore.plugins import Plugins, installed, load_scorers

_NONSENSE: Final = b"\x00\xff nonsense \xfe" * 9


@frozen
class _Reading:
    """What a reader gives for a file."""

    path: Path
    tables: Mapping[str, RawTable]
    problems: tuple[Diagnostic, ...]


class ReaderKit:
    """Tests of one reader. What a test finds is in its message, a line for each fault."""

    reader: ClassVar[str | Reader]
    """The name of an installed reader, or one that is not installed yet."""
    examples: ClassVar[Path]
    """A folder with files that it reads."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    @cached_property
    def plugins(self) -> Plugins:
        return load_scorers(installed(), Diagnostics())

    @cached_property
    def subject(self) -> Reader:
        reader = self.plugins.readers.get(self.reader) if isinstance(self.reader, str) else self.reader
        if not isinstance(reader, Reader):
            raise LookupError(  # noqa: TRY004  a name that is not installed, as for scorers
                f"no reader `{self.reader}` is installed; installed are {', '.join(self.plugins.readers)}"
            )
        return reader

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The examples that have its endings."""
        return tuple(path for path in sorted(self.examples.iterdir()) if path.suffix.lower() in self.subject.endings)

    def test_its_examples_are_read(self) -> None:
        """There are examples, and each has tables and no problems."""
        fail_on(self._find_unread())

    def test_rows_have_their_lines(self) -> None:
        """Each row of a file of text has the number of its line, so that what is wrong with a cell can be looked up."""
        fail_on(self._find_misplaced_rows())

    def test_it_always_gives_the_same(self) -> None:
        """A file that is read twice has the same tables, in the same order, with the same cells."""
        fail_on(self._find_differences())

    def test_it_changes_no_file(self) -> None:
        """A file has the same bytes after it was read, and no file is written next to it."""
        fail_on(self._find_changes())

    def test_damaged_files_are_problems_with_a_place(self) -> None:
        """What is cut off, empty or nonsense never fails: it has tables, or a problem that names the file."""
        fail_on(self._find_failures())

    def test_it_is_documented_in_both_languages(self) -> None:
        """What it is for is said in a sentence, in English and in Chinese."""
        fail_on(self._find_undocumented())

    def _read(self, path: Path) -> _Reading:
        diagnostics = Diagnostics()
        tables = read_with_plugin({self.subject.name: self.subject}, path, diagnostics) or {}
        return _Reading(path, tables, tuple(diagnostics))

    def _find_unread(self) -> Iterator[str]:
        if not self.files:
            yield f"{self.examples} has no file that ends in {' or '.join(self.subject.endings)}"
        for reading in map(self._read, self.files):
            yield from map(str, reading.problems)
            if not reading.tables:
                yield f"{reading.path}: it has no tables"

    def _find_misplaced_rows(self) -> Iterator[str]:
        for reading in map(self._read, self.files):
            yield from find_misplaced_rows(reading.path, reading.tables)

    def _find_differences(self) -> Iterator[str]:
        for path in self.files:
            first, second = self._read(path).tables, self._read(path).tables
            if list(first) != list(second):
                yield f"{path}: the tables are {', '.join(first)}, and then {', '.join(second)}"
            elif differing := [name for name in first if not first[name].frame.equals(second[name].frame)]:
                yield f"{path}: read twice, these differ: {', '.join(differing)}"

    def _find_changes(self) -> Iterator[str]:
        for path in self.files:
            with TemporaryDirectory() as folder:
                copy = Path(folder) / path.name
                copy.write_bytes(path.read_bytes())
                self._read(copy)
                if not copy.exists() or copy.read_bytes() != path.read_bytes():
                    yield f"{path}: reading changes the file"
                yield from (f"{path}: reading writes {more.name}" for more in Path(folder).iterdir() if more != copy)

    def _find_failures(self) -> Iterator[str]:
        for path in self.files:
            content = path.read_bytes()
            damages = {"cut off": content[: len(content) // 2], "empty": b"", "nonsense": _NONSENSE}
            with TemporaryDirectory() as folder:
                for what, damaged in damages.items():
                    copy = Path(folder) / path.name
                    copy.write_bytes(damaged)
                    yield from (f"{path}, {what}: {fault}" for fault in _find_faults(self._read(copy)))

    def _find_undocumented(self) -> Iterator[str]:
        about = self.subject.about
        if not about.endswith("."):
            yield f"what it is for is not a sentence: {about!r}"
        if not {**self.plugins.words.get("zh", {}), **self.words}.get(about):
            yield f"no Chinese for {about!r}"


def _find_faults(reading: _Reading) -> Iterator[str]:
    """What is wrong with how a damaged file is read."""
    for problem in reading.problems:
        if problem.kind is catalogue.READER_FAILED:
            yield problem.message()
        elif not problem.location.source.startswith(str(reading.path)):
            yield f"the problem {problem.kind.code} does not name the file"
    if not reading.tables and not reading.problems:
        yield "it has no tables, and nothing is said"
