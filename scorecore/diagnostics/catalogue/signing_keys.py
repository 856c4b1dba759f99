"""The keys of a record and of its operators: who has named which, and what is lost or stolen: SC920 to SC929."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

KEY_NOT_NAMED: Final = DiagnosticKind(
    "SC920",
    "entry {entry} names another key, but is not signed by a key that may name one",
    ("keep the file as evidence, and continue from a copy that verifies",),
)
KEY_REPLACED: Final = DiagnosticKind(
    "SC921",
    "`{key}` was replaced by another key in entry {entry}: what it has signed since does not count",
    ("use the new key; a checkpoint that was signed with the old one is evidence of a second history",),
)
UNTRUSTED_KEY: Final = DiagnosticKind(
    "SC922",
    "the record is signed by `{ours}`, which is none of the keys that you trust, nor named by one of them",
    ("compare the keys letter by letter; if they are right, this is not the record that you know",),
)
KEY_LOST: Final = DiagnosticKind(
    "SC923",
    "in entry {entry} the key of {name} was replaced without the old one, because it was lost ({reason})",
    warning=True,
)
KEY_STOLEN: Final = DiagnosticKind(
    "SC924",
    "entry {entry} says that the key of {name} was stolen after the first {size} entries ({reason})",
    warning=True,
)
NOT_CONFIRMED: Final = DiagnosticKind(
    "SC925",
    "entries {first} to {last} were signed by {name} with a key that was stolen, and nobody has confirmed them",
    ("look at them with scorecore record log; then confirm them with scorecore record key confirm",),
)
NOTHING_TO_CONFIRM: Final = DiagnosticKind(
    "SC926",
    "entry {entry} confirms what was signed with the key that entry {theft} replaced, but nothing is left to confirm",
    ("scorecore record verify names what is to be confirmed",),
)
REASON_NEEDED: Final = DiagnosticKind(
    "SC927",
    "entry {entry}: a key that is replaced by somebody else, or was stolen, needs a reason",
    ("say what has happened with --reason; everyone can read it",),
)
NO_SIGNING_KEY: Final = DiagnosticKind(
    "SC928",
    "the key that signs the record is not here: {key}",
    (
        (
            "put a copy of it back, or name it with --key; if it is lost, replace it with scorecore record key rotate"
            " --recovery FILE; without a recovery key nothing can be added, and a new record goes on from"
            " the last month"
        ),
    ),
)
NOT_THE_RECOVERY_KEY: Final = DiagnosticKind(
    "SC929",
    "`{theirs}` is not the recovery key of the record, which alone may replace the key of the record without it",
    ("scorecore record key list shows whether the record names a recovery key, and which",),
)
