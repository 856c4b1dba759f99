"""Plugins to what they bring. One that does not load or fit is a problem, and nothing is decided without it."""

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol

import attrs
from attrs import define, field
from pluggy import PluginManager, PluginValidationError

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics, placeholders
from scorecore.diagnostics.source import Location
from scorecore.language.cel.macros import OF_CEL, Operator
from scorecore.language.cel.parser import RESERVED
from scorecore.language.cel.scope import FUNCTIONS, PREFIXES
from scorecore.plugins.contract import (
    CONTRACT,
    GROUP,
    PROJECT,
    Check,
    ExternalHook,
    Hooks,
    Plugins,
    Scorer,
)

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Loadable(Protocol):
    """A plugin that is not loaded yet: an entry point."""

    name: str
    value: str

    def load(self) -> Any: ...  # noqa: ANN401  a module, or whatever has the hooks


def load_scorers(plugins: Iterable[Loadable], diagnostics: Diagnostics) -> Plugins:
    """All that plugins bring; as a mapping, the scorers by name."""
    loading = _Loading(diagnostics)
    for plugin in plugins:
        place = Location(f"{GROUP}: {plugin.name} = {plugin.value}", 0, 0)
        for hook, found in loading.called(plugin, place):
            loading.take(hook, found, place)
    return Plugins(**loading.found, words=loading.words)


def _manager() -> PluginManager:
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    return manager


@define
class _Loading:
    diagnostics: Diagnostics
    manager: PluginManager = field(factory=_manager)
    found: dict[str, dict[str, Any]] = field(factory=lambda: {hook: {} for hook in _FITS})
    words: dict[str, dict[str, str]] = field(factory=dict)
    brought_by: dict[tuple[str, str], str] = field(factory=dict)

    def called(self, plugin: Loadable, place: Location) -> list[tuple[str, Any]]:
        """What each hook of a plugin gives; nothing, with a problem, where it does not load or fit."""
        manager = self.manager
        try:
            manager.register(plugin.load(), name=plugin.name)
            manager.check_pending()
            found: list[tuple[str, Any]] = []
            for hook in (*_FITS, "words"):
                for one in getattr(manager.hook, hook).get_hookimpls():
                    if one.plugin_name == plugin.name:
                        given = one.function()
                        found += [(hook, given)] if hook == "words" else [(hook, each) for each in given]
        except PluginValidationError as error:
            self.diagnostics.add(catalogue.PLUGIN_UNFIT, place, reason=str(error).strip().splitlines()[-1])
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
            return []
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a foreign module raises, the run stops with its name
            self.diagnostics.add(catalogue.PLUGIN_BROKEN, place, error=f"{type(error).__name__}: {error}")
            return []
        return found

    def take(self, hook: str, found: Any, place: Location) -> None:  # noqa: ANN401  whatever a plugin gave
        if hook == "words":
            self.learn(found, place)
            return
        cls, faults = _FITS[hook]
        if not isinstance(found, cls) or getattr(found, "hook", hook) != hook:
            self.unfit(place, f"{found!r:.80} is no {_TITLES[hook]}")
            return
        contract, name = getattr(found, "contract", None), str(getattr(found, "name", ""))
        if contract != CONTRACT:
            self.diagnostics.add(catalogue.PLUGIN_CONTRACT, place, name=name, theirs=contract, ours=CONTRACT)
            return
        wrong = next(faults(found), None)
        if wrong is not None:
            self.unfit(place, f"{name}: {wrong}")
            return
        names = [name, *getattr(found, "endings", ())]
        taken = next((one for one in names if (hook, one) in self.brought_by), None)
        if taken is not None:
            self.diagnostics.add(catalogue.PLUGIN_TWICE, place, name=taken, other=self.brought_by[hook, taken])
            return
        for one in names:
            self.brought_by[hook, one] = place.source.removeprefix(f"{GROUP}: ")
        self.found[hook][name] = found

    def unfit(self, place: Location, reason: str) -> None:
        self.diagnostics.add(catalogue.PLUGIN_UNFIT, place, reason=reason)

    def learn(self, words: Any, place: Location) -> None:  # noqa: ANN401  whatever a plugin gave
        right = isinstance(words, Mapping) and all(
            isinstance(language, str)
            and isinstance(several, Mapping)
            and all(isinstance(text, str) for pair in several.items() for text in pair)
            and all(_fill_alike(*pair) for pair in several.items())
            for language, several in words.items()
        )
        if not right:
            self.unfit(place, f"{words!r:.80} is not sentences by language")
            return
        for language, several in words.items():
            self.words.setdefault(language, {}).update(several)


def _fill_alike(english: str, other: str) -> bool:
    """Whether a sentence in another language has no blanks but those of the English one."""
    try:
        return placeholders(other) <= placeholders(english)
    except ValueError:  # a brace that is none
        return False


def _of_scorer(of: Scorer) -> Iterator[str]:
    if not attrs.has(of.parameters) or not callable(getattr(of.parameters, "entries", None)):
        yield "no attrs class with a method `entries`"
    elif not of.summary:
        yield "its class has no docstring"


def _of_operator(of: Operator) -> Iterator[str]:
    if not callable(of.expand) or not of.summary:
        yield "no function with a docstring"
    elif any(one.kind is not one.POSITIONAL_OR_KEYWORD for one in inspect.signature(of.expand).parameters.values()):
        yield "its operands are no plain parameters"
    elif not of.operands:
        yield "it has no operands"
    elif not of.name.isidentifier() or not of.name.isascii() or of.name in {*FUNCTIONS, *PREFIXES, *OF_CEL, *RESERVED}:
        yield "the language has this name, or cannot have it"


def _of_check(of: Check) -> Iterator[str]:
    if not callable(of.diagnostics) or not of.summary:
        yield "no function with a docstring"


def _of_outside(of: ExternalHook) -> Iterator[str]:
    if not _NAME.fullmatch(of.name):
        yield "it has no name"
    yield from of.faults()


_FITS: Final[dict[str, tuple[type, Callable[[Any], Iterator[str]]]]] = {
    "scorers": (Scorer, _of_scorer),
    "operators": (Operator, _of_operator),
    "checks": (Check, _of_check),
    "readers": (ExternalHook, _of_outside),
    "renderers": (ExternalHook, _of_outside),
}
"""By hook what its plugins give, and what may be wrong with one."""
_TITLES: Final = {
    "scorers": "Scorer",
    "operators": "Operator",
    "checks": "Check",
    "readers": "Reader",
    "renderers": "Renderer",
}
