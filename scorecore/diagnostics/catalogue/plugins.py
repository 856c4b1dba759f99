"""Plugins: loading them, and what they contribute: SC601 to SC624."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

_REPAIR: Final = (
    "see {where}; fix, update or uninstall it, or leave it out with --without {name}",
    "fix, update or uninstall it, or leave it out with --without {name}",
)
_FAULT_OF_PLUGIN: Final = (
    "this is a fault of the plugin, not of the policy; see {where}",
    "this is a fault of the plugin, not of the policy",
)

PLUGIN_BROKEN: Final = DiagnosticKind("SC601", "the plugin cannot be loaded: {error}", _REPAIR)
PLUGIN_UNFIT: Final = DiagnosticKind("SC602", "the plugin does not fit the contract: {reason}", _REPAIR)
PLUGIN_CONTRACT: Final = DiagnosticKind(
    "SC603",
    "`{name}` is written for contract {theirs}, but this scorecore has contract {ours}",
    ("update the plugin or scorecore",),
)
PLUGIN_TWICE: Final = DiagnosticKind(
    "SC604", "two plugins provide `{name}`: this one and `{other}`", ("uninstall one of them",)
)
UNKNOWN_SCORER: Final = DiagnosticKind(
    "SC605", "unknown scorer `{name}`", ("did you mean `{nearest}`?", "these are installed: {known}")
)
SCORER_FAILED: Final = DiagnosticKind("SC606", "the scorer `{name}` failed: {error}", _FAULT_OF_PLUGIN)
SCORER_UNFIT: Final = DiagnosticKind(
    "SC607", "the scorer `{name}` returned something that is not an entry: {found}", _FAULT_OF_PLUGIN
)
SCORER_ENDLESS: Final = DiagnosticKind(
    "SC608",
    "the scorer `{name}` gives more than {limit} entries",
    ("this is a fault of the plugin, or the item should be split",),
)
OPERATOR_FAILED: Final = DiagnosticKind("SC609", "the operator `{name}` failed: {error}", _FAULT_OF_PLUGIN)
OPERATOR_UNFIT: Final = DiagnosticKind(
    "SC610",
    "the operator `{name}` returned something that is not built from its operands: {found}",
    _FAULT_OF_PLUGIN,
)
MADE_TOO_LARGE: Final = DiagnosticKind(
    "SC611", "this expands to an expression of more than {limit} parts", ("split it into smaller [values]",)
)
UNKNOWN_CHECK: Final = DiagnosticKind(
    "SC612",
    "unknown check `{name}`",
    ("did you mean `{nearest}`?", "these are installed: {known}", "no check is installed"),
)
CHECK_FAILED: Final = DiagnosticKind("SC613", "the check `{name}` failed: {error}", _FAULT_OF_PLUGIN)
READER_FAILED: Final = DiagnosticKind(
    "SC614",
    "the reader `{name}` failed: {error}",
    (
        "this is a fault of the plugin, or of the file; see {where}",
        "this is a fault of the plugin, or of the file",
    ),
)
RENDERER_FAILED: Final = DiagnosticKind(
    "SC615",
    "the layout `{name}` failed: {error}",
    (
        "this is a fault of the plugin, not of the decision; see {where}",
        "this is a fault of the plugin, not of the decision",
    ),
)
MADE_TOO_DEEP: Final = DiagnosticKind(
    "SC616",
    "this expands to an expression that is nested more than {limit} levels deep",
    ("split it into smaller [values]",),
)
SCORER_KEYS: Final = DiagnosticKind(
    "SC617",
    "the scorer `{name}` does not accept the keys of the item: {error}",
    (
        "correct the key; a plugin should report such a mistake with its place: see {where}",
        "correct the key; a plugin should report such a mistake with its place",
    ),
)
PLUGIN_VARIES: Final = DiagnosticKind("SC618", "`{name}` does not give the same result twice", _FAULT_OF_PLUGIN)
CODE_RESERVED: Final = DiagnosticKind(
    "SC619",
    "`{name}` reports a problem with the code `{code}`; codes that begin with SC belong to scorecore",
    _FAULT_OF_PLUGIN,
)
PLUGIN_VERSION: Final = DiagnosticKind(
    "SC621",
    "the policy is written for version {pinned} of the plugin `{name}`, but {installed} is installed",
    ("install {name}=={pinned}; or pin {installed}, and see with scorecore diff --record what it changes",),
)
PINNED_MISSING: Final = DiagnosticKind(
    "SC622",
    "the policy is written for version {pinned} of the plugin `{name}`, which is not installed",
    ("did you mean `{nearest}`?", "install {name}=={pinned}"),
)
VALUE_TAKEN: Final = DiagnosticKind(
    "SC623",
    "the scorer `{name}` adds a value named `{value}`, but the policy already has this name",
    ("rename the item, or what has this name",),
)
WRITER_FAILED: Final = DiagnosticKind(
    "SC624",
    "the writer `{name}` failed: {error}",
    (
        "this is a fault of the plugin, not of the results; see {where}",
        "this is a fault of the plugin, not of the results",
    ),
)
