"""Matters with stages: their declaration, and rows that do not follow it: SC288 to SC299, SC494 to SC496."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

CLOCK_READS_CLOCK: Final = DiagnosticKind(
    "SC288",
    "the clock `{name}` reads the clock `{other}`",
    ("a clock can read the fields and the stages of its matter",),
)
MATTER_DATED: Final = DiagnosticKind(
    "SC289",
    "`{table}` is `dated_by` a day, so that a matter that is still open would be gone in the next period",
    ("remove `dated_by`: the clocks say to which period each deadline belongs",),
)
STAGE_UNFIT: Final = DiagnosticKind(
    "SC290",
    "the stage `{name}` is a {type}",
    ("a stage is a date or timestamp, which says when it was reached",),
)
STAGE_PRESENCE: Final = DiagnosticKind(
    "SC291",
    "every matter begins with the stage `{name}`, so it cannot be optional",
    ("the first stage under [matters.{table}.stages] is where matters begin",),
)
STAGE_ALWAYS_THERE: Final = DiagnosticKind(
    "SC292", "the stage `{name}` comes later, so it must be optional", ("write optional = true in its field",)
)
NO_STAGE: Final = DiagnosticKind(
    "SC293", "`{table}` has no stage `{name}`", ("did you mean `{nearest}`?", "its stages are {known}")
)
STAGE_UNREACHED: Final = DiagnosticKind(
    "SC294",
    "no stage leads to `{name}`",
    ("name it as `next` of a stage", "matters begin with `{first}`, the first stage"),
)
STAGE_CIRCLE: Final = DiagnosticKind(
    "SC295",
    "the stage `{name}` leads back to itself: {path}",
    ("a row has one date for each stage; give what is done again a stage of its own",),
)
STAGE_LACKS: Final = DiagnosticKind(
    "SC296",
    "the stage `{name}` has no `{what}`",
    ("`requires` of [matters.{table}] asks for it in every stage but the last",),
)
CLOCK_NEVER_STOPS: Final = DiagnosticKind(
    "SC297",
    "the clock `{name}` cannot stop with `{stage}`, which does not follow `{since}`",
    ("name stages that can follow",),
)
CLOCK_NEEDS_TIMES: Final = DiagnosticKind(
    "SC298",
    "the clock `{name}` counts {unit}, but the stage `{stage}` has no time of day",
    ("make it a timestamp, or count days or workdays",),
)
MATTER_NAME: Final = DiagnosticKind(
    "SC299",
    "`{name}` is already a field of `{table}`, or a name that every matter has",
    ("choose another name",),
)
STAGE_JUMPED: Final = DiagnosticKind(
    "SC494",
    "`{name}` is {value}, but no stage that leads to it was reached: {before}",
    ("fill in when the matter reached one of these stages, or correct this cell",),
)
STAGE_GOES_BACK: Final = DiagnosticKind(
    "SC495",
    "`{name}` is {value}, before {other}, the day of `{before}`",
    ("a stage cannot be earlier than the stage before it",),
)
EVIDENCE_MISSING: Final = DiagnosticKind(
    "SC496",
    "`{name}` was reached without `{evidence}`",
    ("fill it in; otherwise the stage counts as reached without its evidence",),
    warning=True,
)
