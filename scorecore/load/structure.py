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

from scorecore import kinds
from scorecore.cel.parser import RESERVED, parse
from scorecore.cel.syntax import Constant, Place, Syntax
from scorecore.document import Array, Node, Scalar, Table
from scorecore.policy import HIDDEN, Periods
from scorecore.problems import Kind as ProblemKind
from scorecore.problems import Problem, Problems, Refused, hint
from scorecore.source import Location, Snippet
from scorecore.types import unusable

Part = TypeVar("Part")
_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"\s*[-+]?[0-9][0-9_,]*(\.[0-9]*)?%?\s*")
"""Text that was meant as a number."""


def structure(
    node: Node,
    cls: type[Part],
    problems: Problems,
    *,
    also: Iterable[str] = (),
    **known: Any,  # noqa: ANN401
) -> Part | None:
    """`node` as a `cls`; None if it does not fit, with the problems.

    `known` fills hidden fields; `also` are keys that somebody else has read, for the hints.
    """
    try:
        return _part(node, cls, known, also)
    except Refused as refused:
        for problem in refused.problems:
            problems.take(problem)
        return None


def named(name: str, location: Location, problems: Problems) -> None:
    """Report a name that an expression could not use."""
    if not _IDENTIFIER.fullmatch(name):
        problems.add(kinds.BAD_NAME, location, len(name), name=name)
    elif name in RESERVED:
        problems.add(kinds.RESERVED_WORD, location, len(name), word=name)


def _refuse(kind: ProblemKind, node: Node, **blanks: object) -> Refused:
    length = node.length if isinstance(node, Scalar) else 1
    filled = {name: str(value) for name, value in blanks.items()}
    return Refused((Problem(kind, node.location, filled, length),))


def _shown(node: Node) -> str:
    match node:
        case Scalar(value=str()):
            return f'"{node.snippet.text}"'
        case Scalar():
            return node.snippet.text
        case Array():
            return "[ … ]"
        case _:
            return "{ … }"


def _fields(cls: type) -> "tuple[attrs.Attribute[Any], ...]":
    return tuple(attrs.fields(cls))


def _keys(cls: type) -> "dict[str, attrs.Attribute[Any]]":
    return {one.name.rstrip("_"): one for one in _fields(cls) if not one.metadata.get(HIDDEN)}


def _part(node: Node, cls: type[Part], known: dict[str, Any], also: Iterable[str] = ()) -> Part:
    if not isinstance(node, Table):
        raise _refuse(kinds.EXPECTED_TABLE, node, found=_shown(node))
    problems = Problems()
    keys = _keys(cls)
    hidden = {one.name for one in _fields(cls) if one.metadata.get(HIDDEN)}
    rest = Table(node.location, name=node.name)
    values: dict[str, Any] = {}
    for key, child in node.entries.items():
        if key in keys:
            try:
                values[keys[key].name] = _CONVERTER.structure(child, keys[key].type or object)
            except (Refused, ExceptionGroup) as error:
                for problem in _flat(error):
                    problems.take(problem)
        elif "rest" in hidden:
            rest.entries[key], rest.keys[key] = child, node.keys[key]
        else:
            blanks = hint(key, [*keys, *also]) or {"keys": ", ".join(keys)}
            problems.add(kinds.UNKNOWN_KEY, node.keys[key], len(key), key=key, **blanks)
    for key, attribute in keys.items():
        if attribute.default is attrs.NOTHING and key not in node.entries:
            problems.add(kinds.MISSING_KEY, *node.span, key=key)
    problems.refuse()
    extra = {"place": node.span[0], "spans": dict(_spans(node)), "rest": rest, **known}
    return cls(**values, **{name: value for name, value in extra.items() if name in hidden})


def _spans(of: Table) -> Iterator[tuple[str, tuple[Location, int]]]:
    """What to mark for each key: a single value, or else the key itself; `of.0` is the first value in a list."""
    yield "", of.span
    for key, node in of.entries.items():
        yield key, (node.location, node.length) if isinstance(node, Scalar) else (of.keys[key], len(key))
        for number, item in enumerate(node.items if isinstance(node, Array) else ()):
            if isinstance(item, Scalar):
                yield f"{key}.{number}", (item.location, item.length)


def _flat(error: Refused | ExceptionGroup[Any]) -> list[Problem]:
    if isinstance(error, Refused):
        return list(error.problems)
    problems = []
    for one in error.exceptions:
        if not isinstance(one, Refused | ExceptionGroup):
            raise one  # not the author's mistake but ours
        problems += _flat(one)
    return problems


def _scalar(node: Node, fits: type | tuple[type, ...], kind: ProblemKind) -> Any:  # noqa: ANN401  the value
    wrong_bool = isinstance(node, Scalar) and isinstance(node.value, bool) and fits is not bool
    if not isinstance(node, Scalar) or wrong_bool or not isinstance(node.value, fits):
        raise _refuse(kind, node, found=_shown(node))
    return node.value


