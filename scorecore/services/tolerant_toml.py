"""TOML as it is while somebody types: every key and value that can be made out, whatever is wrong with the rest.

The reader of policies (`scorecore.policy.toml`) lets tomli judge a text, and leaves out statements that have mistakes.
An editor asks about just these. So this reads what it meets and never fails: a text without its second quotation mark
ends with the line, and a bracket that is not closed ends where a statement begins at the start of a line.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from attrs import define, field, frozen

from scorecore.diagnostics.source import Snippet, Source
from scorecore.policy.toml import unescape

KeyPath = tuple[str | int, ...]
"""The keys that lead to a value; of an element of a list its number, from 0."""


class Span(NamedTuple):
    start: int
    """The offset of the first character."""
    end: int
    """The offset after the last."""

    def touches(self, offset: int) -> bool:
        """Whether a cursor at an offset is in it, or at one of its ends."""
        return self.start <= offset <= self.end


@frozen
class WrittenKey:
    """One part of a key, in a heading or before a value."""

    path: KeyPath
    """With this part last."""
    span: Span
    text: Snippet
    """Without quotes."""
    in_heading: bool = False


@frozen
class WrittenValue:
    """A single value; an empty one where none is written yet."""

    path: KeyPath
    span: Span
    text: Snippet | None
    """What a string says; None for any other value."""


@frozen
class Heading:
    path: KeyPath
    span: Span
    in_list: bool
    """Whether it begins an element of a list."""


@frozen
class WrittenBracket:
    """A list or an inline table."""

    path: KeyPath
    span: Span
    is_list: bool
    is_closed: bool

    def contains(self, offset: int) -> bool:
        """Whether a cursor at an offset is between the two signs."""
        return self.span.start < offset < self.span.end + (not self.is_closed)


@frozen(eq=False)
class TolerantDocument:
    """All that can be made out of a text, in its order."""

    source: Source = field(repr=False)
    keys: list[WrittenKey] = field(factory=list)
    values: list[WrittenValue] = field(factory=list)
    headings: list[Heading] = field(factory=list)
    brackets: list[WrittenBracket] = field(factory=list)
    comments: list[Span] = field(factory=list)
    texts: dict[KeyPath, str] = field(factory=dict)
    """What the strings say, by path; of a key that is written twice, the first."""
    raw: dict[KeyPath, str] = field(factory=dict)
    """How each single value is written."""
    counts: dict[KeyPath, int] = field(factory=dict)
    """How many elements each list has that is written with headings."""

    def find_heading(self, offset: int) -> Heading | None:
        """The heading under which a place is."""
        number = bisect_right(self.headings, offset, key=lambda heading: heading.span.start)
        return self.headings[number - 1] if number else None


@lru_cache(maxsize=64)
def read_tolerantly(source: Source) -> TolerantDocument:
    """All that can be made out of a text."""
    reader = _TolerantReader(source.text, TolerantDocument(source))
    reader.read()
    return reader.document


_BLANK: Final = re.compile(r"[ \t]*")
_COMMENT: Final = re.compile(r"#[^\n]*")
_KEY: Final = re.compile(r'"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?|[^\s=.,\[\]{}#"\']+')
_BARE: Final = re.compile(r"(?:\d{4}-\d\d-\d\d (?=\d))?[^\s,\[\]{}#\"']+")
_LINE_OF_TEXT: Final = re.compile(r'"(?:\\.|[^"\\\n])*"?|\'[^\'\n]*\'?')
_LONG_TEXT: Final = re.compile(r'"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)|\'\'\'.*?(?:\'{3,5}|\Z)', re.DOTALL)
_NAME: Final = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_NAMES: Final = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME})*"
_RESTART: Final = re.compile(
    rf"\[\[?[ \t]*[A-Za-z_]\w*(?:[ \t]*\.[ \t]*{_NAME})*[ \t]*\]\]?[ \t]*(?:#.*)?$|{_NAMES}[ \t]*=", re.MULTILINE
)
"""What begins a statement at the start of a line, so that brackets before it have not been closed."""
_DEEPEST: Final = 40
"""Brackets inside brackets; a policy has four."""


@define
class _TolerantReader:
    text: str
    document: TolerantDocument
    position: int = 0
    table: KeyPath = ()
    """The path of the heading under which statements are read."""

    def read(self) -> None:
        while self.position < len(self.text):
            self.skip_blanks()
            before = self.position
            if self.take("[["):
                self.read_heading(before, in_list=True)
            elif self.take("["):
                self.read_heading(before, in_list=False)
            elif not self.take("\n"):
                self.read_pair(self.table, 0)
                self.skip_rest_of_line()

    def take(self, sign: str) -> bool:
        """Whether a sign is next, which is then passed over."""
        is_next = self.text.startswith(sign, self.position)
        self.position += len(sign) if is_next else 0
        return is_next

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What is next, if it matches; it is then passed over."""
        match = pattern.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return match

    def skip_blanks(self) -> None:
        """Pass over blanks and a comment."""
        self.match(_BLANK)
        comment = self.match(_COMMENT)
        if comment:
            self.document.comments.append(Span(*comment.span()))

    def skip_rest_of_line(self) -> None:
        end = self.text.find("\n", self.position)
        comment = self.text.find("#", self.position, end if end >= 0 else None)
        if comment >= 0:
            self.position = comment
            self.skip_blanks()
        self.position = end + 1 if end >= 0 else len(self.text)

    def read_heading(self, start: int, *, in_list: bool) -> None:
        parts = self.read_key_parts()
        self.match(_BLANK)
        _ = (in_list and self.take("]]")) or self.take("]")
        path: KeyPath = ()
        for number, (name, span, text) in enumerate(parts):
            path = (*path, name)
            self.document.keys.append(WrittenKey(path, span, text, in_heading=True))
            count = self.document.counts.get(path, 0)
            if in_list and number == len(parts) - 1:
                self.document.counts[path] = count + 1
                path = (*path, count)
            elif count:
                path = (*path, count - 1)
        self.table = path
        self.document.headings.append(Heading(path, Span(start, self.position), in_list))
        self.skip_rest_of_line()

    def read_key_parts(self) -> list[tuple[str, Span, Snippet]]:
        """The parts of a key, with the place of an empty one where a dot has nothing after it."""
        parts: list[tuple[str, Span, Snippet]] = []
        while True:
            self.match(_BLANK)
            match = self.match(_KEY)
            if match is None and not parts:
                return parts
            text = self.read_text(match) if match else Snippet("", self.document.source, (self.position,))
            span = Span(*match.span()) if match else Span(self.position, self.position)
            parts.append((text.text, span, text))
            after = self.position
            self.match(_BLANK)
            if not self.take("."):
                self.position = after
                return parts

    def read_pair(self, table: KeyPath, depth: int) -> bool:
        """A key with its value, which may both be missing; whether there was anything."""
        before, path = self.position, table
        for name, span, text in self.read_key_parts():
            path = (*path, name)
            self.document.keys.append(WrittenKey(path, span, text))
        self.match(_BLANK)
        if self.take("="):
            self.read_value(path, depth)
        return self.position > before

    def read_value(self, path: KeyPath, depth: int) -> None:
        self.match(_BLANK)
        start = self.position
        if depth < _DEEPEST and self.take("["):
            self.read_bracket(path, start, depth, is_list=True)
        elif depth < _DEEPEST and self.take("{"):
            self.read_bracket(path, start, depth, is_list=False)
        elif match := self.match(_LONG_TEXT) or self.match(_LINE_OF_TEXT):
            text = self.read_text(match)
            self.document.texts.setdefault(path, text.text)
            self.document.raw.setdefault(path, match[0])
            self.document.values.append(WrittenValue(path, Span(*match.span()), text))
        else:
            bare = self.match(_BARE)
            self.document.raw.setdefault(path, bare[0] if bare else "")
            self.document.values.append(WrittenValue(path, Span(start, self.position), None))

    def read_bracket(self, path: KeyPath, start: int, depth: int, *, is_list: bool) -> None:
        """A list or an inline table up to its end, or to where it must have ended."""
        number, is_closed = 0, False
        while self.position < len(self.text):
            self.skip_blanks()
            if self.position == len(self.text):
                break
            if self.take("\n"):
                if _RESTART.match(self.text, self.position):
                    self.position -= 1
                    break
            elif self.take("]" if is_list else "}"):
                is_closed = True
                break
            elif self.take(","):
                number += 1
            elif is_list:
                before = self.position
                self.read_value((*path, number), depth + 1)
                self.position += self.position == before  # a sign that has no place here
            elif not self.read_pair(path, depth + 1):
                self.position += 1
        self.document.brackets.append(WrittenBracket(path, Span(start, self.position), is_list, is_closed))

    def read_text(self, match: re.Match[str]) -> Snippet:
        """What a string says, with the place of each of its characters; it may lack its end."""
        written, start = match[0], match.start()
        quote = written[0] if written[0] in "\"'" else ""
        width = 3 if quote and written.startswith(quote * 3) else len(quote)
        has_end = width > 0 and len(written) >= 2 * width and written.endswith(quote * width)
        content = written[width : len(written) - (width if has_end else 0)]
        start += width
        end = start + len(content)
        if width == 3 and content.startswith("\n"):  # noqa: PLR2004  right after three quotes it does not count
            content, start = content[1:], start + 1
        if quote != '"' or "\\" not in content:
            return Snippet(content, self.document.source, range(start, end + 1))
        pairs = list(unescape(content))
        offsets: Sequence[int] = [*(start + offset for offset, _ in pairs), end]
        return Snippet("".join(character for _, character in pairs), self.document.source, offsets)
