"""A name changed in all its places at once, or a reason why it cannot be.

What keeps a rename right is not a list of rules but that its result is looked at: the new name must be used in exactly
the places where the old one was, and no text may have a problem that it did not have before.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics, Translate
from scorecore.diagnostics.source import Source
from scorecore.language.cel.parser import RESERVED
from scorecore.language.cel.scope import PREFIXES
from scorecore.policy.toml import read_toml
from scorecore.services.names import RENAMABLE, Mention, Symbol
from scorecore.services.open_texts import OpenTexts
from scorecore.services.problems import find_problems
from scorecore.services.references import LOCAL, list_uses
from scorecore.services.text_family import TextFamily
from scorecore.services.tolerant_toml import Span

NO_NAME: Final = "nothing that can be renamed is here"
NOT_A_NAME: Final = "`{name}` cannot be a name: letters without accents, digits and _, the first a letter"
WORD_OF_LANGUAGE: Final = "`{name}` is a word of the language"
TAKEN: Final = "`{name}` is taken: {file}, line {line}"
CAPTURED: Final = "`{name}` would mean something else in {file}, line {line}"
NOT_TOML: Final = "{file} cannot be read as a whole; correct line {line} first"
NEW_PROBLEM: Final = "{file}, line {line} would have a problem: {problem}"
REASONS: Final = (NO_NAME, NOT_A_NAME, WORD_OF_LANGUAGE, TAKEN, CAPTURED, NOT_TOML, NEW_PROBLEM)
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class RenameRefused(Exception):  # noqa: N818  not an error: the answer to somebody who asked
    """Why a name cannot be changed."""

    def __init__(self, reason: str, params: Mapping[str, str], problem: Diagnostic | None = None) -> None:
        self.reason, self.params, self.problem = reason, dict(params), problem
        super().__init__(self.message())

    def message(self, translate: Translate = str) -> str:
        """The reason in the reader's language."""
        params = self.params | ({"problem": self.problem.message(translate)} if self.problem else {})
        return translate(self.reason).format_map(params)


@frozen
class TextEdit:
    """Characters of a text, and what takes their place."""

    path: Path
    span: Span
    text: str


def find_renamable(texts: OpenTexts, source: Source, offset: int) -> Mention:
    """The name at a place, if it can be changed; raises RenameRefused."""
    mention = TextFamily.of(texts, source).find_mention(offset)
    if mention is None or mention.symbol.kind not in RENAMABLE or not mention.symbol.name:
        raise RenameRefused(NO_NAME, {})
    return mention


def rename(texts: OpenTexts, source: Source, offset: int, name: str) -> list[TextEdit]:
    """The edits that give what is named at a place another name; raises RenameRefused."""
    mention = find_renamable(texts, source, offset)
    if name == mention.symbol.name:
        return []
    _check_name(name)
    family = TextFamily.of(texts, source)
    uses = list_uses(family, mention.symbol)
    edits = [TextEdit(Path(use.source.name), use.span, name) for use in uses]
    before = {Path(use.source.name): use.source for use in uses}
    _Trial(texts, before, edits).check(mention.symbol, name)
    return edits


def _check_name(name: str) -> None:
    if not _IDENTIFIER.fullmatch(name):
        raise RenameRefused(NOT_A_NAME, {"name": name})
    if name in RESERVED or name in PREFIXES:
        raise RenameRefused(WORD_OF_LANGUAGE, {"name": name})


@frozen
class _Trial:
    """The texts as they would be, and what is wrong with them."""

    texts: OpenTexts
    before: Mapping[Path, Source]
    edits: list[TextEdit]
    after: OpenTexts = field(init=False)

    @after.default
    def _after(self) -> OpenTexts:
        changed = self.texts.fork()
        for path, source in self.before.items():
            changed.open(path, apply_edits(source.text, (edit for edit in self.edits if edit.path == path)))
        return changed

    def check(self, symbol: Symbol, name: str) -> None:
        """Raise RenameRefused for the first fault."""
        for source in self.before.values():
            diagnostics = Diagnostics()
            if read_toml(source, diagnostics) is None or len(diagnostics):
                line = str(next(iter(diagnostics)).location.line)
                raise RenameRefused(NOT_TOML, {"file": Path(source.name).name, "line": line})
        self.check_taken(symbol, name)
        self.check_captured(symbol, name)
        for path in dict.fromkeys((*self.before, *self.list_users())):
            self.check_problems(path)

    def check_taken(self, symbol: Symbol, name: str) -> None:
        """Whether something else is declared by the new name, in any of the texts."""
        for source in self.before.values():
            for other, declarations in TextFamily.of(self.texts, source).names.declared.items():
                if other.name == name and _share_names(symbol, other):
                    place = _place(declarations[0].source, declarations[0].span.start)
                    raise RenameRefused(TAKEN, {"name": name, **place})

    def check_captured(self, symbol: Symbol, name: str) -> None:
        """Whether the new name is used in other places than the old one was."""
        expected = {(edit.path, self.shift(edit)) for edit in self.edits}
        declared = min((edit for edit in self.edits), key=lambda edit: edit.span.start)
        owner = self.after.read(declared.path)
        assert owner  # noqa: S101  it has just been opened
        family = TextFamily.of(self.after, owner)
        mention = family.find_mention(self.shift(declared))
        is_same = mention is not None and (mention.symbol.kind, mention.symbol.name) == (symbol.kind, name)
        uses = list_uses(family, mention.symbol) if mention and is_same else []
        found = {(Path(use.source.name), use.span.start) for use in uses}
        for path, start in sorted(found ^ expected):
            text = self.after.read(path)
            assert text  # noqa: S101  the same
            raise RenameRefused(CAPTURED, {"name": name, **_place(text, start)})

    def shift(self, edit: TextEdit) -> int:
        """Where the new name of an edit begins."""
        earlier = (other for other in self.edits if other.path == edit.path and other.span < edit.span)
        return edit.span.start + sum(len(other.text) - (other.span.end - other.span.start) for other in earlier)

    def list_users(self) -> Iterator[Path]:
        """The policies that use one that changes."""
        for path in self.before:
            names = {named for file, named, _ in self.texts.list_policies(path) if file in self.before}
            for file, _, source in self.texts.list_policies(path):
                document = TextFamily.of(self.texts, source).document
                if any(written[:1] == ("uses",) and text in names for written, text in document.texts.items()):
                    yield file

    def check_problems(self, path: Path) -> None:
        """Whether a text has more problems of a kind than it had."""
        before, after = self.texts.read(path), self.after.read(path)
        if before is None or after is None:
            return
        codes = [problem.diagnostic.kind.code for problem in find_problems(self.texts, before)]
        for problem in find_problems(self.after, after):
            code = problem.diagnostic.kind.code
            if problem.diagnostic.kind.warning:
                continue
            if code not in codes:
                raise RenameRefused(NEW_PROBLEM, _place(after, problem.start), problem.diagnostic)
            codes.remove(code)


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """A text with its edits made."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


_BARE: Final = frozenset({"fact", "events", "value", "subject"})


def _share_names(symbol: Symbol, other: Symbol) -> bool:
    """Whether two names must differ."""
    if symbol.kind in _BARE or symbol.kind == LOCAL:
        return other.kind in _BARE
    return (symbol.kind, symbol.owner) == (other.kind, other.owner)


def _place(source: Source, start: int) -> dict[str, str]:
    return {"file": Path(source.name).name, "line": str(source.locate(start).line)}