def _decimal(node: Node, _: object = None) -> Decimal:
    value = Decimal(_scalar(node, (int, Decimal), kinds.EXPECTED_NUMBER))
    kind = unusable(value)
    if kind:
        raise _refuse(kind, node, number=_shown(node), places=12)
    return value


def _day(node: Node, _: object = None) -> date:
    value = _scalar(node, date, kinds.EXPECTED_DATE)
    if isinstance(value, datetime):
        raise _refuse(kinds.EXPECTED_DATE, node, found=_shown(node))
    return value  # type: ignore[no-any-return]


def _any_value(node: Node) -> bool | int | Decimal | str | date:
    if not isinstance(node, Scalar):
        raise _refuse(kinds.EXPECTED_VALUE, node, found=_shown(node))
    match node.value:
        case bool() | str():
            return node.value
        case int() | Decimal():
            return node.value if isinstance(node.value, int) else _decimal(node)
        case _:
            return _day(node)


def _choice(node: Node, cls: Any) -> Any:  # noqa: ANN401  a Literal and its value
    choices = get_args(cls)
    if not isinstance(node, Scalar) or node.value not in choices:
        found = node.snippet.text if isinstance(node, Scalar) else _shown(node)
        raise _refuse(kinds.EXPECTED_CHOICE, node, found=found, choices=", ".join(choices), **hint(found, choices))
    return node.value


def _list(cls: Any) -> Callable[[Node, Any], tuple[Any, ...]]:  # noqa: ANN401  a tuple type
    of = get_args(cls)[0]

    def hook(node: Node, _: object) -> tuple[Any, ...]:
        if not isinstance(node, Array):
            raise _refuse(kinds.EXPECTED_LIST, node, found=_shown(node))
        return tuple(_each((item, of) for item in node.items))

    return hook


def _map(cls: Any) -> Callable[[Node, Any], dict[str, Any]]:  # noqa: ANN401  a dict type
    of = get_args(cls)[1]

    def hook(node: Node, _: object) -> dict[str, Any]:
        if not isinstance(node, Table):
            raise _refuse(kinds.EXPECTED_TABLE, node, found=_shown(node))
        return dict(zip(node.entries, _each((item, of) for item in node.entries.values()), strict=True))

    return hook


def _each(pairs: Any) -> list[Any]:  # noqa: ANN401  nodes with their types
    problems = Problems()
    values = []
    for node, of in pairs:
        try:
            values.append(_CONVERTER.structure(node, of))
        except (Refused, ExceptionGroup) as error:
            for problem in _flat(error):
                problems.take(problem)
    problems.refuse()
    return values


def _union(cls: Any) -> Callable[[Node, Any], Any]:  # noqa: ANN401  a union and its value
    members = [one for one in get_args(cls) if one is not NoneType]
    words = [one for one in members if get_origin(one) is Literal]

    def hook(node: Node, _: object) -> Any:  # noqa: ANN401  a value of the union
        if set(members) >= {bool, date}:  # any single value
            return _any_value(node)
        if str in members and isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        for one in words:
            if isinstance(node, Scalar) and node.value in get_args(one):
                return node.value
        other: Any = next((one for one in members if one not in words), None)
        text = isinstance(node, Scalar) and isinstance(node.value, str) and not _NUMBER.fullmatch(node.value)
        if words and (other is None or text):
            return _choice(node, words[0])
        return _CONVERTER.structure(node, other)

    return hook


def expression(node: Node, _: object = None) -> Syntax:
    """An expression: text to be parsed, or a number or truth value that stands for itself."""
    if not isinstance(node, Scalar):
        raise _refuse(kinds.EXPECTED_EXPRESSION, node, found=_shown(node))
    if isinstance(node.value, str):
        problems = Problems()
        syntax = parse(node.snippet, problems)
        problems.refuse()
        assert syntax is not None  # noqa: S101  without problems there is an expression
        return syntax
    value = _any_value(node)
    return Constant(value, Place(node.location, len(node.snippet.text)))


def _snippet(node: Node, _: object = None) -> Snippet:
    _scalar(node, str, kinds.EXPECTED_TEXT)
    assert isinstance(node, Scalar)  # noqa: S101  _scalar has refused anything else
    return node.snippet


def _periods(node: Node, cls: type[Periods]) -> Periods:
    if isinstance(node, Table):
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
    for of, kind in ((str, kinds.EXPECTED_TEXT), (int, kinds.EXPECTED_WHOLE), (bool, kinds.EXPECTED_BOOL)):
        converter.register_structure_hook(of, lambda node, _, of=of, kind=kind: _scalar(node, of, kind))
    return converter


_CONVERTER: Final = _converter()
