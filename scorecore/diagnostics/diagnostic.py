"""A mistake is a value with a place: diagnostics are collected, sorted and raised together.

A diagnostic carries its kind and the figures and words that its sentence needs; the sentence itself is made where it is
shown, in the reader's language.
"""

from collections.abc import Callable, Iterator, Mapping
from string import Formatter

from attrs import field, frozen

from scorecore.diagnostics.source import Location
from scorecore.diagnostics.visible import escape_invisible

Translate = Callable[[str], str]
"""From a whole English sentence with its placeholders to the same sentence in the reader's language."""


@frozen
class DiagnosticKind:
    """One kind of mistake: its code, its sentence, and advice.

    Of the pieces of advice, the first is shown whose placeholders can all be filled.
    """

    code: str
    """Such as `BN101`; those of scorecore itself begin with `SC`."""
    message: str
    """The English sentence; `{name}` is filled with the parameter `name`."""
    advice: tuple[str, ...] = ()
    """What can be done about it, the fullest sentence first."""
    warning: bool = False
    """Worth knowing, but no reason to reject the input."""
    singular: str = field(default="", kw_only=True)
    """The sentence where the placeholder `count` is 1; empty if `message` is right for every count."""
    count: str = field(default="", kw_only=True)

    def choose_message(self, params: Mapping[str, str]) -> str:
        """The English sentence, in the singular or the plural."""
        return self.singular if self.singular and params.get(self.count) == "1" else self.message

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that has to be translated."""
        return (self.message, *((self.singular,) if self.singular else ()), *self.advice)


def placeholders(template: str) -> set[str]:
    """The names of the placeholders of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@frozen
class Diagnostic:
    """One mistake; `params` are the author's own words, names and figures, by placeholder, never prose of ours."""

    kind: DiagnosticKind
    location: Location
    params: dict[str, str] = field(factory=dict)
    length: int = 1
    """The number of characters from `location` on that are marked."""
    cause: BaseException | None = field(default=None, kw_only=True, eq=False, repr=False)
    """What a plugin raised, for its author."""
    scorer: str = field(default="", kw_only=True, eq=False, repr=False)
    """The scorer that composed the expression, where the author of the policy wrote none of what is wrong."""

    def message(self, translate: Translate = str) -> str:
        """What is wrong."""
        return translate(self.kind.choose_message(self.params)).format_map(self._shown)

    def advice(self, translate: Translate = str) -> str:
        """What can be done about it; empty if there is no advice."""
        sentence = next((text for text in self.kind.advice if placeholders(text) <= self.params.keys()), "")
        return translate(sentence).format_map(self._shown) if sentence else ""

    def to_json(self, translate: Translate = str) -> dict[str, str]:
        """The same as plain data for `json.dumps`; `advice` is empty if there is none."""
        return {
            "code": self.kind.code,
            "message": self.message(translate),
            "advice": self.advice(translate),
            "place": str(self.location),
        }

    @property
    def _shown(self) -> dict[str, str]:
        """The params as one sees every character of them."""
        return {name: escape_invisible(param) for name, param in self.params.items()}

    def __str__(self) -> str:
        return f"{self.location}: {self.kind.code} {self.message()}"


class Diagnostics:
    """Collects diagnostics; the same one at the same place counts once."""

    def __init__(self) -> None:
        self._by_place: dict[tuple[Location, str, str], Diagnostic] = {}

    def add(self, kind: DiagnosticKind, location: Location, length: int = 1, /, **params: object) -> None:
        """Note a mistake; `length` characters from `location` on are marked."""
        self.take(Diagnostic(kind, location, {name: str(param) for name, param in params.items()}, length))

    def take(self, diagnostic: Diagnostic) -> None:
        """Note a diagnostic that was made elsewhere."""
        self._by_place.setdefault((diagnostic.location, diagnostic.kind.code, diagnostic.message()), diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        """In the order of the files."""
        return iter(sorted(self._by_place.values(), key=lambda diagnostic: (diagnostic.location, diagnostic.kind.code)))

    def __len__(self) -> int:
        return len(self._by_place)

    @property
    def error_count(self) -> int:
        """How many are more than warnings."""
        return sum(not diagnostic.kind.warning for diagnostic in self._by_place.values())

    def refuse(self) -> None:
        """Raise what was collected, unless it is all warnings.

        Raises:
            Rejected: with the warnings too.

        """
        if self.error_count:
            raise Rejected(tuple(self))


class Rejected(Exception):  # noqa: N818  the policy, the facts or the plugin were rejected; this is not an error of ours
    """Input was rejected; `diagnostics` says why, in the order of the files."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


class PolicyRejected(Rejected):
    """A policy does not compile."""


class FactsRejected(Rejected):
    """Facts that a program hands over cannot be read, or are of a period in which the policy is not in force."""


class RecordRejected(Rejected):
    """A record cannot be opened, read or written to as it was asked."""
