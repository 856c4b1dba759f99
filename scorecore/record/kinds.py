"""Every kind of problem of the record's file; the sentences of all others stand in `scorecore.kinds`."""

from typing import Final

from scorecore.problems import Kind

# SC80, opening and writing
NOT_A_RECORD: Final = Kind(
    "SC800", "this is no record", ("a record is made by scorecore run --record; is this the right file?",)
)
RECORD_EXISTS: Final = Kind("SC801", "there is a file already", ("choose another name; nothing is written over",))
RECORD_BUSY: Final = Kind(
    "SC802", "another program is writing to the record", ("wait until it is done, and try again; nothing was recorded",)
)
RECORD_FAILED: Final = Kind(
    "SC803",
    "the record could not be read or written: {error}",
    ("what was recorded before is kept, and nothing was added; see to the disk and try again",),
)
OTHER_KEY: Final = Kind(
    "SC804", "the key is `{theirs}`; the record is signed by `{ours}`", ("use the key that began the record",)
)
OLD_SQLITE: Final = Kind(
    "SC805", "SQLite {version} may damage a record; {needed} or newer is needed", ("update the package apsw",)
)
RECORD_BROKEN: Final = Kind(
    "SC806",
    "nothing can be added, for the record does not fit its last checkpoint, of {size} entries",
    ("scorecore verify names what is wrong; go on with a copy that verifies",),
)
NO_RECORD: Final = Kind("SC807", "there is no record here", ("scorecore run --record begins one",))
OTHER_FORMAT: Final = Kind(
    "SC808", "the record has format {found}; this scorecore knows format {known}", ("update scorecore",)
)
KEYS_ELSEWHERE: Final = Kind(
    "SC809", "the payloads are locked, and their key is kept elsewhere", ("give the key to the payloads",)
)

# SC81, what verify finds
UNANCHORED: Final = Kind(
    "SC810",
    "UNANCHORED: the record of {size} entries fits itself, but nothing shows yet that it is whole and the first one",
    ("only a checkpoint that is kept elsewhere can show it: --anchor",),
    warning=True,
)
ENTRY_CHANGED: Final = Kind("SC811", "entry {entry} is not what was signed")
ENTRY_MISSING: Final = Kind("SC812", "entry {entry} is missing")
ENTRY_UNSIGNED: Final = Kind("SC813", "entry {entry} lies beyond the last checkpoint: nobody signed it")
TILE_CHANGED: Final = Kind("SC814", "tile {tile} of level {level} does not fit what lies below it")
TILE_MISSING: Final = Kind("SC815", "tile {tile} of level {level} is missing")
CHECKPOINT_CHANGED: Final = Kind(
    "SC816",
    "the checkpoint of {size} entries does not fit: something from entry {first} to {last} is not what was signed",
)
CHECKPOINT_UNSIGNED: Final = Kind("SC817", "the checkpoint of {size} entries is not signed with the record's key")
PAYLOAD_CHANGED: Final = Kind("SC818", "the payload of entry {entry} is not what the entry commits to")
PAYLOAD_MISSING: Final = Kind("SC819", "the payload of entry {entry} is gone, and no entry says that it was erased")
PAYLOAD_SEALED: Final = Kind(
    "SC820",
    "{count} payloads were not looked into, for they are locked and their key is kept elsewhere",
    ("give the key to the payloads",),
    warning=True,
)
BLOB_CHANGED: Final = Kind("SC821", "the part {digest} is not what its digest says")
BLOB_MISSING: Final = Kind("SC822", "the part {digest}, which entry {entry} rests on, is missing")
STRAY_ROW: Final = Kind("SC823", "in the table `{table}`, row {row} belongs to no entry")
CUT_OFF: Final = Kind("SC824", "the record has {size} entries, the anchor has {anchored}: the end was cut off")
NOT_THE_ANCHORED: Final = Kind("SC825", "the first {size} entries are not those that were anchored")
FOREIGN_ANCHOR: Final = Kind(
    "SC826", "the anchor is a checkpoint of `{theirs}`, not signed with the key of this record, `{ours}`"
)
DAMAGED: Final = Kind("SC827", "SQLite finds damage: {error}")
OTHER_SHAPE: Final = Kind("SC828", "the tables of the record are not as they were made: `{name}`")
SECRET_CHANGED: Final = Kind(
    "SC829", "the secret of the pseudonyms is not the one that the record began with: nobody would be found"
)

# SC83, keys and checkpoints
BAD_KEY: Final = Kind("SC830", "this is no key", ("a key is one line: PRIVATE+KEY+name+fingerprint+base64",))
BAD_ANCHOR: Final = Kind(
    "SC831", "this is no checkpoint", ("an anchor is the whole text: three lines, an empty one, and the signature",)
)
NOT_KEPT: Final = Kind(
    "SC832", "the file gives back other bytes than were written; nothing was signed", ("see to the disk and memory",)
)
SETTING_LOST: Final = Kind("SC833", "SQLite does not take the setting `{name}`: it stays `{found}`")

# SC84, runs
DECIDED_BEFORE: Final = Kind(
    "SC840",
    "`{policy}` has decided {period} before",
    ("what was decided stays; scorecore correct records a new decision beside it",),
)
OUT_OF_ORDER: Final = Kind(
    "SC841",
    "`{policy}` has decided {last}, which comes after {period}",
    ("periods are recorded in their order; if this one was forgotten, say so with --reason",),
)
GAP: Final = Kind(
    "SC842",
    "between {last}, the last period of `{policy}` in the record, and {period} some are missing",
    ("record those first, for this policy reads them; if nothing was decided then, say so with --reason",),
)
NOT_CLOSED: Final = Kind("SC843", "the run that begins at entry {entry} was never closed")
NO_PROGRAM: Final = Kind("SC844", "the program of run {number} cannot be read: {error}")
NO_PAYLOAD: Final = Kind("SC845", "the payload of entry {entry} cannot be read: {error}")
RECORD_GREW: Final = Kind(
    "SC846", "somebody else has recorded in the meantime", ("nothing was recorded; give the command again",)
)
NOT_DECIDED: Final = Kind(
    "SC847",
    "`{policy}` has not decided {period}: there is nothing to correct",
    ("scorecore log lists what is there; scorecore run --record decides a period",),
)
LEFT_OUT: Final = Kind(
    "SC848",
    "the facts leave out {count} about whom {period} was decided: {who}",
    ("give the facts of everybody; about whom nothing should have been decided, say so with --withdraw",),
)
GROUP_ERASED: Final = Kind(
    "SC849", "in {period} somebody was erased, and `{policy}` compares people: it cannot be decided anew"
)

# SC85, a payroll beside the record
NOT_PAID: Final = Kind("SC850", "`{id}` was decided in {period}, and the payroll leaves out {amount}")
PAID_OTHERWISE: Final = Kind("SC851", "`{id}` gets {paid} by the payroll, and {recorded} by the record")
PAID_UNKNOWN: Final = Kind("SC852", "`{id}` gets {paid} by the payroll, and the record decided nothing in {period}")
PAID_HELD: Final = Kind("SC853", "`{id}` gets {paid} by the payroll, and the record holds a line of pay", warning=True)
COUNT_DIFFERS: Final = Kind("SC854", "run {number} says that it decided about {said}, and has {found} decisions")
