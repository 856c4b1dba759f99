"""Records two months of the galaxy branch, a correction and an erasure with a fixed key, clock and chance.

    python tests/make_record.py FILE

prints the checkpoint: the same one wherever it is run, with whatever Python, hash seed and number of threads.
"""

import sys
from datetime import timedelta
from pathlib import Path

from recording import NOW, create
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.io.readers import read_facts
from scorecore.language.expressions import HISTORY
from scorecore.record.corrections.correct import correct
from scorecore.record.log.entries import blob_digest
from scorecore.record.record_run import record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append
from scorecore_cli.workspace import CheckedPolicy, Workspace

GALAXY = Path(__file__).parent.parent / "policies" / "galaxy"
LATE = "B1003,V2404009,2024-04-19,proven,disparagement"


def made(path: Path) -> str:
    """The checkpoint of the record that is written to a new file."""
    checked = Workspace.open().check(GALAXY / "branch.toml")
    assert checked.program is not None
    kept = {blob_digest(value.text.encode()): value.text.encode() for value in checked.sources.values()}
    texts = {name: kept[digest] for name, digest in checked.program.documents}
    with create(path) as log:
        for period, evaluator in (("2024-04", "rows"), ("2024-05", "columns")):
            month = decided(checked, period, Recorded.read(log), evaluator)
            record_run(log, month, texts, now=NOW, engine="golden")
        recorded = Recorded.read(log)
        late = decided(checked, "2024-04", recorded, "columns", LATE)
        correction = correct(recorded, late, Pins.again(recorded.log, recorded.runs[0], "golden"), reason="late")
        append(log, correction.drafts, now=NOW, after=recorded.size)
        log.erase("B1036", now=NOW + timedelta(days=1), reason="request 7")
        return log.checkpoint().note


def decided(checked: CheckedPolicy, period: str, recorded: Recorded, evaluator: str, late: str = "") -> Decisions:
    program = checked.program
    assert program is not None
    period_decided, diagnostics = program.period.period(period), Diagnostics()
    assert period_decided is not None
    raw = read_facts(GALAXY / "facts", diagnostics)
    raw = {name: RawTable(read_table.frame, name) for name, read_table in raw.items()}  # wherever the files lie
    past = recorded.history(program, period)
    if past is not None:
        raw[HISTORY] = RawTable(past, HISTORY)
    if late:
        table = raw["violations"].frame
        row = dict(zip(table.columns, late.split(","), strict=True))
        raw["violations"] = RawTable(table.vstack(type(table)([row], schema=table.schema)), "violations")
    decisions = PeriodRunner(program, checked.used, evaluator).decide(period_decided, raw, diagnostics)
    assert decisions is not None
    return decisions


if __name__ == "__main__":
    sys.stdout.write(made(Path(sys.argv[1])))
