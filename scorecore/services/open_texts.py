"""Policy texts as somebody edits them: what is open comes before the same file on disk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import define, field

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import CASES, read_source
from scorecore.library.policy_loader import CheckedPolicy, PolicyLoader
from scorecore.plugins import Plugins, installed, load_scorers
from scorecore.policy.load import identify

_MOST_KEPT: Final = 40
"""Checked texts after which the policies that were compiled because others use them are forgotten."""
Stamp = tuple[int, int]
"""When a file was changed, in nanoseconds, and how many bytes it has."""


def _installed_plugins() -> tuple[Plugins, tuple[Diagnostic, ...]]:
    diagnostics = Diagnostics()
    return load_scorers(installed(), diagnostics), tuple(diagnostics)


@define(eq=False)
class OpenTexts:
    """The texts that are open, by path, over the files beside them, which are read again when they change.

    Parents and used policies are looked for beside each file and in the folders `parents`.
    """

    parents: tuple[Path, ...] = ()
    load_plugins: Callable[[], tuple[Plugins, tuple[Diagnostic, ...]]] = field(default=_installed_plugins, kw_only=True)
    """What plugins bring, and what is wrong with them; asked for once, when it is first needed."""
    _open: dict[Path, Source] = field(factory=dict, init=False)
    _read: dict[Path, tuple[Stamp, Source | None]] = field(factory=dict, init=False)
    _named: dict[Source, str | None] = field(factory=dict, init=False)
    _plugins: tuple[Plugins, tuple[Diagnostic, ...]] | None = field(default=None, init=False)
    _loader: PolicyLoader | None = field(default=None, init=False)
    _checked: int = field(default=0, init=False)

    @property
    def plugins(self) -> Plugins:
        if self._plugins is None:
            self._plugins = self.load_plugins()
        return self._plugins[0]

    def open(self, path: Path, text: str) -> Source:
        """The text of a file as it stands in an editor; it takes the place of what was open there."""
        self._open[path] = Source(str(path), _without_halves(text).removeprefix("\ufeff"))
        return self._open[path]

    def close(self, path: Path) -> None:
        """From now on the file on disk counts."""
        self._open.pop(path, None)

    def fork(self) -> "OpenTexts":
        """The same texts, of which some may be changed without a change here."""
        plugins = self.plugins, self._plugins[1] if self._plugins else ()
        copy = OpenTexts(self.parents, load_plugins=lambda: plugins)
        copy._open = dict(self._open)
        copy._read, copy._named = self._read, self._named
        return copy

    def read(self, path: Path) -> Source | None:
        """The text that is open, or that of the file; None if it cannot be read."""
        if path in self._open:
            return self._open[path]
        try:
            status = path.stat()
        except OSError:
            self._read.pop(path, None)
            return None
        stamp = status.st_mtime_ns, status.st_size
        if self._read.get(path, (None, None))[0] != stamp:
            self._read[path] = stamp, read_source(path, Diagnostics())
        return self._read[path][1]

    def read_by_name(self, name: str) -> Source | None:
        """The text that a place is in."""
        return self.read(Path(name)) if name.endswith(".toml") else None

    def read_named(self, path: Path) -> tuple[str, Source] | None:
        """A policy with its `id@version`; None if it cannot be read, or has none."""
        source = self.read(path)
        if source is None:
            return None
        if source not in self._named:
            if len(self._named) > _MOST_KEPT * 10:
                self._named.clear()
            self._named[source] = identify(source)
        name = self._named[source]
        return (name, source) if name else None

    def folders(self, path: Path) -> tuple[Path, ...]:
        """Where the policies that one extends or uses are looked for."""
        return (path.parent, *self.parents)

    def list_policies(self, path: Path) -> Iterator[tuple[Path, str, Source]]:
        """The policies in the folders of a file, with their paths and names, each once."""
        folders = self.folders(path)
        files = [file for folder in folders for file in sorted(folder.glob("*.toml"))]
        files += [file for file in tuple(self._open) if file.parent in folders]
        for file in dict.fromkeys(files):
            named = None if file.name.endswith(CASES) else self.read_named(file)
            if named:
                yield file, *named

    def check(self, source: Source) -> CheckedPolicy:
        """Compile a text; the texts that it extends or uses are those that are open, and else those on disk."""
        self._checked += 1
        if self._loader is None or self._checked % _MOST_KEPT == 0:
            plugins = self.plugins
            assert self._plugins  # noqa: S101  they have just been loaded
            self._loader = PolicyLoader(self.parents, plugins, self._plugins[1], read_named=self.read_named)
        path = Path(source.name)
        return self._loader.check_source(source, self.folders(path))


def _without_halves(text: str) -> str:
    """A text without halves of characters, which JSON can hand over and no file has; everything else stays in place."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
