"""JSON Schema of an explanation, for APIs and generated clients."""

from typing import Final

from scorecore.library.json_schemas import DRAFT, EXACT_TEXT, JsonSchema, describe_object, describe_result
from scorecore.program.model import Program

_TEXT: Final[JsonSchema] = {"type": "string"}
_VALUE: Final[JsonSchema] = {"type": ["boolean", "integer", "string"]}
"""Of a fact, a result or a part of a formula; decimals, dates and timestamps are text."""
_VALUES: Final[JsonSchema] = {"type": "object", "additionalProperties": _VALUE}
_NUMBER: Final[JsonSchema] = {"type": "string", "pattern": EXACT_TEXT}
_COUNT: Final[JsonSchema] = {"anyOf": [{"type": "integer"}, _NUMBER]}
_NONE: Final[JsonSchema] = {"type": "null"}


def describe_explanation(program: Program) -> JsonSchema:
    """What `Explanation.to_json` gives; the parts of which there are many are among `$defs`."""
    facts = {column.name: describe_result(column.type) for column in program.schema.columns}
    possible = describe_object({"least": _NUMBER, "most": _NUMBER}, all_required=True)
    score = _add(_item(), {}, {"possible": possible})
    grade = _add(_result(), {}, {"possible": _list(_TEXT)})
    properties = {
        **dict.fromkeys(("policy", "subject", "period"), _TEXT),
        "facts": describe_object(facts),
        "values": _list(_refer("result")),
        "groups": _list(_refer("comparison")),
        "items": _list(_refer("item")),
        "score": {"anyOf": [_NONE, score]},
        "grade": {"anyOf": [_NONE, grade]},
        "pay": _list(_refer("pay")),
        "net": {"anyOf": [_NONE, _NUMBER]},
        "partial": {"type": "boolean"},
        "balances": _list(describe_object(dict.fromkeys(("opens", "closes"), _refer("result")), all_required=True)),
        "actions": _list(_refer("result")),
    }
    optional = {"matters": _list(_refer("matter")), "not_assessed": _refer("result")}
    title = f"explanation of {program.id}@{program.version}"
    shape = describe_object(properties | optional, properties)
    return {"$schema": DRAFT, "title": title, **shape, "$defs": _describe_parts()}


def _describe_parts() -> JsonSchema:
    cause = dict.fromkeys(("code", "message", "advice", "place"), _TEXT)
    matter = {**dict.fromkeys(("table", "key", "stage", "owner"), _TEXT), "since": {**_TEXT, "format": "date"}}
    comparison = {"name": _TEXT, "group": _TEXT, "key": _VALUE, "value": _VALUE, "of": {"type": "integer"}}
    shares = dict.fromkeys(("amount", "weight", "total_weight"), _COUNT)
    entry = dict.fromkeys(("reason", "label", "table", "event", "authority", "formula"), _TEXT)
    pay = {"kind": _TEXT, "sign": {"enum": [-1, 0, 1]}}
    return {
        "cause": describe_object(cause, all_required=True),
        "result": _result(),
        "item": _item(),
        "entry": describe_object(
            {**entry, "quantity": _COUNT, "points": _COUNT, "inputs": _VALUES, "details": _VALUES},
            ("reason", "points"),
        ),
        "pay": _add(_result(), pay, {}),
        "comparison": describe_object({**comparison, **shares, "held": _list(_refer("cause"))}, ("name", "group")),
        "matter": describe_object({**matter, "missing": _list(_TEXT)}, all_required=True),
    }


def _result() -> JsonSchema:
    """A value with what it rests on; `held` instead of `value` says why there is none."""
    texts = dict.fromkeys(("name", "label", "authority", "formula"), _TEXT)
    return describe_object({**texts, "value": _VALUE, "inputs": _VALUES, "held": _list(_refer("cause"))}, ["name"])


def _item() -> JsonSchema:
    """A result with the entries that add up to it."""
    parts = {"most": {"anyOf": [_NONE, _NUMBER]}, "entries": _list(_refer("entry"))}
    return _add(_result(), parts, {})


def _add(shape: JsonSchema, required: JsonSchema, optional: JsonSchema) -> JsonSchema:
    """An object with more properties."""
    properties = {**shape["properties"], **required, **optional}
    return describe_object(properties, [*shape["required"], *required])


def _list(shape: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": shape}


def _refer(part: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{part}"}
