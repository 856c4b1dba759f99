"""How addresses of the API are declared, and the JSON schemas of which their descriptions are made."""

from collections.abc import Mapping
from typing import Any, Final

from scorecore_web.permissions import Permission
from scorecore_web.routes import ApiDescription, GuardedRoute, Handler

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


def declare_reading(
    path: str,
    handler: Handler,
    summary: str,
    answer: Schema,
    query: Mapping[str, str] | None = None,
    permission: Permission = Permission.READ,
) -> GuardedRoute:
    """An address that is read."""
    api = ApiDescription(summary=summary, answer=answer, query=query or {})
    return GuardedRoute(method="GET", path=path, permission=permission, handler=handler, api=api)


def declare_asking(
    path: str,
    handler: Handler,
    summary: str,
    body: Schema,
    answer: Schema,
    permission: Permission = Permission.READ,
) -> GuardedRoute:
    """An address that takes JSON; what it changes, if anything, its permission says."""
    api = ApiDescription(summary=summary, body=body, answer=answer)
    return GuardedRoute(method="POST", path=path, permission=permission, handler=handler, api=api)
