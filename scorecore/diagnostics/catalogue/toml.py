"""Reading a policy's text as TOML: SC001 to SC005."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NOT_TEXT: Final = DiagnosticKind(
    "SC001",
    "the file is not valid {encoding} text (byte {byte} at offset {offset})",
    ("save it as UTF-8, or name its encoding: --encoding {other}", "save it as UTF-8"),
)
TOO_LONG: Final = DiagnosticKind(
    "SC002",
    "the file has {length} characters; the limit is {limit}",
    ("keep facts in tables of their own, not in the policy",),
)
NOT_TOML: Final = DiagnosticKind(
    "SC003",
    "not valid TOML: {reason}",
    (
        "write a comma before this, or close what is open with {bracket}",
        "put text in quotes that close on the same line; keys consist of ASCII letters, digits, _ and -",
    ),
)
TOO_DEEP: Final = DiagnosticKind("SC004", "brackets are nested too deeply")
UNEXPECTED_IN_TOML: Final = DiagnosticKind(
    "SC005",
    "`{text}` is not expected here",
    (
        "write `{instead}`",
        "replace {blank} with an ordinary space, or remove it",
        "keys consist of ASCII letters, digits, _ and -; put `{key}` in quotes, or make it a `label`",
        "the text has ended at the {quote} before this: begin and end it with {outside} instead",
        "remove what is marked",
    ),
)
