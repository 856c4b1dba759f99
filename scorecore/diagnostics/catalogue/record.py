"""The record of decisions: opening, writing, verifying and correcting it, and comparing it with a payroll: SC8xx."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

_OPENED_ELSEWHERE: Final = "with the key they can be opened in Python: Log.open(path, lock=key)"
_WRITTEN_OTHERWISE: Final = "was it written by a newer scorecore? scorecore record verify says whether it was changed"
_USE_A_COPY: Final = "scorecore record verify names what is wrong; continue with a copy that verifies"

_USE_THE_NEWEST: Final = (
    "use the newest file of this record; if it is lost, scorecore record resume continues from this one;"
    " a second record needs a key of its own"
)

# SC80, opening and writing
NOT_A_RECORD: Final = DiagnosticKind(
    "SC800", "this is not a record", ("scorecore record begin makes a record; is this the right file?",)
)
RECORD_EXISTS: Final = DiagnosticKind(
    "SC801", "the file already exists", ("choose another name; nothing is overwritten",)
)
RECORD_BUSY: Final = DiagnosticKind(
    "SC802",
    "another program is writing to the record",
    ("wait until it has finished, and try again; nothing was recorded",),
)
RECORD_FAILED: Final = DiagnosticKind(
    "SC803",
    "the record could not be read or written: {reason}",
    ("nothing was added; check the folder and the disk, and try again",),
)
OTHER_KEY: Final = DiagnosticKind(
    "SC804",
    "the key is `{theirs}`, but the record is signed by `{ours}`",
    ("use the key that was stored next to the record when it was begun: --key",),
)
OLD_SQLITE: Final = DiagnosticKind(
    "SC805", "SQLite {version} can damage a record; {needed} or newer is required", ("update the package apsw",)
)
RECORD_BROKEN: Final = DiagnosticKind(
    "SC806",
    "the record does not match its last checkpoint, of {size} entries",
    (_USE_A_COPY,),
    singular="the record does not match its last checkpoint, of {size} entry",
    count="size",
)
NO_RECORD: Final = DiagnosticKind(
    "SC807", "record not found", ("scorecore record begin makes one; is the name right?",)
)
OTHER_FORMAT: Final = DiagnosticKind(
    "SC808", "the record has format {found}, but this scorecore knows format {known}", ("update scorecore",)
)
KEYS_ELSEWHERE: Final = DiagnosticKind(
    "SC809", "the payloads are locked, and their key is kept elsewhere", (_OPENED_ELSEWHERE,)
)

# SC81 and SC82, what verify finds; it says once, at the end, what to do about it
UNANCHORED: Final = DiagnosticKind(
    "SC810",
    "UNANCHORED: the record of {size} entries was checked only against itself,"
    " which cannot show whether its end was cut off or all of it was replaced",
    ("check it against a checkpoint that was kept elsewhere: --anchor",),
    warning=True,
    singular="UNANCHORED: the record of {size} entry was checked only against itself,"
    " which cannot show whether its end was cut off or all of it was replaced",
    count="size",
)
ENTRY_CHANGED: Final = DiagnosticKind("SC811", "entry {entry} is not what was signed")
ENTRY_MISSING: Final = DiagnosticKind("SC812", "entry {entry} is missing")
ENTRY_UNSIGNED: Final = DiagnosticKind("SC813", "entry {entry} is beyond the last checkpoint and was never signed")
TILE_CHANGED: Final = DiagnosticKind(
    "SC814", "the hashes of entries {first} to {last} do not match: tile {tile} of level {level} is not what was signed"
)
TILE_MISSING: Final = DiagnosticKind(
    "SC815", "the hashes of entries {first} to {last} are missing: tile {tile} of level {level}"
)
CHECKPOINT_CHANGED: Final = DiagnosticKind(
    "SC816",
    "the checkpoint of {size} entries does not match: something from entry {first} to {last} is not what was signed",
    singular="the checkpoint of {size} entry does not match:"
    " something from entry {first} to {last} is not what was signed",
    count="size",
)
CHECKPOINT_UNSIGNED: Final = DiagnosticKind(
    "SC817",
    "the checkpoint of {size} entries is not signed with the record's key",
    singular="the checkpoint of {size} entry is not signed with the record's key",
    count="size",
)
PAYLOAD_CHANGED: Final = DiagnosticKind("SC818", "the payload of entry {entry} is not the one that was recorded")
PAYLOAD_MISSING: Final = DiagnosticKind(
    "SC819", "the payload of entry {entry} is gone, and no entry says that it was erased"
)
PAYLOAD_SEALED: Final = DiagnosticKind(
    "SC820",
    "{count} payloads were not opened, because their keys are not here",
    ("what was signed is checked without them; with the vault beside the record payloads are opened, too",),
    warning=True,
    singular="{count} payload was not opened, because its key is not here",
    count="count",
)
BLOB_CHANGED: Final = DiagnosticKind(
    "SC821", "the part {digest}, such as a policy or a program, is not the one that was recorded"
)
BLOB_MISSING: Final = DiagnosticKind(
    "SC822", "the part {digest}, such as a policy or a program, is missing, and entry {entry} needs it"
)
STRAY_ROW: Final = DiagnosticKind("SC823", "row {row} of the table `{table}` belongs to nothing that was signed")
CUT_OFF: Final = DiagnosticKind(
    "SC824",
    "the record has {size} entries, but the anchor has {anchored}: the end was cut off",
    singular="the record has {size} entry, but the anchor has {anchored}: the end was cut off",
    count="size",
)
NOT_THE_ANCHORED: Final = DiagnosticKind(
    "SC825",
    "the first {size} entries are not those of the anchor: they were changed, or the record was replaced",
    singular="the first entry ({size} in the anchor) is not that of the anchor: it was changed,"
    " or the record was replaced",
    count="size",
)
FOREIGN_ANCHOR: Final = DiagnosticKind(
    "SC826",
    "the anchor is a checkpoint of `{theirs}`, not signed with the key of this record, `{ours}`",
    ("use the anchor of this record; if this is the right one, the record was replaced under another key",),
)
DAMAGED: Final = DiagnosticKind(
    "SC827", "SQLite reports that the file is damaged: {reason}", ("continue with a copy that verifies",)
)
OTHER_SHAPE: Final = DiagnosticKind("SC828", "the table, index or trigger `{name}` is not as it was made")
SECRET_CHANGED: Final = DiagnosticKind(
    "SC829", "the secret of the pseudonyms is not the one that the record began with, so nobody could be found"
)

# SC83, what cannot be read, and what SQLite and the disk must do
NO_RUN: Final = DiagnosticKind(
    "SC830", "entry {entry}, which begins or closes a run, cannot be read: {error}", (_USE_A_COPY,)
)
BAD_ANCHOR: Final = DiagnosticKind(
    "SC831",
    "the anchor is not a checkpoint",
    ("an anchor is all that scorecore record log --checkpoint prints: three lines, an empty one, and the signature",),
)
NOT_KEPT: Final = DiagnosticKind(
    "SC832",
    "the file does not return the bytes that were written; nothing was signed",
    ("check the disk and the memory",),
)
SETTING_LOST: Final = DiagnosticKind(
    "SC833",
    "SQLite does not accept the setting `{name}`, without which a record can be lost: it stays `{found}`",
    ("keep the record on a local disk, not on a network drive; otherwise update the package apsw",),
)
INCOMPLETE: Final = DiagnosticKind(
    "SC834",
    "the record is incomplete: a part, a tile or the secret of the pseudonyms is missing",
    ("scorecore record verify names what is missing; continue with a copy that verifies",),
)

NEWER_FORMAT: Final = DiagnosticKind(
    "SC835",
    "run {number} was recorded in format {found}; this scorecore reads up to format {known}",
    ("update scorecore",),
)
NEWER_LEVEL: Final = DiagnosticKind(
    "SC836",
    "the program of run {number} needs language level {found}; this scorecore knows up to level {known}",
    ("update scorecore",),
)
PROGRAM_TEXTS_CHANGED: Final = DiagnosticKind(
    "SC837",
    "the labels, clauses or places in the program of run {number} are not those that its manifest names",
    ("scorecore record verify says whether the record was changed; explanations of this run cannot be trusted",),
)

NOT_LAST_SIGNED: Final = DiagnosticKind(
    "SC838",
    "the record of {size} entries is not the one that its key signed last, which has {signed}:"
    " it is an older copy, or another record",
    (_USE_THE_NEWEST,),
    singular="the record of {size} entry is not the one that its key signed last, which has {signed}:"
    " it is an older copy, or another record",
    count="size",
)

RESUMED: Final = DiagnosticKind(
    "SC839",
    "entry {entry} continues the record from an older copy: what was signed, up to {signed} entries, is lost"
    " ({reason})",
    warning=True,
)

# SC84, runs
DECIDED_BEFORE: Final = DiagnosticKind(
    "SC840",
    "`{policy}` has already decided {period}",
    ("the recorded decision is kept; scorecore record correct records a new one next to it",),
)
OUT_OF_ORDER: Final = DiagnosticKind(
    "SC841",
    "`{policy}` has already decided {last}, which comes after {period}",
    ("periods are recorded in order; if this one was forgotten, say so with --reason",),
)
GAP: Final = DiagnosticKind(
    "SC842",
    "between {last} and {period} there are periods that `{policy}` has not decided",
    ("record those first, because this policy reads them; if nothing was decided then, say so with --reason",),
)
NOT_CLOSED: Final = DiagnosticKind(
    "SC843",
    "the run that begins at entry {entry} was never closed",
    ("scorecore records a run completely or not at all; find out what else has written to the record with its key",),
)
NO_PROGRAM: Final = DiagnosticKind(
    "SC844", "the program of run {number} cannot be read: {error}", (_WRITTEN_OTHERWISE,)
)
NO_PAYLOAD: Final = DiagnosticKind(
    "SC845", "the payload of entry {entry} cannot be read: {error}", (_WRITTEN_OTHERWISE,)
)
RECORD_GREW: Final = DiagnosticKind(
    "SC846", "somebody else has added to the record in the meantime", ("nothing was recorded; run the command again",)
)
NOTHING_TO_CORRECT: Final = DiagnosticKind(
    "SC847",
    "`{policy}` has not decided {period}, so there is nothing to correct",
    ("scorecore record log lists the recorded periods; scorecore run --record decides a period",),
)
LEFT_OUT: Final = DiagnosticKind(
    "SC848",
    "the facts leave out {count} subjects who have decisions for {period}: {who}",
    ("supply the facts of all subjects; use --withdraw for those who should not have been assessed",),
    singular="the facts leave out {count} subject who has a decision for {period}: {who}",
    count="count",
)
GROUP_ERASED: Final = DiagnosticKind(
    "SC849",
    "{period} cannot be decided again: somebody was erased from it, and `{policy}` compares people",
    ("nothing was recorded; settle what is due by hand, and enter it as a fact of the next period",),
)

# SC85, a payroll beside the record, and SC856 to SC860 of runs
NOT_PAID: Final = DiagnosticKind(
    "SC850", "`{id}` is not in the payroll, but should get {amount} for {period} according to the record"
)
PAID_OTHERWISE: Final = DiagnosticKind(
    "SC851", "`{id}` gets {paid} in the payroll, but should get {recorded} according to the record"
)
PAID_UNKNOWN: Final = DiagnosticKind(
    "SC852", "`{id}` gets {paid} in the payroll, but the record has nothing to pay for {period}"
)
PAID_HELD: Final = DiagnosticKind(
    "SC853", "`{id}` gets {paid} in the payroll, but a pay line is still held in the record", warning=True
)
COUNT_DIFFERS: Final = DiagnosticKind(
    "SC854", "the number of decisions of run {number} should be {said}, but is {found}"
)
PAID_ERASED: Final = DiagnosticKind(
    "SC855",
    "`{id}` was erased from the record, or somebody else was, so {paid} can no longer be checked",
    warning=True,
)
NOT_WITHDRAWN: Final = DiagnosticKind(
    "SC856",
    "`{id}` cannot be withdrawn: it has no decision in {period}, or is still in the facts",
    ("check the id; remove its row from the facts, or leave --withdraw out",),
)
TEXT_CHANGED: Final = DiagnosticKind(
    "SC857",
    "the text of `{name}` has changed since run {number}, but its version has not",
    ("give a changed policy a new version, so that people can tell which one decided",),
    warning=True,
)
CLOCK_BEHIND: Final = DiagnosticKind(
    "SC858",
    "something was recorded at {last}, which is in the future by this machine's clock",
    ("correct the clock; if it is right, explain with --reason",),
)
CLOCK_SET_BACK: Final = DiagnosticKind(
    "SC859",
    "entry {entry} was recorded at {at}, after something that was recorded at {last}: a clock was wrong",
    warning=True,
)
PROGRAM_CHANGED: Final = DiagnosticKind(
    "SC860",
    "`{policy}` is another program than in run {number}, but its version is the same; nothing was recorded",
    (
        "plugins have changed: {plugins}; scorecore diff --record {file} shows the effect, and --reason records it",
        "scorecore diff --record {file} shows the effect; give the policy a new version, or say why with --reason",
    ),
)
