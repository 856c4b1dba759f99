"""The texts of written rules on disk, beside the policies that name them."""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Final

from attrs import evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import read_source
from scorecore.io.word.text import WordRefused, read_word
from scorecore.policy.regulation.cited import FORMATS, WORD_FORMAT, PolicyText, read_header, report_unread
from scorecore.policy.regulation.clauses import Regulation, read_regulation
from scorecore.policy.toml import read_toml

MAX_BYTES: Final = 20_000_000
"""Of a file; pictures in a file of Word are not read, but count."""


@frozen(eq=False)
class RegulationFiles:
    """The texts that were read, each once until it changes, however many policies cite it."""

    _regulations: dict[Path, tuple[object, Regulation | None]] = field(factory=dict, init=False)
    """By path, with when the file was changed and its size."""

    def check(self, source: Source, parents: Mapping[str, Source], diagnostics: Diagnostics) -> None:
        """Note what a policy and the text of its written rule do not agree in."""
        if "text" not in source.text and "extends" not in source.text:
            return
        text = self.find_text(source, parents, diagnostics)
        if text:
            text.check(diagnostics)

    def find_text(self, source: Source, parents: Mapping[str, Source], diagnostics: Diagnostics) -> PolicyText | None:
        """A policy with its text, or that of the policy that it extends; None if it has none that can be read."""
        tree = read_toml(source, Diagnostics())
        owner, owner_tree, seen = source, tree, {source.name}
        while owner_tree and not read_header(owner_tree, "text"):
            parent = parents.get(read_header(owner_tree, "extends"))
            if parent is None or parent.name in seen:
                if tree and tree.get("text"):
                    diagnostics.add(catalogue.SILENCE_WITHOUT_TEXT, tree.keys["text"], len("text"))
                return None
            owner, owner_tree = parent, read_toml(parent, Diagnostics())
            seen.add(parent.name)
        if not tree or not owner_tree:
            return None
        regulation = self._read(Path(owner.name).parent, read_header(owner_tree, "text"))
        if regulation:
            return PolicyText(source, tree, regulation, is_own=owner is source)
        if owner is source:
            report_unread(tree, diagnostics)
        return None

    def _read(self, folder: Path, name: str) -> Regulation | None:
        """A text in the folder of a policy; None if it cannot be read."""
        path = folder / name
        try:
            status = path.stat()
        except (OSError, ValueError):  # a name may have any character
            return None
        stamp = status.st_mtime_ns, status.st_size
        if path not in self._regulations or self._regulations[path][0] != stamp:
            self._regulations[path] = stamp, _read_regulation(path, name)
        return self._regulations[path][1]


def _read_regulation(path: Path, name: str) -> Regulation | None:
    is_inside = not PurePath(name).is_absolute() and ".." not in PurePath(name).parts
    try:
        is_small = is_inside and path.suffix in FORMATS and path.is_file() and path.stat().st_size <= MAX_BYTES
    except OSError:
        return None
    if not is_small:
        return None
    if path.suffix == WORD_FORMAT:
        return _read_word_file(path)
    source = read_source(path, Diagnostics())
    return read_regulation(source) if source else None


def _read_word_file(path: Path) -> Regulation | None:
    try:
        word = read_word(path.read_bytes())
    except (OSError, WordRefused):
        return None
    return evolve(read_regulation(Source(str(path), word.text)), unread=word.unread, pending=word.pending)
