"""For how long people are kept, who is due to be erased, and that nobody else is erased with them."""

import json
import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st

from corrections import PEOPLE, POLICY, PROGRAM, raw, run
from operators import ANNA, BO, acting, begin_with_operators, codes, confirm, forge, propose, prove, read
from recording import KEY, NOW, create
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.raw import RawTable
from scorecore.language.expressions import HISTORY
from scorecore.record.log.entries import NewLogEntry
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Signer
from scorecore.record.log.verify import verify
from scorecore.record.losses import CarriedBalance, find_losses
from scorecore.record.people.acts import set_retention
from scorecore.record.people.proposals import Proposal
from scorecore.record.people.retention import RETENTION, Retention
from scorecore.record.record_run import record_run
from scorecore.record.retained import find_retained, read_id
from scorecore.record.runs.recorded import Recorded
from scorecore_cli.main import scorecore
from scorecore_cli.output_path import KEY_SUFFIX

FIVE_YEARS: Final = {"years": 5}
HOLDS: Final = 3
"""The verifier in a proof has no fault to find, but no anchor."""


def run_for(log: Log, period: str, facts: Mapping[str, str]) -> None:
    """Record a month of some people, by their awards."""
    recorded = Recorded.read(log)
    tables = raw({period: [(facts.get(who, "0"), "false", "a") for who in PEOPLE]})
    tables["person"] = RawTable(tables["person"].frame.filter(pl.col("person").is_in(list(facts))), "person")
    past, decided_period = recorded.history(PROGRAM, period), PROGRAM.period.period(period)
    tables |= {} if past is None else {HISTORY: RawTable(past, HISTORY)}
    assert decided_period is not None
    decisions = PeriodRunner(PROGRAM).decide(decided_period, tables, Diagnostics())
    assert decisions is not None
    record_run(log, decisions, {"p@1": POLICY.encode()}, now=NOW, engine="test", recorded=recorded)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(scorecore, [*map(str, arguments), "--lang", "en"], catch_exceptions=False)


