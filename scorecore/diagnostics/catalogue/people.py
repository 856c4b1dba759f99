"""The people of a record: who signs, who may do what, and what waits for whom: SC861 to SC888."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

_KEEP_IT: Final = (
    "keep the file as evidence, and continue from an earlier copy; scorecore record log shows who did what"
)

OPERATOR_NEEDED: Final = DiagnosticKind(
    "SC861",
    "the record has operators: what is recorded must be signed by one of them",
    ("name the file of your own key with --as",),
)
NOT_SIGNED: Final = DiagnosticKind(
    "SC862", "entries {first} to {last} are not signed by an operator of the record: {who}", (_KEEP_IT,)
)
ROLE_NEEDED: Final = DiagnosticKind(
    "SC863",
    "entry {entry}: `{who}` does not have the role {role}",
    ("let an operator do it who has the role; scorecore record operator list shows the roles",),
)
OWN_WORK: Final = DiagnosticKind(
    "SC864",
    "entry {entry}: `{who}` recorded run {number}, and so cannot approve it",
    ("another operator with the role approver must approve it",),
)
NOT_WAITING: Final = DiagnosticKind(
    "SC865",
    "entry {entry}: run {number} is not waiting for this approval",
    ("scorecore record log shows which runs wait, and what became of the others",),
)
OUTDATED_PROPOSAL: Final = DiagnosticKind(
    "SC866",
    "entry {entry}: run {number} was decided before run {later} was approved, and does not take it into account",
    ("send it back with scorecore record return, and run it again",),
)
PROPOSAL_WAITS: Final = DiagnosticKind(
    "SC867",
    "run {number} of `{policy}` for {period} is waiting for approval; nothing can be built on it until then",
    ("approve it, send it back with scorecore record return, or replace it with --replace",),
)
OPERATOR_EXISTS: Final = DiagnosticKind(
    "SC868",
    "entry {entry}: `{name}`, or this key, already belongs to an operator",
    ("names and keys of operators are for good: choose another name, and make a key for it",),
)
NO_OPERATOR: Final = DiagnosticKind(
    "SC869", "entry {entry}: `{name}` is not an operator of the record", ("scorecore record operator list shows them",)
)
LAST_ADMINISTRATOR: Final = DiagnosticKind(
    "SC870",
    "entry {entry}: `{name}` is the last administrator",
    ("add another administrator first: without one no operator could ever be added",),
)
UNAPPROVED_KIND: Final = DiagnosticKind(
    "SC871",
    "entry {entry} begins a run as if nobody had to approve it, but the record has operators",
    (_KEEP_IT,),
)
NOT_WHAT_IS_DECIDED: Final = DiagnosticKind(
    "SC872",
    "run {number} cannot be approved: decided again it differs from entry {entry} on ({count} differences)",
    ("scorecore record replay shows the differences; send it back with scorecore record return",),
)
RUN_MISNUMBERED: Final = DiagnosticKind(
    "SC873", "entry {entry} begins run {number}, but the next one is run {next}", (_KEEP_IT,)
)

# SC874 to SC879, objections
NOTHING_TO_OBJECT_TO: Final = DiagnosticKind(
    "SC874",
    "entry {entry} objects to something that is not a decision in force about this person",
    ("scorecore record log --person shows the decisions",),
)
NO_OBJECTION: Final = DiagnosticKind(
    "SC875",
    "entry {entry}: no objection {objection} is waiting for this answer",
    ("scorecore record log shows the objections by their entries",),
)
NO_CORRECTION: Final = DiagnosticKind(
    "SC876",
    "entry {entry}: to accept the objection of entry {objection}, a later correction of this decision is needed",
    ("record it with scorecore record correct, have it approved, and name its number with --correction",),
)
OWN_ANSWER: Final = DiagnosticKind(
    "SC877",
    "entry {entry}: `{who}` recorded run {number}, and so cannot answer an objection to it",
    ("another operator with the role approver must answer it",),
)
OBJECTION_LATE: Final = DiagnosticKind(
    "SC878",
    "objections to run {number} were possible until {day}",
    ("the policy refuses later ones: `late` in [objections]",),
)
ANSWER_LATE: Final = DiagnosticKind(
    "SC879",
    "the objection of entry {entry} was to be answered by {day}; by the policy it counts as {verdict} since",
    ("answer it so: `unanswered` in [objections] says what a missed deadline means",),
)

# SC880 to SC882, adopted policies
NO_ADOPTION: Final = DiagnosticKind(
    "SC880",
    "entry {entry}: no policy that entry {adoption} adopts is waiting for approval",
    ("scorecore record log shows the policies that were adopted",),
)
OWN_POLICY: Final = DiagnosticKind(
    "SC881",
    "entry {entry}: `{who}` has adopted `{policy}`, and so cannot approve it",
    ("another operator with the role approver must approve it",),
)
NOT_ADOPTED: Final = DiagnosticKind(
    "SC882",
    "for {period} other programs of `{policy}` were adopted, but not this one",
    ("adopt it with scorecore record adopt, and have that approved; or run the policy that was adopted",),
)

# SC883 to SC887, who approves what, and what is built on
BAD_APPROVAL_RULE: Final = DiagnosticKind(
    "SC883",
    "entry {entry}: `{key}` of approval rule {rule} is not valid",
    (
        "`what` is a list of run, correction and policy, `approvals` a number, `by` a list of operators of the record",
        (
            "`policy` is the id of a policy; `total_from` and `person_from` are amounts in quotes, and not for "
            "the approval of policies"
        ),
    ),
)
NOT_AMONG_APPROVERS: Final = DiagnosticKind(
    "SC884",
    "entry {entry}: `{who}` is not among those who must approve it: {names}",
    ("scorecore record approval shows who approves what",),
)
RULE_LEFT_OUT: Final = DiagnosticKind(
    "SC885",
    "run {number} pays as much as rule {rule} of approval says, and does not name the rule",
    ("send it back with scorecore record return: the program that recorded it left the rule out",),
)
NOBODY_APPROVES: Final = DiagnosticKind(
    "SC886",
    "the record is kept by a single operator, and nobody approves what is run",
    ("begin a record with --operator to have runs approved",),
)
BUILDS_ON_ILLUSTRATION: Final = DiagnosticKind(
    "SC887",
    "`{policy}` is in force, and builds on decisions of `{other}`, whose figures are {status}",
    ("record it as a trial with --trial, or let `status` of [policy] say the same of both",),
)

# SC888, for how long people are kept
BAD_RETENTION: Final = DiagnosticKind(
    "SC888",
    "entry {entry}: the retention is not valid",
    ("`[retention]` has `years` or `months`, one of the two and nothing else: a whole number, up to 100 years",),
)
