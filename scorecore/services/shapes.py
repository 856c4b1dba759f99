"""What is expected at a path of a policy or of its cases: the class of a part, or the type of a value."""

from collections.abc import Mapping
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import attrs

from scorecore.analysis.cases.model import CaseFile
from scorecore.diagnostics.source import Snippet
from scorecore.io.policy_files import CASES
from scorecore.language.cel.syntax import Syntax
from scorecore.plugins import Scorer
from scorecore.policy.key_order import Shape, shape_of_path
from scorecore.policy.model import HIDDEN, ITEM_KEYS, Periods, Policy
from scorecore.services.tolerant_toml import KeyPath, TolerantDocument


def is_cases(document: TolerantDocument) -> bool:
    return document.source.name.endswith(CASES)


def find_shape(document: TolerantDocument, path: KeyPath, scorers: Mapping[str, Scorer], scorer: str = "") -> Shape:
    """The shape of what is at a path; None where nothing is known.

    `scorer` is that of the item where the text does not say it, as in a branch.
    """
    keys = [key for key in path if isinstance(key, str)]
    if is_cases(document):
        return shape_of_path(CaseFile, keys)
    is_scorers = len(path) > 2 and path[0] == "items" and path[2] not in ITEM_KEYS  # noqa: PLR2004  its key
    if not is_scorers:
        return shape_of_path(Policy, keys)
    named = scorers.get(document.texts.get((*path[:2], "scorer"), scorer))
    return shape_of_path(_resolved(named.parameters), keys[1:]) if named else None


def _resolved(cls: type[Any]) -> type[Any]:
    """A plugin's class, whose annotations may be text."""
    return attrs.resolve_types(cls) if any(isinstance(field.type, str) for field in attrs.fields(cls)) else cls


def list_keys(shape: Shape, scorers: Mapping[str, Scorer], scorer: str = "") -> "dict[str, attrs.Attribute[Any]]":
    """The keys that a table of a shape may have; of an item those of its scorer too."""
    if isinstance(shape, type) and attrs.has(shape):
        keys = {field.name.rstrip("_"): field for field in attrs.fields(shape) if not field.metadata.get(HIDDEN)}
        if "scorer" in keys and scorer in scorers:
            keys |= list_keys(_resolved(scorers[scorer].parameters), {})
        return keys
    return {}


def members(shape: Shape) -> tuple[object, ...]:
    """The types that a value of a shape may have, or that its elements may have."""
    if get_origin(shape) in {tuple, dict}:
        return members(get_args(shape)[-1 if get_origin(shape) is dict else 0])
    if shape is Periods:
        return members(attrs.fields(Periods).every.type)
    parts = get_args(shape)
    if not parts or get_origin(shape) is Literal:
        return (shape,)
    return tuple(part for part in parts if part is not NoneType)


def is_expression(shape: Shape) -> bool:
    return Syntax in members(shape)


def is_snippet(shape: Shape) -> bool:
    return Snippet in members(shape)


def list_choices(shape: Shape) -> list[str]:
    """The words of which a value is one."""
    words = [word for member in members(shape) if get_origin(member) is Literal for word in get_args(member)]
    return [*map(str, words), *(("true", "false") if bool in members(shape) else ())]
