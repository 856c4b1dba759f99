"""The texts that an editor has open, and places in them as the protocol counts."""

from pathlib import Path
from typing import Final

from attrs import define, field, frozen
from lsprotocol import types
from pygls import uris

from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import CASES
from scorecore.services.open_texts import OpenTexts
from scorecore.services.positions import Position, TextPositions
from scorecore.services.rename import TextEdit
from scorecore.services.tolerant_toml import Span, read_tolerantly

_KEPT: Final = 64
"""Texts of which the starts of lines are kept."""


@frozen(eq=False)
class EditorText:
    """A text that is open in the editor, as it was when something was asked."""

    uri: str
    version: int | None
    source: Source
    positions: TextPositions

    def find_offset(self, position: types.Position) -> int:
        return self.positions.find_offset(Position(position.line, position.character))

    def range(self, start: int, end: int) -> types.Range:
        return _make_range(self.positions, start, end)


@define(eq=False)
class EditorTexts:
    """All texts that are open, and those beside them on disk."""

    texts: OpenTexts
    units: str = "utf-16"
    """What the editor counts in a line; it says so when it begins."""
    takes_versions: bool = False
    """Whether the editor can refuse an edit of a text that has changed; it says so too."""
    _open: dict[str, EditorText] = field(factory=dict, init=False)
    _positions: dict[Source, TextPositions] = field(factory=dict, init=False)

    def put(self, uri: str, text: str, version: int | None) -> EditorText:
        """Keep a text as it is now in the editor."""
        source = self.texts.open(to_path(uri), text)
        self._open[uri] = EditorText(uri, version, source, TextPositions(source.text, self.units))
        return self._open[uri]

    def close(self, uri: str) -> None:
        if self._open.pop(uri, None):
            self.texts.close(to_path(uri))

    def get(self, uri: str) -> EditorText | None:
        return self._open.get(uri)

    def list_beside(self, uri: str) -> list[str]:
        """The other texts that are open, which may rest on this one."""
        return [other for other in self._open if other != uri]

    def find_location(self, source: Source, span: Span) -> types.Location:
        """A place in any text."""
        path = Path(source.name)
        opened = next((text for text in self._open.values() if text.source.name == source.name), None)
        uri = opened.uri if opened else uris.from_fs_path(str(path.resolve())) or ""
        return types.Location(uri, _make_range(self._positions_of(source), *span))

    def list_edits(self, edits: list[TextEdit]) -> types.WorkspaceEdit:
        """Edits of texts, each for the version of it that was looked at."""
        changes: list[types.TextDocumentEdit] = []
        for path in dict.fromkeys(edit.path for edit in edits):
            source = self.texts.read(path)
            if source is None:
                continue
            uri = self.find_location(source, Span(0, 0)).uri
            opened = self._open.get(uri)
            identifier = types.OptionalVersionedTextDocumentIdentifier(uri, opened.version if opened else None)
            positions = self._positions_of(source)
            own = [types.TextEdit(_make_range(positions, *edit.span), edit.text) for edit in edits if edit.path == path]
            changes.append(types.TextDocumentEdit(identifier, own))
        return self.make_edit(changes)

    def make_edit(self, changes: list[types.TextDocumentEdit]) -> types.WorkspaceEdit:
        """Edits in the form that the editor knows."""
        if self.takes_versions:
            return types.WorkspaceEdit(document_changes=list(changes))
        by_uri = {change.text_document.uri: [*change.edits] for change in changes}
        return types.WorkspaceEdit(changes=by_uri)  # type: ignore[arg-type]  # there are only plain edits

    def _positions_of(self, source: Source) -> TextPositions:
        if source not in self._positions:
            if len(self._positions) >= _KEPT:
                self._positions.clear()
            self._positions[source] = TextPositions(source.text, self.units)
        return self._positions[source]


def _make_range(positions: TextPositions, start: int, end: int) -> types.Range:
    return types.Range(types.Position(*positions.locate(start)), types.Position(*positions.locate(end)))


def to_path(uri: str) -> Path:
    """The file of a text; of one without a file a name in the folder where the editor began."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return Path(path) if path else Path(uri.rpartition(":")[2].rpartition("/")[2] or "untitled")


def is_of_policies(text: EditorText) -> bool:
    """Whether a TOML file is a policy or has cases, and not something of another program."""
    document = read_tolerantly(text.source)
    is_policy = any(key.path[0] == "policy" for key in document.keys)
    return is_policy or text.source.name.endswith(CASES)
