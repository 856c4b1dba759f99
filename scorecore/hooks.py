"""The plugin contract.

A scorer is an attrs class: its fields are the keys that an author may write into an item, its method `entries` turns
them into entries whose points are expressions. It runs when a policy is compiled and never sees facts, clock, files
or network; what it yields is checked, kept in the program and printed by `scorecore expand`.

    @frozen(kw_only=True)
    class Bonus:
        \"\"\"Points are earned for each event.\"\"\"

        each: Snippet = key("the table of events")
        give: Syntax = key("points for each of them")

        def entries(self, item: ItemContext) -> Iterator[Entry | Problem]:
            yield Entry(reason="bonus", points=self.give, each=self.each)

    @hookimpl
    def scorers() -> Iterable[Scorer]:
        return [Scorer("bonus", Bonus)]
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, Protocol, cast

import attrs
from attrs import field, frozen
from attrs.validators import instance_of, optional
from pluggy import HookimplMarker, HookspecMarker, PluginManager, PluginValidationError

from scorecore import kinds
from scorecore.cel.syntax import Place, Syntax
from scorecore.policy import Events, Fact
from scorecore.problems import Problem, Problems
from scorecore.source import Location, Snippet

PROJECT: Final = "scorecore"
GROUP: Final = "scorecore.plugins"
"""The entry points under which plugins are found."""
CONTRACT: Final = 1
"""Version of this contract. A plugin that was written for another one is refused."""

hookspec = HookspecMarker(PROJECT)
hookimpl = HookimplMarker(PROJECT)


@frozen(kw_only=True)
class Entry:
    """One reason for points: at most one entry for the subject, or for each event of a table.

    `points` are added to the item; they may be negative. `when` decides whether there is an entry at all, so a waived
    deduction is an entry of 0 and not a missing one. Expressions may read the event as `variable`.
    """

    reason: str = field(validator=instance_of(str))
    points: Syntax = field(validator=instance_of(Syntax))
    when: Syntax | None = field(default=None, validator=optional(instance_of(Syntax)))
    quantity: Syntax | None = field(default=None, validator=optional(instance_of(Syntax)))
    each: Snippet | None = field(default=None, validator=optional(instance_of(Snippet)))
    variable: str = field(default="", validator=instance_of(str))
    label: str = field(default="", validator=instance_of(str))
    authority: str = field(default="", validator=instance_of(str))


@frozen
class ItemContext:
    """What a scorer may know of the item that it works for."""

    id: str
    points: Decimal | None
    """The most the item can reach; None: open."""
    place: Place
    """Where the item names its scorer; for expressions that nobody wrote."""
    facts: Mapping[str, Fact]
    events: Mapping[str, Events]


class Parameters(Protocol):
    """An attrs class: an item's own keys, and what they mean."""

    def entries(self, item: ItemContext) -> Iterable[Entry | Problem]:
        """The entries of an item, in the order in which they are written down; or what is wrong with its keys."""


@frozen
class Scorer:
    """A scorer: the name that items use, and the class of its parameters."""

    name: str
    parameters: type[Any]
    opens_full: bool = False
    """Whether an item starts with all its points, and loses some, or starts empty."""
    contract: int = CONTRACT

    @property
    def summary(self) -> str:
        """The first line of the class's docstring."""
        return (self.parameters.__doc__ or "").strip().partition("\n")[0]


class Hooks(Protocol):
    @hookspec
    def scorers(self) -> Iterable[Scorer]:
        """The scorers of this plugin; called once, when plugins are loaded."""
        ...


def installed() -> Iterator[EntryPoint]:
    """The plugins that are installed in this environment, by name."""
    return iter(sorted(entry_points(group=GROUP), key=lambda one: one.name))


def load_scorers(plugins: Iterable[EntryPoint], problems: Problems) -> dict[str, Scorer]:
    """The scorers of all plugins by name. One that does not load or fit is a problem, and stops the run."""
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    scorers: dict[str, Scorer] = {}
    brought_by: dict[str, str] = {}
    for plugin in plugins:
        place = Location(f"{GROUP}: {plugin.name} = {plugin.value}", 0, 0)
        try:
            manager.register(plugin.load(), name=plugin.name)
            manager.check_pending()
            hooks = manager.hook.scorers.get_hookimpls()
            own = [hook.function for hook in hooks if hook.plugin_name == plugin.name]
            found = [scorer for function in own for scorer in cast("Iterable[object]", function())]
        except PluginValidationError as error:
            problems.add(kinds.PLUGIN_UNFIT, place, reason=str(error).strip().splitlines()[-1])
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
        except Exception as error:  # noqa: BLE001  whatever a foreign module raises, the run stops with its name
            problems.add(kinds.PLUGIN_BROKEN, place, error=f"{type(error).__name__}: {error}")
        else:
            for scorer in found:
                _add(scorer, scorers, brought_by, place, problems)
    return scorers


def _add(
    scorer: object, scorers: dict[str, Scorer], brought_by: dict[str, str], place: Location, problems: Problems
) -> None:
    if not isinstance(scorer, Scorer):
        problems.add(kinds.PLUGIN_UNFIT, place, reason=f"{scorer!r:.80} is not a Scorer")
    elif scorer.contract != CONTRACT:
        problems.add(kinds.PLUGIN_CONTRACT, place, name=scorer.name, theirs=scorer.contract, ours=CONTRACT)
    elif not attrs.has(scorer.parameters) or not callable(getattr(scorer.parameters, "entries", None)):
        problems.add(kinds.PLUGIN_UNFIT, place, reason=f"{scorer.name}: no attrs class with a method `entries`")
    elif not scorer.summary:
        problems.add(kinds.PLUGIN_UNFIT, place, reason=f"{scorer.name}: its class has no docstring")
    elif scorer.name in scorers:
        problems.add(kinds.PLUGIN_TWICE, place, name=scorer.name, other=brought_by[scorer.name])
    else:
        brought_by[scorer.name] = place.source.removeprefix(f"{GROUP}: ")
        scorers[scorer.name] = scorer
