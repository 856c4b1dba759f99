"""Plugins to what they bring. One that does not load or fit is a diagnostic, and nothing is decided without it."""

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
from scorecore.policy.model import HIDDEN, ITEM_KEYS

WORDS: Final = "words"
"""The hook that gives sentences; the others give contributions with a name."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Loadable(Protocol):
    """A plugin that is not loaded yet: an entry point."""

    name: str
    value: str

    def load(self) -> Any: ...  # noqa: ANN401  a module, or any object that has the hooks


def load_scorers(plugins: Iterable[Loadable], diagnostics: Diagnostics) -> Plugins:
    """All that plugins bring; as a mapping, the scorers by name."""
    registry = _Registry(diagnostics)
    for plugin in plugins:
        place = Location(f"{GROUP}: {plugin.name} = {plugin.value}", 0, 0)
        for hook, contribution in registry.call_hooks(plugin, place):
            registry.add(hook, contribution, place)
    return Plugins(**registry.contributions, words=registry.words)


def _make_manager() -> PluginManager:
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    return manager


@define
class _Registry:
    """What plugins have brought so far."""

    diagnostics: Diagnostics
    manager: PluginManager = field(factory=_make_manager)
    contributions: dict[str, dict[str, Any]] = field(factory=lambda: {hook: {} for hook in _CONTRIBUTIONS})
    """By hook and name."""
    words: dict[str, dict[str, str]] = field(factory=dict)
    brought_by: dict[tuple[str, str], str] = field(factory=dict)
    """For each hook and name, the plugin that brought it."""

    def call_hooks(self, plugin: Loadable, place: Location) -> list[tuple[str, object]]:
        """What each hook of a plugin gives; nothing, with a diagnostic, where it does not load or fit."""
        manager = self.manager
        try:
            manager.register(plugin.load(), name=plugin.name)
            manager.check_pending()
            return list(self._call_each(plugin.name))
        except PluginValidationError as error:
            self.diagnostics.add(catalogue.PLUGIN_UNFIT, place, reason=str(error).strip().splitlines()[-1])
            if manager.has_plugin(plugin.name):
                manager.unregister(name=plugin.name)
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a plugin raises, the run stops with its name
            self.diagnostics.add(catalogue.PLUGIN_BROKEN, place, error=f"{type(error).__name__}: {error}")
        return []

    def _call_each(self, plugin_name: str) -> Iterator[tuple[str, object]]:
        for hook in (*_CONTRIBUTIONS, WORDS):
            for implementation in getattr(self.manager.hook, hook).get_hookimpls():
                if implementation.plugin_name == plugin_name:
                    returned = implementation.function()
                    yield from [(hook, returned)] if hook == WORDS else ((hook, element) for element in returned)

    def add(self, hook: str, contribution: object, place: Location) -> None:
        """Keep what a hook gave, if it fits and its name is free."""
        if hook == WORDS:
            self.add_words(contribution, place)
            return
        kind = _CONTRIBUTIONS[hook]
        if not isinstance(contribution, kind.cls) or getattr(contribution, "hook", hook) != hook:
            self.refuse(place, f"{contribution!r:.80} is not of type {kind.title}")
            return
        contract, name = getattr(contribution, "contract", None), str(getattr(contribution, "name", ""))
        if contract != CONTRACT:
            self.diagnostics.add(catalogue.PLUGIN_CONTRACT, place, name=name, theirs=contract, ours=CONTRACT)
            return
        fault = next(kind.find_faults(contribution), None)
        if fault is not None:
            self.refuse(place, f"{name}: {fault}")
            return
        names = [name, *getattr(contribution, "endings", ())]
        occupied = next((key for key in names if (hook, key) in self.brought_by), None)
        if occupied is not None:
            first = self.brought_by[hook, occupied]
            self.diagnostics.add(catalogue.PLUGIN_TWICE, place, name=occupied, other=first)
            return
        self.brought_by |= {(hook, key): place.source.removeprefix(f"{GROUP}: ") for key in names}
        self.contributions[hook][name] = contribution

    def refuse(self, place: Location, reason: str) -> None:
        self.diagnostics.add(catalogue.PLUGIN_UNFIT, place, reason=reason)

    def add_words(self, words: object, place: Location) -> None:
        if not isinstance(words, Mapping) or not all(map(_is_translation, words, words.values())):
            self.refuse(place, f"{words!r:.80} is not sentences by language")
            return
        for language, sentences in words.items():
            self.words.setdefault(language, {}).update(sentences)


def _is_translation(language: object, sentences: object) -> bool:
    """Whether this is a language with English sentences and their translations."""
    return (
        isinstance(language, str)
        and isinstance(sentences, Mapping)
        and all(isinstance(text, str) for pair in sentences.items() for text in pair)
        and all(_has_known_placeholders(*pair) for pair in sentences.items())
    )


def _has_known_placeholders(english: str, translation: str) -> bool:
    """Whether a translation has no placeholders but those of the English sentence."""
    try:
        return placeholders(translation) <= placeholders(english)
    except ValueError:  # a brace that does not belong to a placeholder
        return False


def _find_scorer_faults(scorer: Scorer) -> Iterator[str]:
    if not attrs.has(scorer.parameters) or not callable(getattr(scorer.parameters, "entries", None)):
        yield "no attrs class with a method `entries`"
        return
    if not scorer.summary:
        yield "its class has no docstring"
    for attribute in attrs.fields(scorer.parameters):
        key = attribute.name.rstrip("_")
        if key in ITEM_KEYS and not attribute.metadata.get(HIDDEN):
            yield f"its key `{key}` has the name of a key that every item has"


def _find_operator_faults(operator: Operator) -> Iterator[str]:
    if not callable(operator.expand) or not operator.summary:
        yield "no function with a docstring"
        return
    operands = inspect.signature(operator.expand).parameters.values()
    if any(operand.kind is not operand.POSITIONAL_OR_KEYWORD for operand in operands):
        yield "its operands are not plain parameters"
    if not operands:
        yield "it has no operands"
    is_name = operator.name.isidentifier() and operator.name.isascii()
    if not is_name or operator.name in {*FUNCTIONS, *PREFIXES, *OF_CEL, *RESERVED}:
        yield "the language has this name, or cannot have it"


def _find_check_faults(check: Check) -> Iterator[str]:
    if not callable(check.diagnostics) or not check.summary:
        yield "no function with a docstring"


def _find_hook_faults(hook: ExternalHook) -> Iterator[str]:
    if not _NAME.fullmatch(hook.name):
        yield "it has no name"
    yield from hook.faults()


@attrs.frozen
class _Contribution:
    """What the plugins of a hook give."""

    title: str
    cls: type
    find_faults: Callable[[Any], Iterator[str]]


_CONTRIBUTIONS: Final[Mapping[str, _Contribution]] = {
    "scorers": _Contribution("Scorer", Scorer, _find_scorer_faults),
    "operators": _Contribution("Operator", Operator, _find_operator_faults),
    "checks": _Contribution("Check", Check, _find_check_faults),
    "readers": _Contribution("Reader", ExternalHook, _find_hook_faults),
    "renderers": _Contribution("Renderer", ExternalHook, _find_hook_faults),
}
"""By hook."""
