"""What of the facts a statement may show: nothing that names another person.

A free text of the facts can name anybody: a client, who decided, who stood in. So a statement shows a text only where
the policy itself has this word, or where it says who the reader is and to which group they belong. Sentences that are
made of facts, such as why something is held, are shown without the names and ids of the other people of the run.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import field, frozen

from scorecore.program.model import Program, program_constants
from scorecore_cli.language import _

_SHORTEST: Final = 2
"""A name of one letter would be found everywhere."""
_UNSPACED: Final = "\u2e80"
"""The first of the letters of scripts without spaces."""


def list_policy_words(program: Program) -> frozenset[str]:
    """The texts that a policy itself has: constants, keys of tables, and what a fact may say."""
    words = {value for value in program_constants(program) if isinstance(value, str)}
    columns = (*program.schema.columns, *(column for table in program.schema.events for column in table.columns))
    return frozenset(words | {word for column in columns for word in column.type.among or ()})


@frozen
class OtherPeople:
    """The ids and names of everybody, of whom a statement shows only one."""

    known: frozenset[str]
    _lengths: tuple[int, ...]
    _marks: dict[str, tuple[tuple[int, int], ...]] = field(factory=dict, init=False, repr=False, eq=False)

    @classmethod
    def of(cls, texts: Iterable[str | None]) -> "OtherPeople":
        known = frozenset(text.strip() for text in texts if text and len(text.strip()) >= _SHORTEST)
        return cls(known, tuple(sorted({len(text) for text in known}, reverse=True)))

    def conceal(self, text: str, *own: str) -> str:
        """A text without the names and ids of others than its reader, whose `own` stay."""
        if text not in self._marks:
            self._marks[text] = tuple(self._find(text))
        shown, end = [], 0
        kept = {name.strip() for name in own}
        for start, stop in self._marks[text]:
            if text[start:stop] not in kept:
                shown += [text[end:start], _("another person")]
                end = stop
        return "".join((*shown, text[end:]))

    def _find(self, text: str) -> Iterator[tuple[int, int]]:
        """The places of the longest names, from left to right."""
        start = 0
        while start < len(text):
            stops = (start + length for length in self._lengths if start + length <= len(text))
            stop = next((stop for stop in stops if self._is_name(text, start, stop)), None)
            if stop is not None:
                yield start, stop
            start = stop or start + 1

    def _is_name(self, text: str, start: int, stop: int) -> bool:
        """Whether somebody is named here, and not only by a part of a longer number or word of Latin letters."""
        if text[start:stop] not in self.known:
            return False
        before, after = text[start - 1 : start], text[stop : stop + 1]
        joins_before = _is_letter(before) and _is_letter(text[start])
        return not joins_before and not (_is_letter(after) and _is_letter(text[stop - 1]))


def _is_letter(character: str) -> bool:
    """Whether it belongs to words that are written apart, as Chinese ones are not."""
    return character.isalnum() and character < _UNSPACED
