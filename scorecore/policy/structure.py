"""A tree of TOML with positions to attrs classes; whatever does not fit becomes a problem at its place.

cattrs walks the types; the hooks here say what fits. Scorers' parameter classes go the same way, so a plugin's
author declares them with attrs and gets unknown keys, near names and places for nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
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
from scorecore.language.cel.syntax import LiteralSyntax, Place, Syntax
from scorecore.policy.model import HIDDEN, Periods
from scorecore.policy.toml import (
    Node,
    TomlArray,
    TomlScalar,
    TomlTable,
)
from scorecore.values.types import find_number_fault

Part = TypeVar("Part")
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"\s*[-+]?[0-9][0-9_,]*(\.[0-9]*)?%?\s*")
"""Text that was meant as a number."""


def structure(
    node: Node,
    cls: type[Part],
    diagnostics: Diagnostics,
    *,
    also: Iterable[str] = (),
    **known: Any,  # noqa: ANN401
) -> Part | None:
    """`node` as a `cls`; None if it does not fit, with the problems.

    `known` fills hidden fields; `also` are keys that somebody else has read, for the hints.
    """
    try:
        return _part(node, cls, known, also)
    except Rejected as refused:
        for diagnostic in refused.diagnostics:
            diagnostics.take(diagnostic)
        return None


def named(name: str, location: Location, diagnostics: Diagnostics) -> None:
    """Report a name that an expression could not use."""
    if not _IDENTIFIER.fullmatch(name):
        diagnostics.add(catalogue.BAD_NAME, location, len(name), name=name)
    elif name in RESERVED:
        diagnostics.add(catalogue.RESERVED_WORD, location, len(name), word=name)


def _refuse(kind: DiagnosticKind, node: Node, **params: object) -> Rejected:
    length = node.length if isinstance(node, TomlScalar) else 1
    filled = {name: str(value) for name, value in params.items()}
    return Rejected((Diagnostic(kind, node.location, filled, length),))


def _shown(node: Node) -> str:
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
    return tuple(attrs.fields(cls))


def _keys(cls: type) -> "dict[str, attrs.Attribute[Any]]":
    return {one.name.rstrip("_"): one for one in _fields(cls) if not one.metadata.get(HIDDEN)}


def _part(node: Node, cls: type[Part], known: dict[str, Any], also: Iterable[str] = ()) -> Part:
    if not isinstance(node, TomlTable):
        raise _refuse(catalogue.EXPECTED_TABLE, node, found=_shown(node))
    diagnostics = Diagnostics()
    keys = _keys(cls)
    hidden = {one.name for one in _fields(cls) if one.metadata.get(HIDDEN)}
    rest = TomlTable(node.location, name=node.name)
    values: dict[str, Any] = {}
    for key, child in node.entries.items():
        if key in keys:
            try:
                values[keys[key].name] = _CONVERTER.structure(child, keys[key].type or object)
            except (Rejected, ExceptionGroup) as error:
                for diagnostic in _flat(error):
                    diagnostics.take(diagnostic)
        elif "rest" in hidden:
            rest.entries[key], rest.keys[key] = child, node.keys[key]
        else:
            params = suggest(key, [*keys, *also]) or {"keys": ", ".join(keys)}
            diagnostics.add(catalogue.UNKNOWN_KEY, node.keys[key], len(key), key=key, **params)
    for key, attribute in keys.items():
        if attribute.default is attrs.NOTHING and key not in node.entries:
            diagnostics.add(catalogue.MISSING_KEY, *node.span, key=key)
    diagnostics.refuse()
    extra = {"place": node.span[0], "spans": dict(_spans(node)), "rest": rest, **known}
    return cls(**values, **{name: value for name, value in extra.items() if name in hidden})


def _spans(of: TomlTable) -> Iterator[tuple[str, tuple[Location, int]]]:
    """What to mark for each key: a single value, or else the key itself; `of.0` is the first value in a list."""
    yield "", of.span
    for key, node in of.entries.items():
        yield key, (node.location, node.length) if isinstance(node, TomlScalar) else (of.keys[key], len(key))
        for number, item in enumerate(node.items if isinstance(node, TomlArray) else ()):
            if isinstance(item, TomlScalar):
                yield f"{key}.{number}", (item.location, item.length)


def _flat(error: Rejected | ExceptionGroup[Any]) -> list[Diagnostic]:
    if isinstance(error, Rejected):
        return list(error.diagnostics)
    diagnostics = []
    for one in error.exceptions:
        if not isinstance(one, Rejected | ExceptionGroup):
            raise one  # not the author's mistake but ours
        diagnostics += _flat(one)
    return diagnostics


def _scalar(node: Node, fits: type | tuple[type, ...], kind: DiagnosticKind) -> Any:  # noqa: ANN401  the value
    wrong_bool = isinstance(node, TomlScalar) and isinstance(node.value, bool) and fits is not bool
    if not isinstance(node, TomlScalar) or wrong_bool or not isinstance(node.value, fits):
        raise _refuse(kind, node, found=_shown(node))
    return node.value


def _decimal(node: Node, _: object = None) -> Decimal:
    value = Decimal(_scalar(node, (int, Decimal), catalogue.EXPECTED_NUMBER))
    kind = find_number_fault(value)
    if kind:
        raise _refuse(kind, node, number=_shown(node), places=12)
    return value


def _day(node: Node, _: object = None) -> date:
    value = _scalar(node, date, catalogue.EXPECTED_DATE)
    if isinstance(value, datetime):
        raise _refuse(catalogue.EXPECTED_DATE, node, found=_shown(node))
    return value  # type: ignore[no-any-return]


def _any_value(node: Node) -> bool | int | Decimal | str | date:
    if not isinstance(node, TomlScalar):
        raise _refuse(catalogue.EXPECTED_VALUE, node, found=_shown(node))
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
        found = node.snippet.text if isinstance(node, TomlScalar) else _shown(node)
        raise _refuse(
            catalogue.EXPECTED_CHOICE, node, found=found, choices=", ".join(choices), **suggest(found, choices)
        )
    return node.value


def _list(cls: Any) -> Callable[[Node, Any], tuple[Any, ...]]:  # noqa: ANN401  a tuple type
    of = get_args(cls)[0]

    def hook(node: Node, _: object) -> tuple[Any, ...]:
        if not isinstance(node, TomlArray):
            raise _refuse(catalogue.EXPECTED_LIST, node, found=_shown(node))
        return tuple(_each((item, of) for item in node.items))

    return hook


def _map(cls: Any) -> Callable[[Node, Any], dict[str, Any]]:  # noqa: ANN401  a dict type
    of = get_args(cls)[1]

    def hook(node: Node, _: object) -> dict[str, Any]:
        if not isinstance(node, TomlTable):
            raise _refuse(catalogue.EXPECTED_TABLE, node, found=_shown(node))
        return dict(zip(node.entries, _each((item, of) for item in node.entries.values()), strict=True))

    return hook


def _each(pairs: Any) -> list[Any]:  # noqa: ANN401  nodes with their types
    diagnostics = Diagnostics()
    values = []
    for node, of in pairs:
        try:
            values.append(_CONVERTER.structure(node, of))
        except (Rejected, ExceptionGroup) as error:
            for diagnostic in _flat(error):
                diagnostics.take(diagnostic)
    diagnostics.refuse()
    return values


def _union(cls: Any) -> Callable[[Node, Any], Any]:  # noqa: ANN401  a union and its value
    members = [one for one in get_args(cls) if one is not NoneType]
    words = [one for one in members if get_origin(one) is Literal]

    def hook(node: Node, _: object) -> Any:  # noqa: ANN401  a value of the union
        if set(members) >= {bool, date}:  # any single value
            return _any_value(node)
        if str in members and isinstance(node, TomlScalar) and isinstance(node.value, str):
            return node.value
        for one in words:
            if isinstance(node, TomlScalar) and node.value in get_args(one):
                return node.value
        other: Any = next((one for one in members if one not in words), None)
        text = isinstance(node, TomlScalar) and isinstance(node.value, str) and not _NUMBER.fullmatch(node.value)
        if words and (other is None or text):
            return _choice(node, words[0])
        return _CONVERTER.structure(node, other)

    return hook


def expression(node: Node, _: object = None) -> Syntax:
    """An expression: text to be parsed, or a number or truth value that stands for itself."""
    if not isinstance(node, TomlScalar):
        raise _refuse(catalogue.EXPECTED_EXPRESSION, node, found=_shown(node))
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
        return _part(node, cls, {})
    every = _choice(node, attrs.fields(cls).every.type)
    return cls(every=every, place=node.location)


def _origin(cls: object) -> object:
    return get_origin(cls)


def _converter() -> Converter:
    converter = Converter()
    converter.register_structure_hook_factory(attrs.has, lambda cls: lambda node, _: _part(node, cls, {}))
    converter.register_structure_hook_func(lambda cls: cls is Periods, _periods)
    converter.register_structure_hook_func(lambda cls: _origin(cls) is Literal, _choice)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is tuple, _list)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) is dict, _map)
    converter.register_structure_hook_factory(lambda cls: _origin(cls) in {Union, UnionType}, _union)
    converter.register_structure_hook_func(lambda cls: cls is Syntax, expression)
    converter.register_structure_hook_func(lambda cls: cls is Snippet, _snippet)
    converter.register_structure_hook(Decimal, _decimal)
    converter.register_structure_hook_func(lambda cls: cls is date, _day)
    for of, kind in ((str, catalogue.EXPECTED_TEXT), (int, catalogue.EXPECTED_WHOLE), (bool, catalogue.EXPECTED_BOOL)):
        converter.register_structure_hook(of, lambda node, _, of=of, kind=kind: _scalar(node, of, kind))
    return converter


_CONVERTER: Final = _converter()
