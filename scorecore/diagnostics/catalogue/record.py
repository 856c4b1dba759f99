"""The file of a record: opening, writing, verifying, correcting it, and holding a payroll against it."""

from typing import Final

from scorecore.diagnostics.diagnostic import DiagnosticKind

_OPENED_ELSEWHERE: Final = "whoever has the key opens them in Python: Log.open(path, lock=key)"
_WRITTEN_OTHERWISE: Final = "was it written by a newer scorecore? scorecore verify says whether it was changed"

# SC80, opening and writing
NOT_A_RECORD: Final = DiagnosticKind(
    "SC800", "this is no record", ("a record is made by scorecore run --record; is this the right file?",)
)
RECORD_EXISTS: Final = DiagnosticKind(
    "SC801", "there is a file already", ("choose another name; nothing is written over",)
)
RECORD_BUSY: Final = DiagnosticKind(
    "SC802", "another program is writing to the record", ("wait until it is done, and try again; nothing was recorded",)
)
RECORD_FAILED: Final = DiagnosticKind(
    "SC803",
    "the record could not be read or written: {reason}",
    ("nothing was added; see to the folder and the disk, and try again",),
)
OTHER_KEY: Final = DiagnosticKind(
    "SC804",
    "the key is `{theirs}`; the record is signed by `{ours}`",
    ("give the key that the record began with: --key; it was put beside the record then",),
)
OLD_SQLITE: Final = DiagnosticKind(
    "SC805", "SQLite {version} may damage a record; {needed} or newer is needed", ("update the package apsw",)
)
RECORD_BROKEN: Final = DiagnosticKind(
    "SC806",
    "nothing can be added, for the record does not fit its last checkpoint, of {size} entries",
    ("scorecore verify names what is wrong; go on with a copy that verifies",),
)
NO_RECORD: Final = DiagnosticKind("SC807", "there is no record here", ("scorecore run --record begins one",))
OTHER_FORMAT: Final = DiagnosticKind(
    "SC808", "the record has format {found}; this scorecore knows format {known}", ("update scorecore",)
)
KEYS_ELSEWHERE: Final = DiagnosticKind(
    "SC809", "the payloads are locked, and their key is kept elsewhere", (_OPENED_ELSEWHERE,)
)

# SC81, what verify finds; it says once, at the end, what to do about it
UNANCHORED: Final = DiagnosticKind(
    "SC810",
    "UNANCHORED: the record of {size} entries was held against itself alone,"
    " which does not show whether its end was cut off, or all of it made anew",
    ("hold it against a checkpoint that was kept elsewhere: --anchor",),
    warning=True,
)
ENTRY_CHANGED: Final = DiagnosticKind("SC811", "entry {entry} is not what was signed")
ENTRY_MISSING: Final = DiagnosticKind("SC812", "entry {entry} is missing")
ENTRY_UNSIGNED: Final = DiagnosticKind("SC813", "entry {entry} lies beyond the last checkpoint: nobody signed it")
TILE_CHANGED: Final = DiagnosticKind(
    "SC814", "the hashes of entries {first} to {last} do not fit: tile {tile} of level {level} is not what was signed"
)
TILE_MISSING: Final = DiagnosticKind(
    "SC815", "the hashes of entries {first} to {last} are missing: tile {tile} of level {level}"
)
CHECKPOINT_CHANGED: Final = DiagnosticKind(
    "SC816",
    "the checkpoint of {size} entries does not fit: something from entry {first} to {last} is not what was signed",
)
CHECKPOINT_UNSIGNED: Final = DiagnosticKind(
    "SC817", "the checkpoint of {size} entries is not signed with the record's key"
)
PAYLOAD_CHANGED: Final = DiagnosticKind("SC818", "the payload of entry {entry} is not the one that was recorded")
PAYLOAD_MISSING: Final = DiagnosticKind(
    "SC819", "the payload of entry {entry} is gone, and no entry says that it was erased"
)
PAYLOAD_SEALED: Final = DiagnosticKind(
    "SC820",
    "{count} payloads were not looked into, for they are locked and their key is kept elsewhere",
    (_OPENED_ELSEWHERE,),
    warning=True,
)
BLOB_CHANGED: Final = DiagnosticKind(
    "SC821", "the part {digest}, such as a policy or a program, is not the one that was recorded"
)
BLOB_MISSING: Final = DiagnosticKind(
    "SC822", "the part {digest}, such as a policy or a program, is missing: entry {entry} rests on it"
)
STRAY_ROW: Final = DiagnosticKind("SC823", "row {row} of the table `{table}` belongs to nothing that was signed")
CUT_OFF: Final = DiagnosticKind(
    "SC824", "the record has {size} entries, the anchor has {anchored}: the end was cut off"
)
NOT_THE_ANCHORED: Final = DiagnosticKind(
    "SC825", "the first {size} entries are not those of the anchor: they were changed, or the record was made anew"
)
FOREIGN_ANCHOR: Final = DiagnosticKind(
    "SC826",
    "the anchor is a checkpoint of `{theirs}`, not signed with the key of this record, `{ours}`",
    ("take the anchor of this record; if it is that one, the record was made anew with another key",),
)
DAMAGED: Final = DiagnosticKind(
    "SC827", "SQLite finds the file damaged: {reason}", ("go on with a copy that scorecore verify finds sound",)
)
OTHER_SHAPE: Final = DiagnosticKind("SC828", "the table, index or trigger `{name}` is not as it was made")
SECRET_CHANGED: Final = DiagnosticKind(
    "SC829", "the secret of the pseudonyms is not the one that the record began with: nobody would be found"
)

