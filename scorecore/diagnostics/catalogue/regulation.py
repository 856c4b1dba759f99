"""A policy beside the text of its written rule: SC370 to SC379. None keeps the policy from deciding."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_TEXT_FILE: Final = DiagnosticKind(
    "SC370",
    "the text `{file}` cannot be read, so no clause was checked",
    ("`text` names a file in UTF-8 in the folder of the policy, or below it",),
    warning=True,
)
TEXT_FORMAT: Final = DiagnosticKind(
    "SC371",
    "the text `{file}` has a format that is not read (formats: {formats})",
    ("save it as .docx or as plain text",),
    warning=True,
)
TEXT_NOT_PINNED: Final = DiagnosticKind(
    "SC372",
    "the policy does not say which version of the text `{file}` it was written from",
    ("when the policy says what the text says: scorecore trace --pin {policy}",),
    warning=True,
)
RULE_CHANGED: Final = DiagnosticKind(
    "SC373",
    "the text `{file}` is not the one that the policy was written from: it has been changed since",
    ("compare the two; when the policy says what the text says: scorecore trace --pin {policy}",),
    warning=True,
)
NO_CLAUSE: Final = DiagnosticKind(
    "SC374",
    "the text `{file}` has no clause `{clause}`",
    ("did you mean `{nearest}`?", "cite clauses by their numbers, such as 第十四条(三)"),
    warning=True,
)
SILENCE_WITHOUT_TEXT: Final = DiagnosticKind(
    "SC375",
    "[[text.silent]] is about clauses, but the policy has no text",
    ('name the file with the written rule: [policy] text = "…"',),
    warning=True,
)
NO_FIGURE: Final = DiagnosticKind(
    "SC376",
    "`{figure}` is not a figure of `{clause}`",
    ("did you mean `{nearest}`?", "its figures are {known}", "write it as the text does"),
    warning=True,
)
DOCUMENT_CHANGED: Final = DiagnosticKind(
    "SC377",
    "the document `{file}` does not say what the policy says: one of them was changed since it was written",
    ("write it again: scorecore document {policy} --out {file}",),
    warning=True,
)
TEXT_NOT_READ: Final = DiagnosticKind(
    "SC378",
    "parts of the text `{file}` are not read: text boxes, footnotes and hidden passages (count: {count})",
    ("put what belongs to the rule into its paragraphs and tables",),
    warning=True,
)
CHANGES_PENDING: Final = DiagnosticKind(
    "SC379",
    "the text `{file}` has changes that nobody has accepted or refused; it is read as if all were accepted "
    "(count: {count})",
    ("accept or refuse them in Word",),
    warning=True,
)
