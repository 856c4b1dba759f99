"""The structure of a policy: keys, names, parents, overlays."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

UNKNOWN_KEY: Final = DiagnosticKind(
    "SC101", "`{key}` is not a key here", ("did you mean `{nearest}`?", "the keys are {keys}")
)
MISSING_KEY: Final = DiagnosticKind("SC102", "the key `{key}` is missing")
EXPECTED_TABLE: Final = DiagnosticKind(
    "SC103", "a table is expected here, not `{found}`", ("write [name] or {{ key = value }}",)
)
EXPECTED_LIST: Final = DiagnosticKind("SC104", "a list is expected here, not `{found}`", ("write [ … ]",))
EXPECTED_TEXT: Final = DiagnosticKind("SC105", "text is expected here, not `{found}`", ('put it into quotes: "…"',))
EXPECTED_NUMBER: Final = DiagnosticKind(
    "SC106", "a number is expected here, not `{found}`", ("write it without quotes",)
)
EXPECTED_WHOLE: Final = DiagnosticKind("SC107", "a whole number is expected here, not `{found}`")
EXPECTED_BOOL: Final = DiagnosticKind(
    "SC108", "true or false is expected here, not `{found}`", ("write it without quotes",)
)
EXPECTED_DATE: Final = DiagnosticKind(
    "SC109", "a date is expected here, not `{found}`", ("write it without quotes: 2024-01-31",)
)
EXPECTED_VALUE: Final = DiagnosticKind("SC110", "a single value is expected here, not `{found}`")
EXPECTED_CHOICE: Final = DiagnosticKind("SC111", "`{found}` is not one of {choices}", ("did you mean `{nearest}`?",))
EXPECTED_EXPRESSION: Final = DiagnosticKind(
    "SC112", "an expression is expected here, not `{found}`", ('put it into quotes: "…"',)
)
BAD_NAME: Final = DiagnosticKind(
    "SC113",
    "`{name}` cannot be a name",
    ("names are ASCII letters, digits and _, and begin with a letter; the label may be any text",),
)
PREFIX_NAME: Final = DiagnosticKind(
    "SC114", "`{name}` is a prefix of the language and cannot name anything else", ("choose another name",)
)
NAMED_TWICE: Final = DiagnosticKind("SC115", "`{name}` is named twice", ("the first one stands in line {first}",))
NO_SUBJECT_TABLE: Final = DiagnosticKind(
    "SC116",
    "there is no fact table for the subject `{subject}`",
    ("did you mean `{nearest}`?", "declare its facts under [facts.{subject}]"),
)
NO_PARENT: Final = DiagnosticKind(
    "SC120",
    "the policy `{name}` is not here",
    ("did you mean `{nearest}`?", "put its file into the same folder, or name the folder: --parents DIR"),
)
PARENT_CIRCLE: Final = DiagnosticKind("SC121", "`{name}` extends itself", ())
NOT_OPEN: Final = DiagnosticKind(
    "SC122",
    "`{path}` is not open to change",
    ("it is set by: {authority}", "ask the owner of the parent policy"),
)
NOT_IN_PARENT: Final = DiagnosticKind(
    "SC123",
    "`{path}` is not in the parent, which does not allow new ones",
    ("did you mean `{nearest}`?", "the parent would have to say [open] {section} = true"),
)
