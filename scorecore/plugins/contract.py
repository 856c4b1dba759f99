"""The plugin contract.

A scorer is an attrs class: its fields are the keys that an author may write into an item, its method `entries` turns
them into entries whose points are expressions. It runs when a policy is compiled and never sees facts, clock, files
or network; what it yields is checked, kept in the program and printed by `scorecore expand`.

    @frozen(kw_only=True)
    class Bonus:
        \"\"\"Points are earned for each event.\"\"\"

        each: Snippet = key("the table of events")
        give: Syntax = key("points for each of them")

        def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
            yield Entry(reason="bonus", points=self.give, each=self.each)

    @hookimpl
    def scorers() -> Iterable[Scorer]:
        return [Scorer("bonus", Bonus)]
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from inspect import getdoc
from types import MappingProxyType
from typing import Any, ClassVar, Final, Protocol

from attrs import evolve, field, frozen
from attrs.validators import instance_of, optional
from pluggy import HookimplMarker, HookspecMarker

from scorecore.diagnostics.diagnostic import Diagnostic
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.macros import Operator
from scorecore.language.cel.syntax import Name, Place, Syntax
from scorecore.plugins.provenance import Origin, Participant
from scorecore.policy.model import (
    BandTableDeclaration,
    CalendarDeclaration,
    EventsDeclaration,
    FactDeclaration,
    GroupDeclaration,
    ItemDeclaration,
    ParameterDeclaration,
    Policy,
)
from scorecore.policy.toml import TomlTable
from scorecore.program.model import Program

PROJECT: Final = "scorecore"
GROUP: Final = "scorecore.plugins"
"""The entry points under which plugins are found."""
CONTRACT: Final = 1
"""Version of this contract. A plugin that was written for another one is refused."""

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


def _view_events(events: Mapping[str, EventsDeclaration]) -> Mapping[str, EventsDeclaration]:
    return MappingProxyType({name: _view_fields(table) for name, table in events.items()})


def _view_fields(table: EventsDeclaration) -> EventsDeclaration:
    return evolve(table, fields=MappingProxyType(table.fields))  # type: ignore[arg-type]  # a dict that cannot be changed


@frozen(kw_only=True)
class Entry:
    """One reason for points: at most one entry for the subject, or for each event of a table.

    `points` are added to the item; they may be negative. `when` decides whether there is an entry at all, so a waived
    deduction is an entry of 0 and not a missing one. Expressions may read the event as `variable`.
    """

    reason: str = field(validator=instance_of(str))
    """A code, the same for all entries of a kind."""
    points: Syntax = field(validator=instance_of(Syntax))
    """What is added to the item."""
    when: Syntax | None = field(default=None, validator=optional(instance_of(Syntax)))
    """Whether there is an entry; default: there is."""
    quantity: Syntax | None = field(default=None, validator=optional(instance_of(Syntax)))
    """How many units the points are for; only explains."""
    each: Snippet | None = field(default=None, validator=optional(instance_of(Snippet)))
    """The table of events, as the author names it; default: the subject itself."""
    variable: str = field(default="", validator=instance_of(str))
    """The name by which the expressions read an event."""
    label: str = field(default="", validator=instance_of(str))
    """The reason in words."""
    authority: str = field(default="", validator=instance_of(str))
    """The clause; default: the item's."""


def _check_name(_value: object, _attribute: object, name: str) -> None:
    if not (name.isidentifier() and name.isascii()):
        raise ValueError(f"{name!r} is not a name that an expression can read")


@frozen(kw_only=True)
class NamedValue:
    """An intermediate value of an item, about the subject: it is computed once, and an explanation shows it.

    Yield it, and read it in entries and other values with `item.read(value)`. In the program it is a value like those
    of `[values]`, by the name of the item and its own: `praise_share`.
    """

    name: str = field(validator=[instance_of(str), _check_name])
    is_: Syntax = field(validator=instance_of(Syntax))
    """The expression."""
    label: str = field(default="", validator=instance_of(str))
    """What it is, for people."""