# SC83, what cannot be read, and what SQLite and the disk must do
NO_RUN: Final = DiagnosticKind(
    "SC830",
    "entry {entry}, which begins or closes a run, cannot be read: {error}",
    ("scorecore verify names what is wrong; go on with a copy that verifies",),
)
BAD_ANCHOR: Final = DiagnosticKind(
    "SC831",
    "the anchor is no checkpoint",
    ("an anchor is all that scorecore log --checkpoint prints: three lines, an empty one, and the signature",),
)
NOT_KEPT: Final = DiagnosticKind(
    "SC832", "the file gives back other bytes than were written; nothing was signed", ("see to the disk and memory",)
)
SETTING_LOST: Final = DiagnosticKind(
    "SC833",
    "SQLite does not take the setting `{name}`, without which a record can be lost: it stays `{found}`",
    ("keep the record on a disk of this machine, not on a network drive; else update the package apsw",),
)

INCOMPLETE: Final = DiagnosticKind(
    "SC834",
    "the record is not whole: a part, a tile or the secret of the pseudonyms is missing",
    ("scorecore verify names what is missing; go on with a copy that verifies",),
)

# SC84, runs
DECIDED_BEFORE: Final = DiagnosticKind(
    "SC840",
    "`{policy}` has decided {period} before",
    ("what was decided stays; scorecore correct records a new decision beside it",),
)
OUT_OF_ORDER: Final = DiagnosticKind(
    "SC841",
    "`{policy}` has decided {last}, which comes after {period}",
    ("periods are recorded in their order; if this one was forgotten, say so with --reason",),
)
GAP: Final = DiagnosticKind(
    "SC842",
    "between {last} and {period} there are periods that `{policy}` has not decided",
    ("record those first, for this policy reads them; if nothing was decided then, say so with --reason",),
)
NOT_CLOSED: Final = DiagnosticKind(
    "SC843",
    "the run that begins at entry {entry} was never closed",
    ("scorecore records a run whole or not at all; ask who has the key what else has written to the record",),
)
NO_PROGRAM: Final = DiagnosticKind(
    "SC844", "the program of run {number} cannot be read: {error}", (_WRITTEN_OTHERWISE,)
)
NO_PAYLOAD: Final = DiagnosticKind(
    "SC845", "the payload of entry {entry} cannot be read: {error}", (_WRITTEN_OTHERWISE,)
)
RECORD_GREW: Final = DiagnosticKind(
    "SC846", "somebody else has recorded in the meantime", ("nothing was recorded; give the command again",)
)
NOTHING_TO_CORRECT: Final = DiagnosticKind(
    "SC847",
    "`{policy}` has not decided {period}: there is nothing to correct",
    ("scorecore log lists what is there; scorecore run --record decides a period",),
)
LEFT_OUT: Final = DiagnosticKind(
    "SC848",
    "the facts leave out {count} about whom {period} was decided: {who}",
    ("give the facts of everybody; about whom nothing should have been decided, say so with --withdraw",),
)
GROUP_ERASED: Final = DiagnosticKind(
    "SC849",
    "{period} cannot be decided anew: somebody was erased in it, and `{policy}` compares people",
    ("nothing was recorded; settle by hand what is due, and give it as a fact of the next period",),
)

NOT_WITHDRAWN: Final = DiagnosticKind(
    "SC856",
    "`{id}` cannot be withdrawn: nothing was decided about this id in {period}, or the facts still have it",
    ("look at the id; take the row out of the facts, or leave --withdraw out",),
)

TEXT_CHANGED: Final = DiagnosticKind(
    "SC857",
    "`{name}` reads otherwise than in run {number}, and has the same version",
    ("give a changed policy a new version, so that people can tell which one decided",),
    warning=True,
)

# SC85, a payroll beside the record
NOT_PAID: Final = DiagnosticKind("SC850", "`{id}` is not in the payroll, and gets {amount} for {period} by the record")
PAID_OTHERWISE: Final = DiagnosticKind("SC851", "`{id}` gets {paid} by the payroll, and {recorded} by the record")
PAID_UNKNOWN: Final = DiagnosticKind(
    "SC852", "`{id}` gets {paid} by the payroll, and the record has nothing to pay for {period}"
)
PAID_HELD: Final = DiagnosticKind(
    "SC853", "`{id}` gets {paid} by the payroll, and in the record a line of pay is still held", warning=True
)
PAID_ERASED: Final = DiagnosticKind(
    "SC855",
    "`{id}` was erased from the record: whether {paid} is right cannot be told any more",
    warning=True,
)
COUNT_DIFFERS: Final = DiagnosticKind(
    "SC854", "run {number} says that it decided about {said}, and has {found} decisions"
)
