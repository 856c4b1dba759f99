"""SC89, the vault of a record, and the keys that sign it."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

_FIND_THE_VAULT: Final = "find the vault of {record}"

VAULT_MISSING: Final = DiagnosticKind(
    "SC890",
    "the vault of {record} is not here; without it the record can be verified, but nothing about people can be read",
    (
        "put the vault beside the record, under this name, or name it in the variable SCORECORE_VAULT",
        "if it is lost, begin a new record; its first run takes what was exported before: --history",
    ),
)
NOT_A_VAULT: Final = DiagnosticKind(
    "SC891", "this is not the vault of {record}: it is damaged, or not a vault at all", (_FIND_THE_VAULT,)
)
OTHER_VAULT: Final = DiagnosticKind("SC892", "this is the vault of another record than {record}", (_FIND_THE_VAULT,))
VAULT_BEHIND: Final = DiagnosticKind(
    "SC893",
    "this vault is an older copy: {count} of {keys} keys that {record} needs are not in it",
    (_FIND_THE_VAULT,),
)
VAULT_AHEAD: Final = DiagnosticKind(
    "SC894",
    "this vault belongs to a later copy of {record}: {count} people have been erased from it since",
    ("continue with the latest copy of the record",),
    singular="this vault belongs to a later copy of {record}: {count} person has been erased from it since",
    count="count",
)
VAULT_CHANGED: Final = DiagnosticKind(
    "SC895",
    "this vault is not what {record} was last written with: somebody or something has changed it",
    ("keep it as evidence, and put a backup of the vault in its place",),
)
VAULT_EXISTS: Final = DiagnosticKind(
    "SC896",
    "this vault has keys of people, and is not that of a new record",
    ("move it away; if it is the vault of a record that was moved, put it beside that record",),
)
PERHAPS_ERASED: Final = DiagnosticKind(
    "SC897",
    "nobody can say whether {who} had a decision for {period}: some were erased from it; nothing was recorded",
    ("leave them out of the facts, and settle what is due to them by hand",),
)
