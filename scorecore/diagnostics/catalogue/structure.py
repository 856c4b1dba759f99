"""The structure of a policy: keys, names, parents, overlays, and the policies it uses: SC101 to SC130."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

UNKNOWN_KEY: Final = DiagnosticKind(
    "SC101", "unknown key `{key}`", ("did you mean `{nearest}`?", "the keys are {keys}")
)
MISSING_KEY: Final = DiagnosticKind("SC102", "the key `{key}` is missing", ("it is one of {among}",))
EXPECTED_TABLE: Final = DiagnosticKind(
    "SC103", "expected a table, found `{found}`", ("write [name] or {{ key = value }}",)
)
EXPECTED_LIST: Final = DiagnosticKind("SC104", "expected a list, found `{found}`", ("write [ … ]",))
EXPECTED_TEXT: Final = DiagnosticKind("SC105", "expected text, found `{found}`", ('put it in quotes: "…"',))
EXPECTED_NUMBER: Final = DiagnosticKind("SC106", "expected a number, found `{found}`", ("write it without quotes",))
EXPECTED_WHOLE: Final = DiagnosticKind("SC107", "expected a whole number, found `{found}`")
EXPECTED_BOOL: Final = DiagnosticKind("SC108", "expected true or false, found `{found}`", ("write it without quotes",))
EXPECTED_DATE: Final = DiagnosticKind(
    "SC109", "expected a date, found `{found}`", ("write it without quotes: 2024-01-31",)
)
EXPECTED_VALUE: Final = DiagnosticKind("SC110", "expected a single value, found `{found}`")
EXPECTED_CHOICE: Final = DiagnosticKind("SC111", "`{found}` is not one of {choices}", ("did you mean `{nearest}`?",))
EXPECTED_EXPRESSION: Final = DiagnosticKind(
    "SC112", "expected an expression, found `{found}`", ('put it in quotes: "…"',)
)
BAD_NAME: Final = DiagnosticKind(
    "SC113",
    "`{name}` is not a valid name",
    ("names consist of ASCII letters, digits and _, and start with a letter; a label may be any text",),
)
PREFIX_NAME: Final = DiagnosticKind(
    "SC114", "`{name}` is a prefix of the language and cannot name anything else", ("choose another name",)
)
NAMED_TWICE: Final = DiagnosticKind("SC115", "`{name}` is named twice", ("the first one is on line {first}",))
NO_SUBJECT_TABLE: Final = DiagnosticKind(
    "SC116",
    "the subject `{subject}` has no fact table",
    ("did you mean `{nearest}`?", "declare its facts under [facts.{subject}]"),
)
NO_PARENT: Final = DiagnosticKind(
    "SC120",
    "policy `{name}` not found",
    ("did you mean `{nearest}`?", "put its file in the same folder, or name its folder: --parents DIR"),
)
PARENT_CIRCLE: Final = DiagnosticKind("SC121", "`{name}` extends itself")
NOT_OPEN: Final = DiagnosticKind(
    "SC122",
    "`{path}` is not open to change",
    ("it is set by: {authority}", "ask the owner of the parent policy"),
)
NOT_IN_PARENT: Final = DiagnosticKind(
    "SC123",
    "`{path}` is not in the parent, which does not allow additions",
    ("did you mean `{nearest}`?", "the parent would need [open] {section} = true"),
)
USES_CIRCLE: Final = DiagnosticKind("SC124", "these policies use each other in a cycle: {path}", ("break the cycle",))
USED_BROKEN: Final = DiagnosticKind(
    "SC125",
    "the policy `{name}` cannot decide, so nothing can be read from it",
    ("check it: it has problems of its own, or is left open for a branch",),
)
USED_PERIOD: Final = DiagnosticKind(
    "SC126",
    "`{name}` has periods such as {theirs}, but this policy has periods such as {ours}",
    ('for shorter periods write periods = "within"',),
)
NO_MATCH: Final = DiagnosticKind("SC127", "`{name}` is not a text fact of the subject", ("did you mean `{nearest}`?",))
NO_USED: Final = DiagnosticKind(
    "SC128",
    "policy `{name}` not found",
    ("did you mean `{nearest}`?", "put its file in the same folder, or name its folder: --parents DIR"),
)
AMBIGUOUS_PART: Final = DiagnosticKind(
    "SC129", "the parent has more than one part with the id `{name}`", ("repeat the `when` of the one that is meant",)
)
BAD_LAST: Final = DiagnosticKind(
    "SC130",
    '`last` is {last}; it can be 1 to {most}, and is not written beside periods = "within"',
    ("write last = 12 for the last twelve periods up to the end of this one",),
)
