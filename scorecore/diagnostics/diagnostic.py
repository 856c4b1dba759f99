"""A mistake is a value with a place: problems are collected, put in order and raised once.

A problem carries its kind and what belongs into the blanks; the sentence is made for the reader, in the reader's
language, by whoever shows it.
"""

from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from string import Formatter
from typing import Final

from attrs import field, frozen

from scorecore.diagnostics.source import Location

Translate = Callable[[str], str]
"""A whole English sentence with its blanks to the same sentence in the reader's language."""


@frozen
class DiagnosticKind:
    """One kind of problem: its code, its sentence, and advice.

    Of several pieces of advice the first is shown whose blanks can be filled.
    """

    code: str
    message: str
    advice: tuple[str, ...] = ()
    warning: bool = False
    """Worth knowing, but no reason to refuse."""


def placeholders(template: str) -> set[str]:
    """The names of the blanks of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@frozen
class Diagnostic:
    """One mistake. `blanks` are the author's own words, names and figures; never prose of ours."""

    kind: DiagnosticKind
    location: Location
    params: dict[str, str] = field(factory=dict)
    length: int = 1
    """How many characters from `location` on are meant."""

    def message(self, translate: Translate = str) -> str:
        return translate(self.kind.message).format_map(self.params)

    def advice(self, translate: Translate = str) -> str:
        fitting = (text for text in self.kind.advice if placeholders(text) <= self.params.keys())
        return translate(next(fitting, "")).format_map(self.params) if self.kind.advice else ""

    def __str__(self) -> str:
        return f"{self.location}: {self.kind.code} {self.message()}"


class Diagnostics:
    """Collects problems; the same problem at the same place counts once."""

    def __init__(self) -> None:
        self._found: dict[tuple[Location, str, str], Diagnostic] = {}

    def add(self, kind: DiagnosticKind, location: Location, length: int = 1, /, **params: object) -> None:
        """Note a problem; `length` characters from `location` on are meant."""
        self.take(Diagnostic(kind, location, {name: str(value) for name, value in params.items()}, length))

    def take(self, diagnostic: Diagnostic) -> None:
        self._found.setdefault((diagnostic.location, diagnostic.kind.code, diagnostic.message()), diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """In the order of the files."""
        return iter(sorted(self._found.values(), key=lambda one: (one.location, one.kind.code)))

    def __len__(self) -> int:
        return len(self._found)

    def refuse(self) -> None:
        """Raise what was found, if anything but warnings was."""
        if any(not one.kind.warning for one in self):
            raise Rejected(tuple(self))


class Rejected(Exception):  # noqa: N818  the policy, the facts or the plugin were refused; this is no fault of ours
    """Input was refused; `problems` says why, in the order of the files."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


_LIKENESS: Final = 0.7


def find_nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a reader would take `word` for."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=_LIKENESS)
    return found[0] if found else None


def suggest(word: str, known: Iterable[str]) -> dict[str, str]:
    """The blank `nearest`, if there is a near word."""
    found = find_nearest(word, known)
    return {"nearest": found} if found else {}
