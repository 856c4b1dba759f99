"""Groups: their declaration, functions of their members, and why those are unknown: SC27x, SC38x, SC54x, SC550."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

NO_GROUP: Final = DiagnosticKind(
    "SC270", "unknown group `{name}`", ("did you mean `{nearest}`?", "declare it under [groups.{name}]")
)
NO_TIES: Final = DiagnosticKind(
    "SC271",
    "the group `{name}` does not say how ties are ranked",
    ('add `ties` to [groups.{name}]: "first", "last", "dense", "mean" or "hold"',),
)
POOL_TOO_FINE: Final = DiagnosticKind(
    "SC272",
    "the amount has more decimal places ({places}) than its shares ({wanted})",
    ("write round(…, {wanted})",),
)
COMPARED_TO_ASSESS: Final = DiagnosticKind(
    "SC275",
    "who is assessed cannot depend on a comparison with others, who are compared only if they are assessed",
    ("use facts of the subject in `applies`; results that only some are to have get a `when`",),
)
NO_GROUP_FACT: Final = DiagnosticKind(
    "SC381",
    "`{name}` is not a fact of the subject",
    ("did you mean `{nearest}`?", "a group is formed by a fact of the subject"),
)
GROUP_UNFIT: Final = DiagnosticKind(
    "SC382",
    "`{name}` has the type {type}, which cannot form groups",
    ("groups are formed by text, int or bool",),
)
GROUP_WAITS: Final = DiagnosticKind("SC541", "the group `{group}` is waiting for {count} of its members: {who}")
GROUP_EMPTY: Final = DiagnosticKind("SC542", "in the group `{group}`, no member's value is known")
TIED: Final = DiagnosticKind("SC543", "the rank in the group `{group}` is shared with {who}")
POOL_DIFFERS: Final = DiagnosticKind("SC544", "the amount to divide is {value} for {who}, but {other} for {whose}")
POOL_WITHOUT_WEIGHT: Final = DiagnosticKind(
    "SC545", "in the group `{group}`, all weights are zero, so nobody receives the amount"
)
NEGATIVE_WEIGHT: Final = DiagnosticKind("SC550", "the weight `{name}` would be {value}; it cannot be negative")
