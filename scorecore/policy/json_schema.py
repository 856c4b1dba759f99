"""JSON Schema of policy files, for editors: which keys there are, and what each means.

It is made from the same classes that read the files, so it cannot forget a key. It requires only what every file has,
a branch's too, which leaves most keys to its parent: what is missing, and what a value means, `check` says better.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, Protocol, Union, get_args, get_origin

import attrs

from scorecore.diagnostics.diagnostic import Translate
from scorecore.diagnostics.source import Snippet
from scorecore.language.cel.syntax import Syntax
from scorecore.policy.model import (
    HIDDEN,
    EventsDeclaration,
    FactDeclaration,
    ItemDeclaration,
    Periods,
    Policy,
    PolicyHeader,
)

WRITTEN_BY: Final = "written by scorecore"
"""Stands in a schema, so that it may be written over."""
DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""The draft that editors for TOML know."""
FACTS: Final = "the facts of the subject, and tables of events"
"""The content of `[facts]`; the class of a policy has it in two parts."""
_NAME: Final = "^[A-Za-z][A-Za-z0-9_]*$"
_REQUIRED: Final[Mapping[type, tuple[str, ...]]] = {PolicyHeader: ("id", "version")}
"""The keys that a branch's file has of a part that it otherwise takes over."""
Schema = dict[str, Any]


class ItemKeys(Protocol):
    """What the schema says of a scorer."""

    @property
    def parameters(self) -> type:
        """The attrs class of the keys that it adds to an item."""

    @property
    def summary(self) -> str: ...


def build_policy_schema(scorers: Mapping[str, ItemKeys], translate: Translate = str) -> Schema:
    """The schema of policy files; each installed scorer brings the keys of its items."""
    return SchemaBuilder(translate, scorers).build_policy_schema()


