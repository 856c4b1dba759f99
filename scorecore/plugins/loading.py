"""Plugins to what they bring. One that does not load or fit is a diagnostic, and nothing is decided without it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final, Protocol

import attrs
from attrs import define, field
from pluggy import PluginManager, PluginValidationError

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics, placeholders
from scorecore.diagnostics.failures import describe_failure, locate_code
from scorecore.diagnostics.source import Location
from scorecore.language.cel.macros import Operator
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
from scorecore.plugins.faults import find_check_faults, find_hook_faults, find_operator_faults, find_scorer_faults
from scorecore.plugins.provenance import Origin, Participant, normalize_distribution
from scorecore.plugins.reserved import has_reserved_code

WORDS: Final = "words"
"""The hook that gives sentences; the others give contributions with a name."""


class Loadable(Protocol):
    """A plugin that is not loaded yet: an entry point."""

    name: str
    value: str

    def load(self) -> Any: ...  # noqa: ANN401  a module, or any object that has the hooks


def load_scorers(plugins: Iterable[Loadable], diagnostics: Diagnostics) -> Plugins:
    """All that plugins bring; as a mapping, the scorers by name."""
    registry = _Registry(diagnostics)
    for plugin in plugins:
        place = Location(f"{GROUP}: {_entry_point_text(plugin)}", 0, 0)
        origin = registry.find_origin(plugin)
        for hook, contribution in registry.call_hooks(plugin, place):
            registry.add(hook, contribution, place, origin)
    return Plugins(**registry.contributions, words=registry.words, origins=registry.origins)


def _entry_point_text(plugin: Loadable) -> str:
    return f"{plugin.name} = {plugin.value}"


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
    origins: dict[Participant, Origin] = field(factory=dict)
    """The same, the distribution."""
    _distributions: dict[int, tuple[object, Origin]] = field(factory=dict)
    """Those that were read, for that takes time."""

    def find_origin(self, plugin: Loadable) -> Origin:
        """The distribution of a plugin."""
        distribution: Any = getattr(plugin, "dist", None)
        if distribution is None:
            return Origin(normalize_distribution(plugin.name), "")
        if id(distribution) not in self._distributions:
            origin = Origin(normalize_distribution(distribution.name), str(distribution.version))
            self._distributions[id(distribution)] = distribution, origin  # kept, so that no other one gets its id
        return self._distributions[id(distribution)][1]

    def call_hooks(self, plugin: Loadable, place: Location) -> list[tuple[str, object]]:
        """What each hook of a plugin gives; nothing, with a diagnostic, where it does not load or fit."""
        manager = self.manager
        name = place.source  # two packages may give their plugins one name
        try:
            loaded = plugin.load()
            if manager.is_registered(loaded):
                other = str(manager.get_name(loaded)).removeprefix(f"{GROUP}: ")
                self.diagnostics.add(catalogue.PLUGIN_TWICE, place, name=plugin.value, other=other)
                return []
            manager.register(loaded, name=name)
            manager.check_pending()
            self.refuse_reserved_codes(loaded, place)
            return list(self._call_each(name, place))
        except PluginValidationError as error:
            self.refuse(place, str(error).strip().splitlines()[-1])
            if manager.has_plugin(name):
                manager.unregister(name=name)
        except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a plugin raises, the run stops with its name
            params = {"name": _plugin_name(place), **describe_failure(error, plugin.value.partition(":")[0])}
            self.diagnostics.take(Diagnostic(catalogue.PLUGIN_BROKEN, place, params, cause=error))
        return []

    def _call_each(self, name: str, place: Location) -> Iterator[tuple[str, object]]:
        for hook in (*_CONTRIBUTIONS, WORDS):
            for implementation in getattr(self.manager.hook, hook).get_hookimpls():
                if implementation.plugin_name != name:
                    continue
                returned = implementation.function()
                if hook == WORDS:
                    yield hook, returned
                elif isinstance(returned, Iterable):
                    yield from ((hook, element) for element in returned)
                else:
                    reason = f"its hook `{hook}` returns {returned!r:.80} and not a list"
                    self.refuse(place, reason, implementation.function)

    def add(self, hook: str, contribution: object, place: Location, origin: Origin) -> None:
        """Keep what a hook gave, if it fits and its name is free."""
        if hook == WORDS:
            self.origins[hook, origin.distribution] = origin
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
        fault = _find_fault(kind, contribution)
        if fault is not None:
            self.refuse(place, f"{name}: {fault}", kind.find_code(contribution))
            return
        names = [name, *getattr(contribution, "endings", ()), *getattr(contribution, "schemes", ())]
        occupied = next((key for key in names if (hook, key) in self.brought_by), None)
        if occupied is not None:
            first = self.brought_by[hook, occupied]
            self.diagnostics.add(catalogue.PLUGIN_TWICE, place, name=occupied, other=first)
            return
        self.brought_by |= {(hook, key): place.source.removeprefix(f"{GROUP}: ") for key in names}
        self.contributions[hook][name] = contribution
        self.origins[hook, name] = origin

    def refuse(self, place: Location, reason: str, code: object = None) -> None:
        """Report what does not fit, with the line of the function or class in question."""
        where = locate_code(code)
        params = {"reason": reason, "name": _plugin_name(place), **({"where": where} if where else {})}
        self.diagnostics.add(catalogue.PLUGIN_UNFIT, place, **params)

    def refuse_reserved_codes(self, loaded: object, place: Location) -> None:
        """Kinds of problems that a plugin declares must not look like those of scorecore."""
        for name, kind in vars(loaded).items() if isinstance(loaded, ModuleType) else ():
            if isinstance(kind, DiagnosticKind) and has_reserved_code(kind, str(vars(loaded).get("__name__"))):
                self.refuse(place, f"{name}: the code {kind.code} begins with SC, as those of scorecore do")

    def add_words(self, words: object, place: Location) -> None:
        if not isinstance(words, Mapping) or not all(map(_is_translation, words, words.values())):
            self.refuse(place, f"{words!r:.80} is not sentences by language")
            return
        for language, sentences in words.items():
            self.words.setdefault(language, {}).update(sentences)


def _find_fault(kind: "_Contribution", contribution: object) -> str | None:
    """The first fault of a contribution; what cannot even be looked at has one."""
    try:
        return next(kind.find_faults(contribution), None)
    except Exception as error:  # noqa: BLE001  a contribution has any shape
        return f"{type(error).__name__}: {error}"


def _plugin_name(place: Location) -> str:
    """The name of the entry point at a place."""
    return place.source.removeprefix(f"{GROUP}: ").partition(" = ")[0]


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


@attrs.frozen
class _Contribution:
    """What the plugins of a hook give."""

    title: str
    cls: type
    find_faults: Callable[[Any], Iterator[str]]
    code: str
    """The attribute with the function or class that does the work."""

    def find_code(self, contribution: object) -> object:
        return getattr(contribution, self.code, None)


_CONTRIBUTIONS: Final[Mapping[str, _Contribution]] = {
    "scorers": _Contribution("Scorer", Scorer, find_scorer_faults, "parameters"),
    "operators": _Contribution("Operator", Operator, find_operator_faults, "expand"),
    "checks": _Contribution("Check", Check, find_check_faults, "diagnostics"),
    "readers": _Contribution("Reader", ExternalHook, find_hook_faults, "read"),
    "writers": _Contribution("Writer", ExternalHook, find_hook_faults, "write"),
    "renderers": _Contribution("Renderer", ExternalHook, find_hook_faults, "render"),
}
"""By hook."""
