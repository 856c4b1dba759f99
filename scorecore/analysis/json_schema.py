"""JSON Schema of policy files and of case files, for editors: which keys there are, and what each means.

It is made from the same classes that read the files, so it cannot forget a key. It asks for no more than every file
has, a branch's too, which leaves most keys to its parent: what is missing, and what a value means, `check` says better.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import attrs

from scorecore.analysis.cases import CaseFile
from scorecore.diagnostics.diagnostic import Translate
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.syntax import Syntax
from scorecore.plugins import Scorer
from scorecore.policy.model import (
    HIDDEN,
    EventsDeclaration,
    FactDeclaration,
    ItemDeclaration,
    Periods,
    Policy,
    PolicyHeader,
)

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""The draft that editors for TOML know."""
FACTS: Final = "the facts of the subject, and tables of events"
"""What stands in `[facts]`; the class of a policy has it in two parts."""
_NAME: Final = "^[A-Za-z][A-Za-z0-9_]*$"
_NEEDED: Final[Mapping[type, tuple[str, ...]]] = {PolicyHeader: ("id", "version")}
"""What a branch's file has of a part that it otherwise takes over."""
Schema = dict[str, Any]


def build_policy_schema(scorers: Mapping[str, Scorer], translate: Translate = str) -> Schema:
    """The schema of policy files; each installed scorer brings the keys of its items."""
    return _Maker(translate, scorers).policies()


def build_cases_schema(translate: Translate = str) -> Schema:
    """The schema of files with cases; facts in them may be of any name, for they are the policy's."""
    return _Maker(translate, {}).whole(CaseFile, "scorecore cases")


class _Maker:
    def __init__(self, translate: Translate, scorers: Mapping[str, Scorer]) -> None:
        self.translate = translate
        self.scorers = scorers
        self.made: dict[str, Schema] = {}

    def policies(self) -> Schema:
        found = self.whole(Policy, "scorecore policy")
        fact, events = self.part(FactDeclaration), self.part(EventsDeclaration)
        facts = {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": fact}
        about = {"description": self.translate(FACTS), "additionalProperties": {"anyOf": [facts, events]}}
        found["properties"]["facts"] = {"type": "object"} | about
        found["definitions"] = dict(sorted(self.made.items()))
        return found

    def whole(self, part: type, title: str) -> Schema:
        root = self.keys(part, needed=("policy",) if part is Policy else ())
        return {"$schema": DRAFT, "title": title, **root, "definitions": dict(sorted(self.made.items()))}

    def part(self, of: type, *, listed: bool = False) -> Schema:
        """A reference to a class of keys. In a list a part stands alone, unless an `id` names it to be merged."""
        fields = {one.name.rstrip("_"): one for one in attrs.fields(of)}
        needed = [name for name, one in fields.items() if one.default is attrs.NOTHING and not one.metadata.get(HIDDEN)]
        if listed and of is not ItemDeclaration and "id" in fields and of.__module__ == Policy.__module__:
            needed = ["id"]
        elif not listed:
            needed = [name for name in needed if name in _NEEDED.get(of, ())]
        name = of.__name__
        if name not in self.made:
            self.made[name] = {}  # it may be asked for from inside
            self.made[name] = self.items() if of is ItemDeclaration else self.keys(of, needed=needed)
        return {"$ref": f"#/definitions/{name}"}

    def keys(self, of: type, *, needed: Any = (), others: Schema | None = None) -> Schema:  # noqa: ANN401  names
        fields = [one for one in attrs.fields(of) if not one.metadata.get(HIDDEN)]
        properties = {one.name.rstrip("_"): self.key(one) for one in fields} | (others or {})
        open_ended = any(one.name == "rest" for one in attrs.fields(of)) and of is not ItemDeclaration
        found: Schema = {"type": "object", "properties": properties}
        found |= {"required": list(needed)} if needed else {}
        return found if open_ended else found | {"additionalProperties": False}

    def items(self) -> Schema:
        """An item: its own keys, and those of its scorer; in a branch's file the scorer may be the parent's."""
        every: Schema = {}
        shapes = []
        for name, scorer in sorted(self.scorers.items()):
            own = {
                one.name.rstrip("_"): self.key(one)
                for one in attrs.fields(scorer.parameters)
                if not one.metadata.get(HIDDEN)
            }
            every |= own
            about = self.translate(scorer.summary)
            own["scorer"] = {"const": name, "description": about}
            shapes.append(
                self.keys(ItemDeclaration, needed=("id", "scorer"), others=own) | {"title": name, "description": about}
            )
        known = {name: value for name, value in every.items() if name != "scorer"}
        shapes.append(self.keys(ItemDeclaration, needed=("id",), others=known) | {"not": {"required": ["scorer"]}})
        names = {"properties": {"scorer": {"enum": sorted(self.scorers)}}}
        return {"type": "object", **names, "anyOf": shapes}

    def key(self, of: "attrs.Attribute[Any]") -> Schema:
        found: Schema = {"description": self.translate(of.metadata["about"])}
        found |= self.value(of.type)
        plain = isinstance(of.default, bool | int | str) and of.default != ""
        found |= {"default": of.default} if plain else {}
        if "$ref" in found:  # beside a reference nothing else is read
            return {"description": found.pop("description"), "allOf": [found]}
        return found

    def value(self, of: Any) -> Schema:  # noqa: ANN401  a type; one answer for each kind of it
        origin, inside = get_origin(of), [one for one in get_args(of) if one not in {NoneType, Ellipsis}]
        if origin is Literal:
            return {"enum": inside}
        if origin in {Union, UnionType}:
            shapes = [self.value(one) for one in inside]
            return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
        if origin is tuple:
            items = self.part(inside[0], listed=True) if _is_part(inside[0]) else self.value(inside[0])
            return {"type": "array", "items": items}
        if origin is dict:
            named = {"propertyNames": {"pattern": _NAME}} if inside[1] is not Decimal and _is_part(inside[1]) else {}
            return {"type": "object", **named, "additionalProperties": self.value(inside[1])}
        if of is Periods:
            return {"anyOf": [self.value(attrs.fields_dict(Periods)["every"].type), self.part(Periods)]}
        return self.part(of) if _is_part(of) else dict(_SINGLE.get(of, {}))


def _is_part(of: Any) -> bool:  # noqa: ANN401  a type
    return attrs.has(of) and of not in _SINGLE and of is not Periods


_SINGLE: Final[Mapping[Any, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Snippet: {"type": "string"},
    Decimal: {"type": "number"},
    date: {"type": "string", "format": "date"},
    Syntax: {"type": ["string", "number", "boolean"]},
}
"""Types of one value; a type that a plugin has besides these may be anything."""
