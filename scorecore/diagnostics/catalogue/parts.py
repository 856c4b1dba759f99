"""Why a period cannot be decided in parts: SC470 to SC473."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

GROUP_CROSSES_PARTS: Final = DiagnosticKind(
    "SC470",
    "the group `{group}` needs people of all parts",
    (
        "the policy also has groups by another fact than `{by}`: decide the period as a whole",
        "everybody is in it: decide the period as a whole",
    ),
)
USE_CROSSES_PARTS: Final = DiagnosticKind(
    "SC471",
    "`{name}` reads decisions of `{policy}`, which parts do not make",
    ("decide by `{policy}` first, and add its decisions to the facts as `{name}`; or decide the period as a whole",),
)
GROUP_OF_PART_UNKNOWN: Final = DiagnosticKind(
    "SC472",
    "the group of `{id}` is not known, and groups of all parts wait for it",
    ("correct `{name}` in this row and in all others without a group ({count} in this part)",),
)
PARTS_WITHOUT_HISTORY: Final = DiagnosticKind(
    "SC473",
    "earlier periods have facts and no decisions ({periods}); in parts they are not decided first",
    ("decide them one after the other, and give their decisions as `{table}`",),
)
