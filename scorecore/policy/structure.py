"""A tree of TOML with positions to attrs classes; what does not fit becomes a diagnostic at its place.

cattrs walks the types; the hooks here say what fits. Scorers' parameter classes go the same way, so a plugin's
author declares them with attrs and gets diagnostics for unknown keys, similar names and places for free.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

import attrs
from cattrs import Converter

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics, Rejected
from scorecore.diagnostics.source import Location, Snippet
from scorecore.diagnostics.suggest import suggest
from scorecore.language.cel.parser import RESERVED, parse
from scorecore.language.cel.syntax import LiteralSyntax, Place, Syntax, Unparsed
from scorecore.policy.model import HIDDEN, Bounds, Periods, Policy
from scorecore.policy.salvage import Salvage
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
    is_unreadable,
)
from scorecore.values.types import find_number_fault

Part = TypeVar("Part")
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"\s*[-+]?[0-9][0-9_,]*(\.[0-9]*)?%?\s*")
"""Text that was meant as a number."""


_SALVAGE: Final[ContextVar[Salvage | None]] = ContextVar("salvage", default=None)
"""Hooks of cattrs are called with a node and a type, and nothing else."""


@contextmanager
def _salvaging(salvage: Salvage | None) -> Iterator[None]:
    token = _SALVAGE.set(salvage)
    try:
        yield
    finally:
        _SALVAGE.reset(token)


def structure(
    node: Node,
    cls: type[Part],
    diagnostics: Diagnostics,
    *,
    also: Iterable[str] = (),
    salvage: Salvage | None = None,
    **hidden_values: object,
) -> Part | None:
    """`node` as a `cls`; None if it does not fit, with the diagnostics.

    `hidden_values` fill hidden fields; `also` are keys that have been read already, for the hints. With `salvage`
    what does not fit is left out where that is possible.
    """
    part = None
    with _salvaging(salvage):
        try:
            part = _structure_part(node, cls, hidden_values, also)
        except Rejected as rejected:
            _take_all(rejected, diagnostics)
            if salvage:
                salvage.is_complete = False
    for diagnostic in salvage.diagnostics if salvage else ():
        diagnostics.take(diagnostic)
    return part


def check_name(name: str, location: Location, diagnostics: Diagnostics) -> None:
    """Report a name that an expression could not use."""
    if not _IDENTIFIER.fullmatch(name):
        diagnostics.add(catalogue.BAD_NAME, location, len(name), name=name)
    elif name in RESERVED:
        diagnostics.add(catalogue.RESERVED_WORD, location, len(name), word=name)


def _reject(kind: DiagnosticKind, node: Node, **params: object) -> Rejected:
    length = node.length if isinstance(node, TomlScalar) else 1
    texts = {name: str(param) for name, param in params.items()}
    return Rejected((Diagnostic(kind, node.location, texts, length),))


def _print_node(node: Node) -> str:
    match node:
        case TomlScalar(value=str()):
            return f'"{node.snippet.text}"'
        case TomlScalar():
            return node.snippet.text
        case TomlArray():
            return "[ … ]"
        case _:
            return "{ … }"


def _fields(cls: type) -> "tuple[attrs.Attribute[Any], ...]":
    fields = attrs.fields(cls)
    if any(isinstance(attribute.type, str) for attribute in fields):  # `from __future__ import annotations`
        fields = attrs.fields(attrs.resolve_types(cls))
    return tuple(fields)


def _keys(cls: type) -> "dict[str, attrs.Attribute[Any]]":
    return {field.name.rstrip("_"): field for field in _fields(cls) if not field.metadata.get(HIDDEN)}


def _structure_node(node: Node, declared_type: Any) -> Any:  # noqa: ANN401  a type, and a value of it
    """What a node is; what could not be read has been reported."""
    if _SALVAGE.get() and is_unreadable(node):
        raise Rejected(())
    return _CONVERTER.structure(node, declared_type)


def _structure_part(node: Node, cls: type[Part], hidden_values: Mapping[str, object], also: Iterable[str] = ()) -> Part:
    if _SALVAGE.get() and is_unreadable(node):
        raise Rejected(())
    if not isinstance(node, TomlTable):
        raise _reject(catalogue.EXPECTED_TABLE, node, found=_print_node(node))
    salvage, diagnostics = _SALVAGE.get(), Diagnostics()
    keys = _keys(cls)
    hidden_names = {field.name for field in _fields(cls) if field.metadata.get(HIDDEN)}
    values, misfits = _structure_keys(node, cls, salvage, diagnostics)
    remainder = TomlTable(node.location, name=node.name)
    for key, child in node.entries.items():
        if key in keys:
            continue
        remainder.entries[key], remainder.keys[key] = child, node.keys[key]
        if "rest" not in hidden_names:
            params = suggest(key, [*keys, *also]) or {"keys": ", ".join(keys)}
            reported = salvage.diagnostics if salvage else diagnostics
            reported.add(catalogue.UNKNOWN_KEY, node.keys[key], len(key), key=key, **params)
    for key, attribute in keys.items():
        if attribute.default is attrs.NOTHING and key not in node.entries:
            words = get_args(attribute.type) if _origin(attribute.type) is Literal else ()
            among = {"among": ", ".join(words)} if words else {}
            diagnostics.add(catalogue.MISSING_KEY, *node.span, key=key, **among)
    if misfits or diagnostics.error_count:
        if salvage:
            salvage.expressions += _find_expressions(tuple(values.values()))
        raise Rejected(tuple(diagnostics))
    extra = {"place": node.span[0], "spans": dict(_find_spans(node)), "rest": remainder, **hidden_values}
    return cls(**values, **{name: extra[name] for name in extra if name in hidden_names})


def _structure_keys(
    node: TomlTable, cls: type, salvage: Salvage | None, diagnostics: Diagnostics
) -> tuple[dict[str, Any], int]:
    """The values of the keys of a class, by field, and how many do not fit; a policy goes without a section."""
    values: dict[str, Any] = {}
    misfits = 0
    for key, attribute in _keys(cls).items():
        if key not in node.entries:
            continue
        try:
            values[attribute.name] = _structure_node(node.entries[key], attribute.type or object)
        except (Rejected, ExceptionGroup) as error:
            if salvage and cls is Policy:
                _leave_out(error, salvage)
            else:
                misfits += 1
                _take_all(error, diagnostics)
    return values, misfits


def _leave_out(error: Rejected | ExceptionGroup[Any], salvage: Salvage) -> None:
    """Report what is wrong with a part that is left out."""
    salvage.is_complete = False
    _take_all(error, salvage.diagnostics)


def _find_expressions(value: object) -> Iterator[Syntax]:
    """The expressions in what was read of a part, but for bounds, which read names of their own."""
    if isinstance(value, Syntax):
        yield value
    elif isinstance(value, tuple):
        for element in value:
            yield from _find_expressions(element)
    elif attrs.has(type(value)) and not isinstance(value, Bounds):
        for declared in _keys(type(value)).values():
            yield from _find_expressions(getattr(value, declared.name))


def _find_spans(table: TomlTable) -> Iterator[tuple[str, tuple[Location, int]]]:
    """What to mark for each key: a single value, or else the key itself.

    `of.0` is the first value in a list, `groups.x` the key `x` of a table.
    """
    yield "", table.span
    for key, node in table.entries.items():
        yield key, (node.location, node.length) if isinstance(node, TomlScalar) else (table.keys[key], len(key))
        for number, item in enumerate(node.items if isinstance(node, TomlArray) else ()):
            if isinstance(item, TomlScalar):
                yield f"{key}.{number}", (item.location, item.length)
        for name, place in node.keys.items() if isinstance(node, TomlTable) else ():
            yield f"{key}.{name}", (place, len(name))


def _take_all(error: Rejected | ExceptionGroup[Any], diagnostics: Diagnostics) -> None:
    """Keep the diagnostics of an exception, and of those that cattrs has grouped in it."""
    if isinstance(error, Rejected):
        for diagnostic in error.diagnostics:
            diagnostics.take(diagnostic)
        return
    for inner in error.exceptions:
        if not isinstance(inner, Rejected | ExceptionGroup):
            raise inner  # not the author's mistake but ours
        _take_all(inner, diagnostics)


def _scalar(node: Node, fits: type | tuple[type, ...], kind: DiagnosticKind) -> Any:  # noqa: ANN401  the value
    wrong_bool = isinstance(node, TomlScalar) and isinstance(node.value, bool) and fits is not bool
    if not isinstance(node, TomlScalar) or wrong_bool or not isinstance(node.value, fits):
        raise _reject(kind, node, found=_print_node(node))
    return node.value


def _decimal(node: Node, _: object = None) -> Decimal:
    value = Decimal(_scalar(node, (int, Decimal), catalogue.EXPECTED_NUMBER))
    kind = find_number_fault(value)
    if kind:
        raise _reject(kind, node, number=_print_node(node), places=12)
    return value


def _day(node: Node, _: object = None) -> date:
    value = _scalar(node, date, catalogue.EXPECTED_DATE)
    if isinstance(value, datetime):
        raise _reject(catalogue.EXPECTED_DATE, node, found=_print_node(node))
    return value  # type: ignore[no-any-return]


def _any_value(node: Node) -> bool | int | Decimal | str | date:
    if not isinstance(node, TomlScalar):
        raise _reject(catalogue.EXPECTED_VALUE, node, found=_print_node(node))
    match node.value:
        case bool() | str():
            return node.value
        case int() | Decimal():
            return node.value if isinstance(node.value, int) else _decimal(node)
        case _:
            return _day(node)


def _choice(node: Node, cls: Any) -> Any:  # noqa: ANN401  a Literal and its value
    choices = get_args(cls)
    if not isinstance(node, TomlScalar) or node.value not in choices:
        found = node.snippet.text if isinstance(node, TomlScalar) else _print_node(node)
        raise _reject(
            catalogue.EXPECTED_CHOICE, node, found=found, choices=", ".join(choices), **suggest(found, choices)
        )
    return node.value


def _list(cls: Any) -> Callable[[Node, Any], tuple[Any, ...]]:  # noqa: ANN401  a tuple type
    element_type = get_args(cls)[0]
    is_named = attrs.has(element_type) and not _NAMES.isdisjoint(_keys(element_type))

    def hook(node: Node, _: object) -> tuple[Any, ...]:
        if not isinstance(node, TomlArray):
            raise _reject(catalogue.EXPECTED_LIST, node, found=_print_node(node))
        parts = _structure_each(node.items, element_type, is_named=is_named)
        return tuple(part for part in parts if part is not _LEFT_OUT)

    return hook


def _map(cls: Any) -> Callable[[Node, Any], dict[str, Any]]:  # noqa: ANN401  a dict type
    value_type = get_args(cls)[1]

    def hook(node: Node, _: object) -> dict[str, Any]:
        if not isinstance(node, TomlTable):
            raise _reject(catalogue.EXPECTED_TABLE, node, found=_print_node(node))
        parts = _structure_each(node.entries.values(), value_type, is_named=attrs.has(value_type))
        return {key: part for key, part in zip(node.entries, parts, strict=True) if part is not _LEFT_OUT}

    return hook


_NAMES: Final = frozenset({"id", "name"})
"""The keys that identify the parts of a list."""
_LEFT_OUT: Final = object()
"""Stands for a part that does not fit, where others are kept."""


def _structure_each(nodes: Iterable[Node], element_type: Any, *, is_named: bool) -> list[Any]:  # noqa: ANN401  a type
    """The elements of a list or map; while parts are salvaged, those with names of their own are left out alone."""
    salvage, diagnostics = _SALVAGE.get(), Diagnostics()
    values: list[Any] = []
    is_misfit = False
    for node in nodes:
        try:
            values.append(_structure_node(node, element_type))
        except (Rejected, ExceptionGroup) as error:
            if salvage and is_named:
                _leave_out(error, salvage)
                values.append(_LEFT_OUT)
            else:
                is_misfit = True
                _take_all(error, diagnostics)
    if is_misfit:
        raise Rejected(tuple(diagnostics))
    return values


def _union(cls: Any) -> Callable[[Node, Any], Any]:  # noqa: ANN401  a union and its value
    members = [member for member in get_args(cls) if member is not NoneType]
    word_types = [member for member in members if get_origin(member) is Literal]
    others = [member for member in members if member not in word_types]
    value_type: Any = next((member for member in others if member is not str), *others[:1] or [None])

    def hook(node: Node, _: object) -> Any:  # noqa: ANN401  a value of the union
        if set(members) >= {bool, date}:  # any single value
            return _any_value(node)
        if str in members and isinstance(node, TomlScalar) and isinstance(node.value, str):
            return node.value
        for word_type in word_types:
            if isinstance(node, TomlScalar) and node.value in get_args(word_type):
                return node.value
        is_word = isinstance(node, TomlScalar) and isinstance(node.value, str) and not _NUMBER.fullmatch(node.value)
        if word_types and (value_type is None or is_word):
            return _choice(node, word_types[0])
        return _CONVERTER.structure(node, value_type)

    return hook


def expression(node: Node, _: object = None) -> Syntax:
    """An expression: text to be parsed, or a number or truth value that stands for itself."""
    salvage = _SALVAGE.get()
    try:
        return _read_expression(node)
    except Rejected as rejected:
        if salvage is None:
            raise
        _take_all(rejected, salvage.diagnostics)
        return Unparsed(Place(node.location, node.length if isinstance(node, TomlScalar) else 1))


def _read_expression(node: Node) -> Syntax:
    if not isinstance(node, TomlScalar):
        raise _reject(catalogue.EXPECTED_EXPRESSION, node, found=_print_node(node))
    if isinstance(node.value, str):
        diagnostics = Diagnostics()
        syntax = parse(node.snippet, diagnostics)
        diagnostics.refuse()
        assert syntax is not None  # noqa: S101  without problems there is an expression
        return syntax
    value = _any_value(node)
    return LiteralSyntax(value, Place(node.location, len(node.snippet.text)))


def _snippet(node: Node, _: object = None) -> Snippet:
    _scalar(node, str, catalogue.EXPECTED_TEXT)
    assert isinstance(node, TomlScalar)  # noqa: S101  _scalar has refused anything else
    return node.snippet


def _periods(node: Node, cls: type[Periods]) -> Periods:
    if isinstance(node, TomlTable):
        return _structure_part(node, cls, {})
    every = _choice(node, attrs.fields(cls).every.type)
    return cls(every=every, place=node.location)


def _origin(cls: object) -> object:
    return get_origin(cls)


def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook_factory(attrs.has, lambda cls: lambda node, _: _structure_part(node, cls, {}))
    converter.register_structure_hook_func(lambda cls: cls is Periods, _periods)
    converter.register_structure_hook_func(lambda cls: _origin(cls) is Literal, _choice)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is tuple, _list)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is dict, _map)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) in {Union, UnionType}, _union)
    converter.register_structure_hook_func(lambda cls: cls is Syntax, expression)
    converter.register_structure_hook_func(lambda cls: cls is Snippet, _snippet)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook_func(lambda cls: cls is date, _day)
    for cls, kind in ((str, catalogue.EXPECTED_TEXT), (int, catalogue.EXPECTED_WHOLE), (bool, catalogue.EXPECTED_BOOL)):
        converter.register_structure_hook(cls, lambda node, _, cls=cls, kind=kind: _scalar(node, cls, kind))
    return converter


_CONVERTER: Final = _converter()
