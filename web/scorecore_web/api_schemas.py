"""The JSON schemas of which the descriptions of the API are made."""

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "integer"}
FLAG: Final[Schema] = {"type": "boolean"}
ANY: Final[Schema] = {"type": "object"}
EXACT: Final[Schema] = {"type": ["string", "number", "boolean", "null"], "description": "Decimals are texts."}


def listed(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def shape(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


def with_optional(of: Schema, **properties: Schema) -> Schema:
    return {**of, "properties": {**of["properties"], **properties}}


PROBLEM: Final = with_optional(
    shape(code=TEXT, severity={"enum": ["error", "warning"]}, message=TEXT),
    source=TEXT,
    line=NUMBER,
    column=NUMBER,
    cell=TEXT,
    help=TEXT,
    scorer=TEXT,
)
PROBLEMS: Final = listed(PROBLEM)
