"""What is being written at a place of a text: a key, a value, or a part of an expression."""

from attrs import frozen

from scorecore.diagnostics.source import Snippet
from scorecore.services.tolerant_toml import KeyPath, Span, TolerantDocument


@frozen
class KeyCursor:
    """A key of a table."""

    table: KeyPath
    span: Span
    """What is there of it."""
    in_heading: bool = False
    has_value: bool = False
    """Whether a value follows it."""


@frozen
class ValueCursor:
    """A value, or an element of a list."""

    path: KeyPath
    span: Span
    """What is there of it, with its quotes."""
    text: Snippet | None
    """What it says, if it is a string."""
    offset: int = 0
    """Of a string how many of its characters are before the cursor."""


def find_cursor(document: TolerantDocument, offset: int) -> KeyCursor | ValueCursor | None:
    """What is being written at a place; None in a comment, and after a statement that is complete."""
    if any(span.start < offset <= span.end for span in document.comments):
        return None
    for value in document.values:
        if value.span.touches(offset):
            if value.text is None:
                return ValueCursor(value.path, value.span, None)
            before = sum(place < offset for place in value.text.offsets[:-1])
            return ValueCursor(value.path, value.span, value.text, before)
    for key in document.keys:
        if key.span.touches(offset):
            has_value = any(
                value.path[: len(key.path)] == key.path and value.span.start > key.span.end for value in document.values
            )
            return KeyCursor(key.path[:-1], key.span, key.in_heading, has_value)
    return _find_blank(document, offset)


def _find_blank(document: TolerantDocument, offset: int) -> KeyCursor | ValueCursor | None:
    """What may be written where nothing is yet."""
    blank = Span(offset, offset)
    inside = [bracket for bracket in document.brackets if bracket.contains(offset)]
    if inside:
        bracket = max(inside, key=lambda bracket: bracket.span.start)
        return ValueCursor((*bracket.path, 0), blank, None) if bracket.is_list else KeyCursor(bracket.path, blank)
    line = document.source.text[document.source.text.rfind("\n", 0, offset) + 1 : offset]
    heading = document.find_heading(offset)
    if line.strip() == "[" or line.strip() == "[[":
        return KeyCursor((), blank, in_heading=True)
    return None if line.strip() else KeyCursor(heading.path if heading else (), blank)