@given(ended=st.dates(max_value=date(8000, 1, 1)), months=st.integers(1, 1200))
@example(ended=date(2024, 1, 30), months=1)
@example(ended=date(2024, 2, 29), months=12)
@example(ended=date(2019, 12, 31), months=60)
def test_nobody_is_due_early(ended: date, months: int) -> None:
    """All months of the retention have passed by the day on which somebody is due, and the next month has not."""
    due, first = Retention("months", months).due_from(ended), ended + timedelta(days=1)
    passed = (due.year - first.year) * 12 + due.month - first.month
    if due.day == first.day:
        assert passed == months
    else:  # that month does not have the day
        assert (passed, due.day, first.day > 28) == (months + 1, 1, True)
    if months % 12 == 0:
        assert Retention("years", months // 12).due_from(ended) == due


def test_a_leap_day_is_kept_as_long_as_any() -> None:
    assert Retention("years", 5).due_from(date(2019, 12, 31)) == date(2025, 1, 1)
    assert Retention("months", 1).due_from(date(2024, 1, 30)) == date(2024, 3, 1)
    assert Retention("years", 1).due_from(date(9990, 1, 1)) == date.max


@pytest.mark.parametrize(
    "faulty",
    [
        *({}, {"years": 0}, {"years": True}, {"years": "5"}, {"years": 101}, {"months": 1201}, {"days": 9}, [], None),
        *({"years": 1, "months": 1}, {"years": 5, "policy": "p"}),
    ],
)
def test_what_is_not_a_retention_is_refused(tmp_path: Path, faulty: Any) -> None:
    with create(tmp_path / "record.scorecore") as log:
        assert codes(lambda: set_retention(Recorded.read(log), faulty, now=NOW)) == ["SC888"]
        assert Recorded.read(log).people.retention is None


def test_an_administrator_declares_it(tmp_path: Path) -> None:
    """The last declaration counts; in a proof as well, nobody else may, and what is forged is found."""
    path = tmp_path / "record.scorecore"
    begin_with_operators(path)
    confirm(path, propose(path, "2024-01"))
    with acting(path, BO) as log:
        assert codes(lambda: set_retention(Recorded.read(log), FIVE_YEARS, now=NOW)) == ["SC863"]
    with acting(path, ANNA) as log:
        set_retention(Recorded.read(log), FIVE_YEARS, now=NOW)
        set_retention(Recorded.read(log), {"months": 18}, now=NOW, reason="a new law")
    assert read(path).people.retention == Retention("months", 18)
    assert prove(path) == HOLDS
    forge(path, Signer(ANNA), NewLogEntry(RETENTION, {"months": 0}))
    assert codes(lambda: read(path)) == ["SC888"]
    shutil.rmtree(path.with_name("proof"))
    forge(path, Signer(BO), NewLogEntry(RETENTION, FIVE_YEARS))
    assert prove(path) != HOLDS


def test_a_run_that_waits_is_not_due_with_the_period_before(tmp_path: Path) -> None:
    """What is proposed counts as a last period, and is named as what would be lost."""
    path = tmp_path / "record.scorecore"
    begin_with_operators(path)
    with acting(path, ANNA) as log:
        set_retention(Recorded.read(log), {"months": 1}, now=NOW)
    confirm(path, propose(path, "2024-01"))
    propose(path, "2024-02")
    with Log.open(path) as log:
        recorded = Recorded.read(log)
        retained = find_retained(recorded)
        assert {(person.ended, person.due) for person in retained} == {(date(2024, 2, 29), date(2024, 4, 1))}
        assert [read_id(recorded, person) for person in retained] == ["1001", "1002", "1003"]
        losses = find_losses(recorded, {retained[0].pseudonym})
        assert [type(loss) for loss in losses[retained[0].pseudonym]] == [CarriedBalance, Proposal]


def test_who_was_erased_is_not_listed_again(tmp_path: Path) -> None:
    with create(tmp_path / "record.scorecore") as log:
        run(log, "2024-01", {"2024-01": [("0", "false", "a")] * 3})
        set_retention(Recorded.read(log), {"months": 1}, now=NOW)
        size = Recorded.read(log).size
        log.erase("1002", now=NOW, reason="request 7")
        recorded = Recorded.read(log)
        assert [read_id(recorded, person) for person in find_retained(recorded)] == ["1001", "1003"]
        assert codes(lambda: log.erase("1001", now=NOW, reason="late", after=size)) == ["SC846"]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """1001 and 1002 left after January, 1001 with a balance; 1003 is there in February as well."""
    path = tmp_path / "record.scorecore"
    with create(path) as log:
        run_for(log, "2024-01", {"1001": "10", "1002": "0", "1003": "0"})
        run_for(log, "2024-02", {"1003": "0"})
    key_path = path.with_name(path.name + KEY_SUFFIX)
    key_path.write_text(KEY.text(), encoding="ascii")
    key_path.chmod(0o600)
    return path


def declare(record: Path, retention: str) -> Result:
    path = record.with_name("retention.toml")
    path.write_text(f"[retention]\n{retention}\n", encoding="utf-8")
    return call("record", "retention", record, "--set", path)


def test_the_command_lists_who_is_due(record: Path) -> None:
    assert "declares no retention" in call("record", "retention", record).output
    assert declare(record, "years = 0").exit_code == 1
    assert declare(record, "months = 2").exit_code == 0
    before = json.loads(call("record", "retention", record, "--as-of", "2024-03-31", "--json").output)
    assert (before["due"], before["kept"]) == ([], 3)
    data = json.loads(call("record", "retention", record, "--as-of", "2024-04-01", "--json").output)
    due = {"policy": "p", "period": "2024-01", "ended": "2024-01-31", "due": "2024-04-01"}
    assert data == {
        "retention": {"months": 2},
        "as_of": "2024-04-01",
        "due": [{"subject": "1001", **due}, {"subject": "1002", **due}],
        "kept": 1,
    }
    shown = call("record", "retention", record, "--as-of=2024-04-01").output
    assert "2 people are due on 2024-04-01; the next on 2024-05-01" in shown
    assert "people are kept for 2 months" in call("record", "log", record).output
    assert json.loads(call("record", "log", record, "--json").output)["retention"] == {"months": 2}


def test_everybody_who_is_due_is_erased_at_once(record: Path) -> None:
    """Not who has a balance, nor whose last period ended later; the record verifies, and says who is left."""
    erase = ("record", "erase", record, "--reason", "the retention has passed", "--until")
    refused = call(*erase, "2024-01-31")
    assert (refused.exit_code, "declares no retention" in refused.output) == (1, True)
    declare(record, "years = 100")
    refused = call(*erase, "2024-01-31")
    assert (refused.exit_code, "1002 was not erased: not due before 2124-02-01" in refused.output) == (1, True)
    declare(record, "months = 1")
    assert call(*erase, "2024-01-30").exit_code == 0  # nobody's last period ended by then
    with Log.open(record) as log:
        assert not log.erasures()
    erased = call(*erase, "2024-01-31")
    assert (erased.exit_code, "1 person was erased; 1 person was not erased" in erased.output) == (1, True)
    assert "1001 was not erased: p carries over bank" in erased.output
    assert left(record) == ["1001", "1003"]
    assert call(*erase, "2024-01-31", "--anyway").exit_code == 0
    assert left(record) == ["1003"]
    assert verify(record).sound
    assert call(*erase, "2024-01-31", "--person", "1003").exit_code == 2


def left(record: Path) -> list[str]:
    with Log.open(record) as log:
        recorded = Recorded.read(log)
        return [read_id(recorded, person) for person in find_retained(recorded)]
