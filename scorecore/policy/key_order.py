"""The usual order of the keys of a policy: that of the classes of its parts."""

from collections.abc import Sequence
from enum import Enum, auto
from types import NoneType
from typing import Final, TypeAlias, TypeGuard, TypeVar, get_args, get_origin

import attrs

from scorecore.policy.model import HIDDEN, EventsDeclaration, FactDeclaration, Policy

Keyed = TypeVar("Keyed")
USUAL: Final[dict[type, tuple[str, ...]]] = {
    EventsDeclaration: ("label", "common", "key", "dated_by", "shared", "fixed", "shown", "open", "fields")
}
"""The order of keys where that of the class is not it: `key` comes last there, because it hides the function `key`."""
_EVENTS_KEYS: Final = frozenset(USUAL[EventsDeclaration]) - {"fields"}


class _Facts(Enum):
    """Shapes that have no class of their own: a table of facts is the subject's, or one of events."""

    SECTION = auto()
    TABLE = auto()


Shape: TypeAlias = object
"""What a table is, or a value: the class of a part, a type of its fields, a `_Facts`; None where nothing is known."""


def shape_of_path(root: type | None, path: Sequence[str]) -> Shape:
    """The shape of a table by the parts of its header; `root` is that of the file."""
    shape: Shape = root
    for key in path:
        shape = shape_of_key(shape, key)
    return shape


def shape_of_key(shape: Shape, key: str) -> Shape:
    """The shape of the content of a key, which may have dots.

    Of a list it is that of its elements; under the name of a named part it is that of the part.
    """
    for part in key.split("."):
        shape = _shape_of_part(shape, part)
    return shape


def _shape_of_part(shape: Shape, key: str) -> Shape:
    if shape is Policy and key == "facts":
        return _Facts.SECTION
    if shape is _Facts.SECTION:
        return _Facts.TABLE
    if shape is _Facts.TABLE:
        return dict[str, FactDeclaration] if key == "fields" else FactDeclaration if key not in _EVENTS_KEYS else None
    if get_origin(shape) is dict:
        return _simplify(get_args(shape)[1])
    if not _is_part(shape):
        return None
    types = {field.name.rstrip("_"): field.type for field in attrs.fields(shape) if not field.metadata.get(HIDDEN)}
    return _simplify(types.get(key))


def _simplify(shape: Shape) -> Shape:
    """The class in a type: of what may be left out, and of the elements of a list."""
    if get_origin(shape) is tuple:
        return _simplify(get_args(shape)[0])
    members = [member for member in get_args(shape) if member is not NoneType] if get_origin(shape) is not dict else []
    return next(filter(_is_part, members), shape)


def _is_part(shape: Shape) -> TypeGuard[type[attrs.AttrsInstance]]:
    return isinstance(shape, type) and attrs.has(shape)


def in_usual_order(pieces: Sequence[Keyed], keys: Sequence[str], shape: Shape) -> list[Keyed]:
    """Pieces in the order of the keys of a shape, within the places that these have; pieces of unknown keys stay."""
    order = _find_order(shape)
    places = [place for place, key in enumerate(keys) if key in order]
    ranked = sorted(places, key=lambda place: order.index(keys[place]))
    ordered = list(pieces)
    for place, origin in zip(places, ranked, strict=True):
        ordered[place] = pieces[origin]
    return ordered


def _find_order(shape: Shape) -> tuple[str, ...]:
    if not _is_part(shape) or shape is Policy:
        return ()
    keys = tuple(
        field.name.rstrip("_")
        for field in attrs.fields(shape)
        if not field.metadata.get(HIDDEN) and field.name != "authority"  # it stays where its author put it
    )
    return USUAL.get(shape, keys)