class SchemaBuilder:
    """Makes schemas out of the classes that read files; classes inside them become `definitions`."""

    def __init__(self, translate: Translate, scorers: Mapping[str, ItemKeys] | None = None) -> None:
        self.translate = translate
        self.scorers = scorers or {}
        self.definitions: dict[str, Schema] = {}

    def build_policy_schema(self) -> Schema:
        schema = self.build_file_schema(Policy, "scorecore policy", required=("policy",))
        fact, events = self.refer_to(FactDeclaration), self.refer_to(EventsDeclaration)
        facts = {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": fact}
        schema["properties"]["facts"] = {
            "type": "object",
            "description": self.translate(FACTS),
            "additionalProperties": {"anyOf": [facts, events]},
        }
        schema["definitions"] = dict(sorted(self.definitions.items()))
        return schema

    def build_file_schema(self, part: type, title: str, *, required: Iterable[str] = ()) -> Schema:
        """The schema of a file whose root is a class of keys."""
        root = self.describe_part(part, required=required)
        return {
            "$schema": DRAFT,
            "$comment": WRITTEN_BY,
            "title": title,
            **root,
            "definitions": dict(sorted(self.definitions.items())),
        }

    def refer_to(self, part: type, *, in_list: bool = False) -> Schema:
        """A reference to a class of keys. In a list a part stands alone, unless an `id` names it to be merged."""
        fields = {attribute.name.rstrip("_"): attribute for attribute in attrs.fields(part)}
        required = [
            key
            for key, attribute in fields.items()
            if attribute.default is attrs.NOTHING and not attribute.metadata.get(HIDDEN)
        ]
        if in_list and part is not ItemDeclaration and "id" in fields and part.__module__ == Policy.__module__:
            required = ["id"]
        elif not in_list:
            required = [key for key in required if key in _REQUIRED.get(part, ())]
        name = part.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # a part may have parts of its own class inside it
            is_item = part is ItemDeclaration
            self.definitions[name] = self.describe_items() if is_item else self.describe_part(part, required=required)
        return {"$ref": f"#/definitions/{name}"}

    def describe_part(
        self, part: type, *, required: Iterable[str] = (), extra_keys: Mapping[str, Schema] | None = None
    ) -> Schema:
        """An object with the keys of a class, closed unless the class keeps keys that it does not know."""
        fields = attrs.fields(part)
        properties = {
            attribute.name.rstrip("_"): self.describe_key(attribute)
            for attribute in fields
            if not attribute.metadata.get(HIDDEN)
        } | dict(extra_keys or {})
        is_open = any(attribute.name == "rest" for attribute in fields) and part is not ItemDeclaration
        schema: Schema = {"type": "object", "properties": properties}
        if keys := list(required):
            schema["required"] = keys
        return schema if is_open else schema | {"additionalProperties": False}

    def describe_items(self) -> Schema:
        """An item: its own keys, and those of its scorer; in a branch's file the scorer may be the parent's."""
        all_keys: Schema = {}
        shapes = []
        for name, scorer in sorted(self.scorers.items()):
            scorer_keys: dict[str, Schema] = {
                attribute.name.rstrip("_"): self.describe_key(attribute)
                for attribute in attrs.fields(scorer.parameters)
                if not attribute.metadata.get(HIDDEN)
            }
            all_keys |= scorer_keys
            summary = self.translate(scorer.summary)
            scorer_keys["scorer"] = {"const": name, "description": summary}
            shape = self.describe_part(ItemDeclaration, required=("id", "scorer"), extra_keys=scorer_keys)
            shapes.append(shape | {"title": name, "description": summary})
        all_keys.pop("scorer", None)
        without_scorer = self.describe_part(ItemDeclaration, required=("id",), extra_keys=all_keys)
        shapes.append(without_scorer | {"not": {"required": ["scorer"]}})
        scorer_names = {"scorer": {"enum": sorted(self.scorers)}}
        return {"type": "object", "properties": scorer_names, "anyOf": shapes}

    def describe_key(self, attribute: "attrs.Attribute[Any]") -> Schema:
        """A key with what it means, and its default where that is a plain value."""
        schema: Schema = {"description": self.translate(attribute.metadata["about"])}
        schema |= self.describe_type(attribute.type)
        if isinstance(attribute.default, bool | int | str) and attribute.default != "":
            schema["default"] = attribute.default
        if "$ref" in schema:  # beside a reference nothing else is read
            return {"description": schema.pop("description"), "allOf": [schema]}
        return schema

    def describe_type(self, annotation: object) -> Schema:
        """What a value of an annotated type looks like."""
        origin = get_origin(annotation)
        arguments = [argument for argument in get_args(annotation) if argument not in {NoneType, Ellipsis}]
        if origin is Literal:
            return {"enum": arguments}
        if origin in {Union, UnionType}:
            shapes = list(map(self.describe_type, arguments))
            return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
        if origin is tuple:
            (element,) = arguments[:1]
            is_list_of_parts = _is_part(element)
            items = self.refer_to(element, in_list=True) if is_list_of_parts else self.describe_type(element)
            return {"type": "array", "items": items}
        if origin is dict:
            element = arguments[1]
            names = {"propertyNames": {"pattern": _NAME}} if element is not Decimal and _is_part(element) else {}
            return {"type": "object", **names, "additionalProperties": self.describe_type(element)}
        if annotation is Periods:
            every = attrs.fields_dict(Periods)["every"].type
            return {"anyOf": [self.describe_type(every), self.refer_to(Periods)]}
        if isinstance(annotation, type) and _is_part(annotation):
            return self.refer_to(annotation)
        return dict(_SINGLE.get(annotation, {}))


def _is_part(annotation: object) -> bool:
    """Whether a type is a class of keys."""
    is_class = isinstance(annotation, type) and attrs.has(annotation)
    return is_class and annotation not in _SINGLE and annotation is not Periods


_SINGLE: Final[Mapping[object, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Snippet: {"type": "string"},
    Decimal: {"type": "number"},
    date: {"type": "string", "format": "date"},
    Syntax: {"type": ["string", "number", "boolean"]},
}
"""Types of one value; a type that a plugin has besides these may be anything."""
