"""The one encoding for digests, scj-1: a subset of RFC 8785 with no room for two spellings of one value.

Objects have ASCII keys in order; there is no white space; decimals are strings without trailing zeros; whole numbers
beyond 53 bits are strings; instants are in UTC and end in `Z`; bytes are base64; there are no floats and no null.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NoReturn

from scorecore.values.ratio import Ratio

LARGEST: Final = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly."""


def encode(value: object) -> bytes:
    """Plain data as canonical bytes; raises ValueError or TypeError for what has no canonical form.

    >>> from decimal import Decimal
    >>> encode({"b": Decimal("2.50"), "a": [1, True, "是"]}).decode()
    '{"a":[1,true,"是"],"b":"2.5"}'
    """
    return _write(_plain(value)).encode()  # refuses lone surrogates


def decode(data: bytes) -> Any:  # noqa: ANN401  plain data of any shape
    """The plain data of canonical bytes: dicts, lists, texts, whole numbers and bools; decimals and dates stay texts.

    Raises ValueError for bytes that are not exactly what `encode` gives.

    >>> decode(b'{"a":[1,"2.5"]}')
    {'a': [1, '2.5']}
    >>> decode(b'{"a": 1.0}')
    Traceback (most recent call last):
    ValueError: not canonical: there are no floats, and `1.0` is one
    """
    try:
        value = _read(data.decode())
        reencoded = encode(value)
    except RecursionError:
        raise ValueError("not canonical: nested too deeply") from None
    except TypeError:
        raise ValueError("not canonical: there is no null") from None
    if reencoded != data:  # white space, order, names that occur twice, escapes, large numbers
        raise ValueError("not canonical: written in another way")
    return value


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"not canonical: there are no floats, and `{text}` is one")


_write: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_read: Final = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode


def digest(kind: str, value: object) -> str:
    """SHA-256 of the canonical bytes, with the kind of thing in front, so that two kinds never share a digest."""
    return sha256(f"scorecore/{kind}/v1\n".encode() + encode(value)).hexdigest()


def _plain(value: Any) -> object:  # noqa: ANN401  plain data of any shape
    kind = type(value)  # payloads of a hundred thousand people come by here: the usual kinds first
    if kind is str or kind is bool:
        return value
    if kind is dict:
        return _object(value)
    if kind is list or kind is tuple:
        return [element if type(element) is str else _plain(element) for element in value]
    match value:
        case bool() | str():
            return value
        case int():
            return value if abs(value) <= LARGEST else str(value)
        case Decimal():
            return format_decimal(value)
        case datetime() if value.tzinfo:
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case date():  # a datetime without a zone is a local time, as policies have them
            return value.isoformat()
        case bytes():
            return b64encode(value).decode()
        case list() | tuple():
            return [_plain(element) for element in value]
        case Mapping():
            return _object(value)
        case _:
            raise TypeError(f"{kind.__name__} has no canonical form")


def _object(mapping: Mapping[Any, object]) -> dict[str, object]:
    for key in mapping:
        if not isinstance(key, str) or not key.isascii():
            raise ValueError("a key is not ASCII text")
    return {key: value if type(value) is str else _plain(value) for key, value in mapping.items()}


def format_decimal(value: Decimal | Ratio) -> str:
    """A decimal as people write it, without exponent and trailing zeros; of a quotient 12 places and an ellipsis.

    >>> from decimal import Decimal
    >>> [format_decimal(Decimal(text)) for text in ("2.50", "-0.0", "1E+3", "100")]
    ['2.5', '0', '1000', '100']
    """
    if isinstance(value, Ratio):
        return str(value)
    if not value.is_finite():
        raise ValueError(f"{value} is not a number")
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if value else "0"
