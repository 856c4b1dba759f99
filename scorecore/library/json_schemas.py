"""JSON Schema of what a policy takes and gives, for APIs, forms and generated clients."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scorecore.language.expressions import AGO, HISTORY
from scorecore.library.document import GROUPS, ID, PERIOD, USES
from scorecore.program.model import Program, result_name
from scorecore.program.schema import EventTable, FactColumn
from scorecore.values.types import MAX_HISTORY, Type, TypeKind, from_units

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
JsonSchema = dict[str, Any]
_NUMBER_TEXT: Final = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*$"
EXACT_TEXT: Final = r"^-?[0-9]+(\.[0-9]+)?$"
_PERIODS: Final = {
    "week": "^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$",
    "half-month": "^[0-9]{4}-(0[1-9]|1[0-2])-H[12]$",
    "month": "^[0-9]{4}-(0[1-9]|1[0-2])$",
    "quarter": "^[0-9]{4}-Q[1-4]$",
    "half-year": "^[0-9]{4}-H[12]$",
    "year": "^[0-9]{4}$",
}


def describe_facts(program: Program) -> JsonSchema:
    """What `CompiledPolicy.decide` takes."""
    schema = program.schema
    properties: JsonSchema = {
        PERIOD: {
            "type": "string",
            "pattern": _PERIODS[program.period.every],
            "description": f"the period, such as {program.period.example}",
        },
        ID: {"type": ["string", "null"], "description": "the subject's id"},
    }
    if schema.history:
        ago = {AGO: {"type": "integer", "description": "how many periods before this one", "maximum": MAX_HISTORY}}
        row = describe_object(ago | _describe_columns(schema.history), [AGO]) | {"additionalProperties": True}
        properties[HISTORY] = {
            "type": ["array", "null"],
            "items": row,
            "description": "the decisions of earlier periods",
        }
    used = {table.name.removeprefix(f"{USES}."): _describe_used(table) for table in schema.events if table.use}
    if used:
        properties[USES] = _nullable(describe_object(used), "the decisions of the policies that are used")
    if program.grouped:
        groups = {step.text: _nullable(describe_type(step.type), "") for step in program.grouped}
        properties[GROUPS] = _nullable(describe_object(groups), "values that depend on others")
    for table in schema.events:
        if not table.use:
            rows = describe_object(_describe_columns(table.columns), table.key)
            properties[table.name] = _nullable({"type": "array", "items": rows}, table.label)
    properties[schema.subject] = _nullable(describe_object(_describe_columns(schema.columns)), schema.label)
    title = f"facts of {program.id}@{program.version}"
    return {"$schema": DRAFT, "title": title, **describe_object(properties, [PERIOD])}


def describe_decision(program: Program) -> JsonSchema:
    """What `Decision.to_json` gives."""
    results = {str(result_name(name)): describe_result(program.step(name).type) for name in program.results()}
    groups = {step.text: describe_result(step.type) for step in program.grouped}
    text, number = {"type": "string"}, {"type": "string", "pattern": EXACT_TEXT}
    quantity = {"anyOf": [{"type": ["null", "integer"]}, number]}
    entry = dict.fromkeys(("account", "reason", "label", "table", "event", "authority"), text)
    entry_schema = describe_object({**entry, "points": number, "quantity": quantity}, all_required=True)
    line = dict.fromkeys(("id", "kind", "label", "authority"), text)
    amount = {"anyOf": [{"type": "null"}, number]}
    pay_schema = describe_object({**line, "amount": amount, "sign": {"enum": [-1, 0, 1]}}, all_required=True)
    cause = describe_object({"code": text, "message": text, "place": text}, all_required=True)
    causes = {"type": "array", "items": cause}
    properties = {
        **dict.fromkeys(("policy", "program", "subject", "period"), text),
        "results": describe_object(results, all_required=True),
        "entries": {"type": "array", "items": entry_schema},
        "pay": {"type": "array", "items": pay_schema},
        "net": amount,
        "partial": {"type": "boolean"},
        "held": {"type": "object", "propertyNames": {"enum": list(results)}, "additionalProperties": causes},
        GROUPS: describe_object(groups, all_required=True),
    }
    title = f"decision of {program.id}@{program.version}"
    return {"$schema": DRAFT, "title": title, **describe_object(properties, all_required=True)}


def describe_type(value_type: Type) -> JsonSchema:
    """A value as a program may hand it over. Bounds are whole numbers, so that no schema contains a float."""
    low, high = -(-from_units(value_type.low) // 1), from_units(value_type.high) // 1
    bounds = {"minimum": int(low), "maximum": int(high)}
    match value_type.kind:
        case TypeKind.BOOL:
            return {"type": ["boolean", "string"]}
        case TypeKind.INT:
            return {"anyOf": [{"type": "integer", **bounds}, {"type": "string", "pattern": _NUMBER_TEXT}]}
        case TypeKind.DECIMAL:
            return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER_TEXT}]}
        case TypeKind.DATE:
            return {"type": "string", "format": "date"}
        case TypeKind.TIMESTAMP:
            return {"type": "string", "format": "date-time"}
        case _:
            return {"type": "string"} | ({"enum": list(value_type.among)} if value_type.among is not None else {})


def describe_result(value_type: Type) -> JsonSchema:
    """A value as `to_plain` writes it; null is held."""
    if value_type.is_decimal:
        return {"anyOf": [{"type": "null"}, {"type": "string", "pattern": EXACT_TEXT}]}
    kinds = {TypeKind.BOOL: "boolean", TypeKind.INT: "integer"}
    return {"type": ["null", kinds.get(value_type.kind, "string")]}


def _describe_columns(columns: Iterable[FactColumn]) -> JsonSchema:
    return {column.name: _nullable(describe_type(column.type), _about(column)) for column in columns}


def _about(column: FactColumn) -> str:
    words = column.label
    if column.unit:
        words = f"{words} ({column.unit})".strip()
    return words


def _describe_used(table: EventTable) -> JsonSchema:
    row = describe_object(_describe_columns(table.columns)) | {"additionalProperties": True}
    return _nullable({"anyOf": [row, {"type": "array", "items": row}]}, "")


def _nullable(shape: JsonSchema, about: str) -> JsonSchema:
    """A value that may be missing: null is as if it were left out."""
    described = {"description": about} if about else {}
    return {"anyOf": [{"type": "null"}, shape], **described}


def describe_object(
    properties: Mapping[str, JsonSchema], required: Iterable[str] = (), *, all_required: bool = False
) -> JsonSchema:
    """An object of these properties and no others."""
    keys = list(properties) if all_required else list(required)
    shape: JsonSchema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return shape | ({"required": keys} if keys else {})
