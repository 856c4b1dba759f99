"""What it costs to record a month and to decide it again from the record alone, beside deciding it one by one.

All in one process and in processor time, on people of the galaxy benchmark. Deciding takes the facts in and decides by
`rows`, as a replay does; recording takes decisions that are made. It is checked that every replay is the same.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sidebyside
from impact import generated

from scorecore.chain import Chain
from scorecore.files.readers import read_facts
from scorecore.problems import Problems
from scorecore.record.entries import blob_digest
from scorecore.record.log import Log
from scorecore.record.notes import SigningKey
from scorecore.record.replaying import replay
from scorecore.record.runs import record_run, runs
from scorecore_cli.workspace import Workspace

POLICY = sidebyside.HERE.parent / "policies" / "galaxy" / "branch.toml"
NOW = datetime(2024, 6, 3, tzinfo=UTC)
PERIOD = "2024-01"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="few people: does it run?")
    options, _ = parser.parse_known_args()
    people = 500 if options.quick else options.people
    checked = Workspace.open().check(POLICY)
    program, facts = checked.program, generated(people, 1)
    assert program is not None
    period = program.period.period(PERIOD)
    assert period is not None
    texts = {blob_digest(one.text.encode()): one.text.encode() for one in checked.sources.values()}
    documents = {name: texts[digest] for name, digest in program.documents}
    problems = Problems()
    raw = read_facts(facts, problems)
    deciding, made = timed(lambda: Chain(program, checked.used, "rows").decide(period, raw, problems))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.scorecore"
        key = SigningKey("example.com/benchmark", bytes(range(32)))
        with Log.create(path, key=key, now=NOW, chance=os.urandom) as log:
            recording, _ = timed(lambda: record_run(log, made, documents, now=NOW, engine="benchmark"))
            (run,) = runs(log)
            replaying, again = timed(lambda: replay(log, run))
            size = path.stat().st_size
    assert (again.same, again.differences) == (people, ())
    print(f"  people                                   {people:>12,}")
    print(f"  deciding one by one                      {deciding:>10.2f} s")
    print(f"  recording, a second                      {people / recording:>12,.0f}")
    print(f"  bytes a decision                         {size / people:>12,.0f}")
    print(f"  replaying                                {replaying:>10.2f} s")
    print(f"  replaying, in decisions one by one       {replaying / deciding:>12.2f}")
    return 0


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    found = action()
    return time.process_time() - before, found


if __name__ == "__main__":
    sys.exit(main())