def _view(parts: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(parts)


@frozen
class ItemContext:
    """What a scorer may know of the item that it works for, and of the policy. All of it is read-only."""

    id: str
    """Its name."""
    points: Decimal | None
    """The most the item can reach; None: open."""
    place: Place
    """Where the item names its scorer; for expressions that nobody wrote."""
    facts: Mapping[str, FactDeclaration] = field(converter=_view)
    """Of the subject, as the policy declares them."""
    events: Mapping[str, EventsDeclaration] = field(converter=_view_events)
    """The tables of events, as the policy declares them."""
    parameters: Mapping[str, ParameterDeclaration] = field(factory=dict, converter=_view)
    """The figures that `parameters.<name>` reads, as the policy declares them."""
    tables: Mapping[str, BandTableDeclaration] = field(factory=dict, converter=_view)
    """The tables of bands."""
    calendars: Mapping[str, CalendarDeclaration] = field(factory=dict, converter=_view)
    groups: Mapping[str, GroupDeclaration] = field(factory=dict, converter=_view)
    items: Mapping[str, ItemDeclaration] = field(factory=dict, converter=_view)
    """The other items by their names, without the keys of their scorers; `items.<name>` reads their points."""

    @classmethod
    def of(cls, item: ItemDeclaration, declared: Policy, points: Decimal | None) -> "ItemContext":
        """Of an item in its policy."""
        others = {other.id: _without_keys(other) for other in declared.items if other.id != item.id}
        figures = (declared.parameters, declared.tables, declared.calendars, declared.groups)
        place = Place(*item.at("scorer"))
        return cls(item.id, points, place, declared.subject, declared.events, *figures, others)

    def read(self, value: NamedValue) -> Syntax:
        """An expression that reads a value which the scorer yields as well."""
        return Name(name_value(self.id, value), self.place)


def name_value(item: str, value: NamedValue) -> str:
    """The name in the program of a value of an item."""
    return f"{item}_{value.name}"


def _without_keys(item: ItemDeclaration) -> ItemDeclaration:
    return evolve(item, rest=TomlTable(item.rest.location, name=item.rest.name))


class Parameters(Protocol):
    """An attrs class: an item's own keys, and what they mean."""

    def entries(self, item: ItemContext) -> Iterable[Entry | NamedValue | Diagnostic]:
        """The entries of an item, in the order in which they are written down, with the values that they read.

        Or what is wrong with its keys.
        """


@frozen
class Scorer:
    """A scorer: the name that items use, and the class of its parameters."""

    name: str
    """What items write."""
    parameters: type[Any]
    """The attrs class of an item's own keys, with a method `entries`."""
    opens_full: bool = False
    """Whether an item starts with all its points, and loses some, or starts empty."""
    contract: int = CONTRACT
    """The version of the contract that it was written for."""

    @property
    def summary(self) -> str:
        """The first line of the class's docstring."""
        return (self.parameters.__doc__ or "").strip().partition("\n")[0]


@frozen
class Check:
    """A house rule: the name that policies give in `[policy] checks`, and what finds problems."""

    name: str
    diagnostics: Callable[[Policy, Program], Iterable[Diagnostic]]
    """Looks at a policy that has no other problems, and its program. Its docstring's first line is its summary."""
    contract: int = CONTRACT

    @property
    def summary(self) -> str:
        return (getdoc(self.diagnostics) or "").partition("\n")[0]


@frozen
class ExternalHook:
    """What is outside the way from program to decisions; its kinds are `Reader`, `Writer` and `Renderer`."""

    name: str
    about: str
    """One sentence that says what it is for."""
    contract: int = field(default=CONTRACT, kw_only=True)
    hook: ClassVar[str] = ""
    """The hook that gives such things."""

    def faults(self) -> Iterator[str]:
        """What keeps it from being used."""
        yield from () if self.about else ("it does not say what it is for",)


@frozen
class Plugins(Mapping[str, Scorer]):
    """All that plugins bring, by name; as a mapping, the scorers."""

    scorers: Mapping[str, Scorer] = field(factory=dict)
    operators: Mapping[str, Operator] = field(factory=dict)
    checks: Mapping[str, Check] = field(factory=dict)
    readers: Mapping[str, ExternalHook] = field(factory=dict)
    writers: Mapping[str, ExternalHook] = field(factory=dict)
    renderers: Mapping[str, ExternalHook] = field(factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(factory=dict)
    """By language, English sentences to others."""
    origins: Mapping[Participant, Origin] = field(factory=dict)
    """By hook and name, the distribution that brought it; nothing of what was put together in memory."""

    @classmethod
    def of(cls, scorers: Mapping[str, Scorer]) -> "Plugins":
        """Plugins as they are, or scorers alone."""
        return scorers if isinstance(scorers, Plugins) else cls(scorers)

    def __getitem__(self, name: str) -> Scorer:
        return self.scorers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scorers)

    def __len__(self) -> int:
        return len(self.scorers)


class Hooks(Protocol):
    """What a plugin may have; each is called once, when plugins are loaded."""

    @hookspec
    def scorers(self) -> Iterable[Scorer]:
        """Scorers, which items name."""
        ...

    @hookspec
    def operators(self) -> Iterable[Operator]:
        """Functions for expressions, composed of existing ones; a program no longer contains them."""
        ...

    @hookspec
    def checks(self) -> Iterable[Check]:
        """House rules, which a policy names under `checks`."""
        ...

    @hookspec
    def readers(self) -> Iterable[ExternalHook]:
        """Formats of facts, and databases that have them: `Reader`."""
        ...

    @hookspec
    def writers(self) -> Iterable[ExternalHook]:
        """Databases to which results are written: `Writer`."""
        ...

    @hookspec
    def renderers(self) -> Iterable[ExternalHook]:
        """Layouts of statements, for `scorecore explain --layout`: `Renderer`."""
        ...

    @hookspec
    def words(self) -> Mapping[str, Mapping[str, str]]:
        """By language (`zh`), every English sentence of the plugin in that language."""
        ...
