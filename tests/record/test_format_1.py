"""Records of format 1, whose keys are in the file of the record, are read, written to and verified as they are."""

from pathlib import Path
from shutil import copyfile

import pytest

from recording import by_hand
from scorecore.record.log.verify import verify

GOLDEN = Path(__file__).parents[1] / "golden"
TAMPERED = {
    "a key is destroyed in silence": ("UPDATE subject_key SET value = NULL WHERE number = 2", "SC819"),
    "a key of nobody": ("INSERT INTO subject_key VALUES (-4, 'x', zeroblob(32))", "SC823"),
    "a secret of nothing": ("INSERT INTO secret VALUES ('more', x'00')", "SC823"),
    "the secret is another": ("UPDATE secret SET value = zeroblob(32)", "SC829"),
    "it is said to be of format 2": ("PRAGMA user_version = 2", "SC828"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_done_is_named(tmp_path: Path, what: str) -> None:
    path = Path(copyfile(GOLDEN / "ledger.scorecore", tmp_path / "record.scorecore"))
    anchor = (GOLDEN / "checkpoint.txt").read_text(encoding="utf-8")
    assert verify(path, anchor=anchor).diagnostics == ()
    statement, code = TAMPERED[what]
    with by_hand(path) as connection:
        connection.execute(statement).fetchall()
    assert code in {diagnostic.kind.code for diagnostic in verify(path, anchor=anchor).diagnostics}
