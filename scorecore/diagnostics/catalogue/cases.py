"""What the cases of a policy do not prove: SC900 to SC911."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_CASE_ENTRY: Final = DiagnosticKind("SC900", "no case has the entry `{reason}` of {item}", warning=True)
NO_CASE_BRANCH: Final = DiagnosticKind("SC901", "in no case is `{condition}` {outcome}", warning=True)
NO_CASE_BAND: Final = DiagnosticKind("SC902", "no case falls into the band `{band}` of {table}", warning=True)
NO_CASE_GRADE: Final = DiagnosticKind("SC903", "no case gets the grade {grade}", warning=True)
NO_CASE_HOLD: Final = DiagnosticKind("SC904", "no case is held because: {hold}", warning=True)
NO_CASE_LINE: Final = DiagnosticKind("SC905", "no case has the pay line {line}", warning=True)
NO_CASE_ACTION: Final = DiagnosticKind("SC906", "no case proposes: {action}", warning=True)
NOT_NOTICED: Final = DiagnosticKind("SC910", "no case notices `{after}` instead of `{before}`", warning=True)
NOT_EXPECTED: Final = DiagnosticKind(
    "SC911",
    "`{after}` instead of `{before}` changes results that no case expects",
    ('the case "{case}" then has a different result; it could say what it expects there',),
    warning=True,
)
