"""Reading a policy text as TOML."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NOT_TEXT: Final = DiagnosticKind(
    "SC001",
    "the file is not {encoding} text (byte {byte} at offset {offset})",
    ("save it as UTF-8, or say how it is written: --encoding {other}", "save it as UTF-8"),
)
TOO_LONG: Final = DiagnosticKind(
    "SC002",
    "the file has {length} characters; a policy has at most {limit}",
    ("facts belong into tables of their own, not into the policy",),
)
NOT_TOML: Final = DiagnosticKind(
    "SC003",
    "not valid TOML: {reason}",
    ("text stands in quotes that end in the same line; a key is made of ASCII letters, digits, _ and -",),
)
TOO_DEEP: Final = DiagnosticKind("SC004", "brackets are nested too deeply", ())
