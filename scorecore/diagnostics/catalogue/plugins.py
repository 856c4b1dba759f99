"""Plugins: loading them, and what they contribute."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

PLUGIN_BROKEN: Final = DiagnosticKind(
    "SC601",
    "the plugin does not load: {error}",
    ("mend, update or uninstall it; nothing is decided without it",),
)
PLUGIN_UNFIT: Final = DiagnosticKind(
    "SC602",
    "the plugin does not fit the contract: {reason}",
    ("mend, update or uninstall it; nothing is decided without it",),
)
PLUGIN_CONTRACT: Final = DiagnosticKind(
    "SC603",
    "`{name}` is written for contract {theirs}, this is {ours}",
    ("update it, or scorecore",),
)
PLUGIN_TWICE: Final = DiagnosticKind(
    "SC604", "two plugins bring `{name}`: this one and `{other}`", ("uninstall one of them",)
)
UNKNOWN_SCORER: Final = DiagnosticKind(
    "SC605", "there is no scorer `{name}`", ("did you mean `{nearest}`?", "installed are {known}")
)
SCORER_FAILED: Final = DiagnosticKind(
    "SC606", "the scorer `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
SCORER_UNFIT: Final = DiagnosticKind(
    "SC607",
    "the scorer `{name}` gave something that is no entry: {found}",
    ("this is a fault of the plugin, not of the policy",),
)
SCORER_ENDLESS: Final = DiagnosticKind(
    "SC608",
    "the scorer `{name}` gives more than {limit} entries",
    ("this is a fault of the plugin, or the item is to be divided into several",),
)
OPERATOR_FAILED: Final = DiagnosticKind(
    "SC609", "the operator `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
OPERATOR_UNFIT: Final = DiagnosticKind(
    "SC610",
    "the operator `{name}` gave what is not made of its operands: {found}",
    ("this is a fault of the plugin, not of the policy",),
)
MADE_TOO_LARGE: Final = DiagnosticKind(
    "SC611", "this becomes an expression of more than {limit} parts", ("split it into several [values]",)
)
MADE_TOO_DEEP: Final = DiagnosticKind(
    "SC616",
    "this becomes an expression of more than {limit} parts inside each other",
    ("split it into several [values]",),
)
UNKNOWN_CHECK: Final = DiagnosticKind(
    "SC612", "there is no check `{name}`", ("did you mean `{nearest}`?", "installed are {known}", "none is installed")
)
CHECK_FAILED: Final = DiagnosticKind(
    "SC613", "the check `{name}` failed: {error}", ("this is a fault of the plugin, not of the policy",)
)
READER_FAILED: Final = DiagnosticKind(
    "SC614", "the reader `{name}` failed: {error}", ("this is a fault of the plugin, or of the file",)
)
RENDERER_FAILED: Final = DiagnosticKind(
    "SC615", "the layout `{name}` failed: {error}", ("this is a fault of the plugin, not of the decision",)
)
