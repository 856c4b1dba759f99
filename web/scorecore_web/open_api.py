"""The OpenAPI document of the addresses under /api, made of what each route says of itself."""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any, Final

from scorecore_web.permissions import Permission
from scorecore_web.rendering import as_json
from scorecore_web.requests import TOKEN_HEADER
from scorecore_web.routes import ApiDescription, GuardedRoute

_PATH_PARAMETERS: Final = {
    "policy": "Where the policy lies in the folder: with ~ between folders, and without the ending.",
    "period": "The label of a period, such as 2024-05.",
    "entry": "The number of the objection's entry in the record.",
}
_REFUSAL: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "problems": {"type": "array", "items": {"type": "object"}}},
    "required": ["error", "problems"],
}

_REFUSALS: Final = {
    "400": "Damaged.",
    "401": "Nobody.",
    "403": "Not allowed.",
    "404": "Not there.",
    "409": "Not possible.",
    "429": "Too many wrong tokens.",
}
_OF_ADDRESS: Final = "Where one person works: the token of the address that `scorecore serve` shows."
_OF_ACCOUNT: Final = (
    "Where people have accounts: a token that an account has issued on the page /tokens, for some of its roles and a "
    "number of days. It belongs into this header, and is never read from an address."
)


def describe_api(routes: Iterable[GuardedRoute]) -> dict[str, Any]:
    """The document, of OpenAPI 3.1."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.api is not None:
            paths.setdefault(route.path, {})[route.method.lower()] = _describe_operation(route, route.api)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "scorecore",
            "version": version("scorecore"),
            "description": "Policies checked, facts decided, decisions explained, and the record, as `scorecore serve` "
            "serves them. Decimals are texts, so that nothing is rounded.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": _OF_ADDRESS},
                "account_token": {"type": "http", "scheme": "bearer", "description": _OF_ACCOUNT},
            },
            "schemas": {"Refusal": _REFUSAL},
        },
        "security": [{"token": []}, {"account_token": []}],
    }


def _describe_operation(route: GuardedRoute, api: ApiDescription) -> dict[str, Any]:
    needed = f"Needs the permission `{route.permission}`."
    operation: dict[str, Any] = {
        "summary": api.summary,
        "description": needed,
        "parameters": list(_list_parameters(route, api)),
    }
    if api.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": api.body}}}
        operation["description"] += f" A session of a browser sends the header {TOKEN_HEADER}; a token needs none."
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
    answer = {"description": "As asked.", "content": {"application/json": {"schema": api.answer}}}
    operation["responses"] = {"200": answer} | {
        status: {"description": description, **refusal} for status, description in _REFUSALS.items()
    }
    return operation


def _list_parameters(route: GuardedRoute, api: ApiDescription) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        about = {"name": name, "in": "path", "required": True, "description": _PATH_PARAMETERS[name]}
        yield {**about, "schema": {"type": "string"}}
    for name, description in api.query.items():
        yield {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


def openapi_data(routes: Iterable[GuardedRoute]) -> GuardedRoute:
    """The address of the document."""
    document = describe_api(routes)
    return GuardedRoute(
        method="GET", path="/api/openapi.json", permission=Permission.READ, handler=lambda _request: as_json(document)
    )
