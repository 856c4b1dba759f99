"""Keys and values as TOML writes them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from scorecore.policy.tokens import quote_text
from scorecore.values.canonical_json import format_decimal

_BARE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def write_key(key: str) -> str:
    return key if key and set(key) <= _BARE else quote_text(key)


def write_value(value: object) -> str:
    """Raises TypeError for what TOML has no way to write, such as a quotient that does not end."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format_decimal(value)
        case str():
            return quote_text(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{write_key(key)} = {write_value(child)}" for key, child in value.items()) + " }"
        case list():
            return "[ " + ", ".join(map(write_value, value)) + " ]" if value else "[]"
        case _:
            raise TypeError(value)
