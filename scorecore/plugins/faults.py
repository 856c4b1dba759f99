"""What keeps a contribution of a plugin from being used: each fault in one sentence."""

import inspect
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.macros import OF_CEL, Operator
from scorecore.language.cel.parser import RESERVED
from scorecore.language.cel.scope import FUNCTIONS, PREFIXES
from scorecore.language.cel.syntax import Syntax
from scorecore.plugins.contract import Check, ExternalHook, Scorer
from scorecore.policy.model import HIDDEN, ITEM_KEYS

_SINGLE: Final = (Syntax, Snippet, str, int, bool, Decimal, date)
"""Types of one value that a key can have."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_FILLED: Final = frozenset({"place", "spans", "rest"})
"""Hidden fields that are filled when an item is read."""
_ABOUT: Final = "about"
"""Metadata of fields that are keys: what they mean."""


def find_scorer_faults(scorer: Scorer) -> Iterator[str]:
    """What is wrong with a scorer and its keys."""
    if not attrs.has(scorer.parameters) or not callable(getattr(scorer.parameters, "entries", None)):
        yield "no attrs class with a method `entries`"
        return
    if not scorer.summary:
        yield "its class has no docstring"
    try:
        attrs.resolve_types(scorer.parameters)
    except (NameError, TypeError, AttributeError) as error:
        yield f"its annotations cannot be read: {error}"
        return
    yield from _find_key_faults(scorer.parameters, (), reserved=ITEM_KEYS)


def _find_key_faults(part: Any, users: tuple[Any, ...], *, reserved: frozenset[str] = frozenset()) -> Iterator[str]:  # noqa: ANN401  an attrs class
    """What is wrong with the fields of a class of keys, and of the classes inside it."""
    for attribute in attrs.fields(part):
        key = attribute.name.rstrip("_")
        if attribute.metadata.get(HIDDEN):
            if attribute.default is attrs.NOTHING and attribute.name not in _FILLED:
                yield f"its hidden field `{attribute.name}` needs a default"
            continue
        if key in reserved:
            yield f"its key `{key}` has the name of a key that every item has"
        elif not attribute.init or attribute.name.startswith("_") or _ABOUT not in attribute.metadata:
            yield f"its field `{attribute.name}` is not declared with `key(…)` or `hidden(…)`"
        elif isinstance(attribute.default, list | dict | set | bytearray):
            yield f"its key `{key}` has a default that can be changed; use a tuple, or `factory`"
        elif isinstance(attribute.default, float) or _is_not_finite(attribute.default):
            yield f"its key `{key}` has the default {attribute.default}, which is not exact"
        elif not _is_readable(attribute.type):
            yield f"its key `{key}` has a type that cannot be read: {_print_type(attribute.type)}"
        else:
            for inner in _inner_parts(attribute.type):
                if inner not in users:
                    attrs.resolve_types(inner)
                    yield from _find_key_faults(inner, (*users, part))


def _is_not_finite(default: object) -> bool:
    return isinstance(default, Decimal) and not default.is_finite()


def _is_readable(annotation: Any) -> bool:  # noqa: ANN401  a type as it is annotated
    """Whether a policy's file can have a value of a type."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return all(isinstance(choice, str) for choice in arguments)
    if origin is tuple:
        return len(arguments) == 2 and arguments[1] is Ellipsis and _is_readable(arguments[0])  # noqa: PLR2004  tuple[X, ...]
    if origin is dict:
        return arguments[0] is str and _is_readable(arguments[1])
    if origin in {Union, UnionType}:
        members = [member for member in arguments if member is not NoneType]
        if set(members) >= {bool, date}:  # any single value
            return set(members) <= set(_SINGLE)
        others = [member for member in members if member is not str and get_origin(member) is not Literal]
        return len(others) <= 1 and all(map(_is_readable, members))
    return annotation in _SINGLE or (isinstance(annotation, type) and attrs.has(annotation))


def _inner_parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401  the same
    """The classes of keys inside a type."""
    if isinstance(annotation, type) and attrs.has(annotation) and annotation not in _SINGLE:
        yield annotation
    for argument in get_args(annotation):
        yield from _inner_parts(argument)


def _print_type(annotation: Any) -> str:  # noqa: ANN401  the same
    is_plain = isinstance(annotation, type) and not get_args(annotation)
    return annotation.__name__ if is_plain else str(annotation).replace("typing.", "")


def find_operator_faults(operator: Operator) -> Iterator[str]:
    """What is wrong with an operator."""
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


def find_check_faults(check: Check) -> Iterator[str]:
    """What is wrong with a check."""
    if not callable(check.diagnostics) or not check.summary:
        yield "no function with a docstring"


def find_hook_faults(hook: ExternalHook) -> Iterator[str]:
    """What is wrong with a reader or a layout."""
    if not _NAME.fullmatch(hook.name):
        yield "it has no name"
    yield from hook.faults()
