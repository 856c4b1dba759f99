"""What somebody with the file did to it whom an attacker's search found: each is refused, and changes nothing."""

import os
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw
import pytest

from recording import by_hand, filled, index_as
from scorecore.diagnostics.diagnostic import Rejected
from scorecore.record.log.files import BESIDE
from scorecore.record.log.log import Log
from scorecore.record.log.verify import verify
from tampering import behaviour, build


def test_an_index_that_calls_a_decision_an_erasure_erases_nothing(tmp_path: Path) -> None:
    """It made the decisions before it count as erased, so that the next run paid something else."""
    path = tmp_path / "record.scorecore"
    build(path)
    honest = behaviour(path)
    index_as(path, 13, "erasure")
    assert behaviour(path) == honest
    assert not verify(path).sound


@pytest.mark.parametrize("table", ["checkpoint", "blob", "entry"])
def test_a_view_in_place_of_a_table_is_refused_before_it_runs(tmp_path: Path, table: str) -> None:
    """It may never end."""
    path = tmp_path / "record.scorecore"
    filled(path, (3,)).close()
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO was")
        endless = "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x FROM c)"
        connection.execute(f"CREATE VIEW {table} AS {endless} SELECT was.* FROM was, c WHERE x < 0")  # noqa: S608  the tables above
    with pytest.raises(Rejected, match="SC828"):
        Log.open(path)
    assert [each.kind.code for each in verify(path).diagnostics] == ["SC828"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
@pytest.mark.parametrize("ending", BESIDE)
def test_what_is_not_a_file_beside_a_record_is_not_opened(tmp_path: Path, ending: str, make: object) -> None:
    path = tmp_path / "record.scorecore"
    filled(path, (3,)).close()
    assert callable(make)
    make(f"{path}{ending}")
    with pytest.raises(Rejected, match="SC803"):
        Log.open(path)
    assert [each.kind.code for each in verify(path).diagnostics] == ["SC803"]


ADDED: Final = "— bo AAAAAAAAAAAA\n"


def test_a_line_that_somebody_adds_to_a_checkpoint_is_refused(tmp_path: Path) -> None:
    """Notes pass over signatures of others; the record shows none that its key has not written."""
    path = tmp_path / "record.scorecore"
    filled(path, (3,)).close()
    with by_hand(path) as connection:
        connection.execute("UPDATE checkpoint SET note = note || ?", (ADDED,))
    with pytest.raises(Rejected, match="SC817"):
        Log.open(path)
