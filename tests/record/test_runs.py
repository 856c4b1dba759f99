"""A run that was recorded is replayed from the record alone: the same bytes, whichever evaluator decided."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from laws import facts_of
from recording import NOW, create
from scorecore.diagnostics.diagnostic import Diagnostics, Rejected
from scorecore.evaluate.batch.evaluator import evaluate_batch, evaluate_each
from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.row.evaluator import SubjectEvaluator
from scorecore.evaluate.runner import PeriodRunner
from scorecore.facts.extract import extract_subject_facts
from scorecore.io.readers import read_facts
from scorecore.record.check import check_counts
from scorecore.record.record_run import record_run
from scorecore.record.replay import ReplayedRun, replay
from scorecore.record.runs.batch_payloads import batch_payloads
from scorecore.record.runs.facts_from_payloads import UNKNOWN, evaluate_from_payloads
from scorecore.record.runs.manifest import program_of
from scorecore.record.runs.payload import ResultWriter, decode_payload, encode_payload
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import read_decisions, read_runs
from scorecore.values.canonical_json import decode, encode
from scorecore_cli.workspace import Workspace
from strategies.cases import Case, cases
from strategies.facts import Situation, situations

POLICIES: Final = Path(__file__).parents[2] / "policies"


@given(case=cases(), situation=situations())
def test_results_are_the_same_for_every_evaluator(case: Case, situation: Situation) -> None:
    """Columns, rows and one subject's outcome give the same result as data."""
    facts = facts_of(case, situation)
    writer = ResultWriter(case.program)
    by_columns = list(map(encode, writer.write_all(evaluate_batch(case.program, facts))))
    by_rows = list(map(encode, writer.write_all(evaluate_each(case.program, facts))))
    decider = SubjectEvaluator.of(case.program, case.period)
    company = decider.add_group_values(extract_subject_facts(case.program, facts, range(len(facts))))
    alone = [encode(ResultWriter(case.program).write(decider.decide(subject))) for subject in company]
    assert by_columns == by_rows == alone


@given(case=cases(), situation=situations(), step=st.integers(1, 9))
def test_everybody_is_written_as_each_alone(case: Case, situation: Situation, step: int) -> None:
    """Payloads that columns write, a few subjects at a time, are those that are written one by one."""
    facts = facts_of(case, situation)
    decider = SubjectEvaluator.of(case.program, case.period)
    company = decider.add_group_values(extract_subject_facts(case.program, facts, range(len(facts))))
    alone = [encode_payload(subject, ResultWriter(case.program).write(decider.decide(subject))) for subject in company]
    for decisions in (evaluate_batch(case.program, facts), evaluate_each(case.program, facts)):
        assert list(batch_payloads(decisions)) == alone
        assert list(batch_payloads(decisions, step)) == alone


@given(case=cases(), situation=situations())
def test_a_payload_gives_the_same_decision(case: Case, situation: Situation) -> None:
    """What was kept of a subject's facts decides as the facts did: values, entries, held reasons."""
    facts = facts_of(case, situation)
    decider = SubjectEvaluator.of(case.program, case.period)
    for record in decider.add_group_values(extract_subject_facts(case.program, facts, range(len(facts)))):
        result = ResultWriter(case.program).write(decider.decide(record))
        payload = decode_payload(case.program, encode_payload(record, result))
        assert encode(payload.result) == encode(result)
        assert payload.facts == record
        assert encode(ResultWriter(case.program).write(decider.decide(payload.facts))) == encode(result)


@given(case=cases(), situation=situations(), by_columns=st.booleans())
def test_who_decided_is_made_again_by_the_other(case: Case, situation: Situation, by_columns: bool) -> None:  # noqa: FBT001
    """What one evaluator decided, the other decides again from payloads alone, together, to the same bytes."""
    facts = facts_of(case, situation)
    decided_by, other_evaluator = (evaluate_each, "columns") if by_columns else (evaluate_batch, "rows")
    payloads = list(batch_payloads(decided_by(case.program, facts)))
    known_payloads = [payload for payload in payloads if UNKNOWN not in payload]
    if known_payloads:
        replayed = evaluate_from_payloads(
            case.program, case.period, known_payloads, by_columns=other_evaluator == "columns"
        )
        assert replayed is not None
        assert list(replayed.payloads()) == known_payloads


def decided_month(
    period: str, evaluator: str = "rows", policy: str = "galaxy/branch.toml"
) -> tuple[Decisions, dict[str, bytes]]:
    checked = Workspace.open().check(POLICIES / policy)
    assert checked.program is not None
    period_decided = checked.program.period.period(period)
    assert period_decided is not None
    diagnostics = Diagnostics()
    raw = read_facts((POLICIES / policy).parent / "facts", diagnostics)
    decisions = PeriodRunner(checked.program, checked.used, evaluator).decide(period_decided, raw, diagnostics)
    assert decisions is not None
    return decisions, {name: source.text.encode() for name, source in checked.sources.items()}


WITH: Final = pytest.mark.parametrize("evaluator", ["rows", "columns"])


@WITH
def test_a_month_is_recorded_and_replayed(tmp_path: Path, evaluator: str) -> None:
    """The sample branch: everyone's decision comes back the same, and the counts of the run are right."""
    decisions, texts = decided_month("2024-05", evaluator)
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, decisions, texts, now=NOW, engine="test")
        (run,) = read_runs(log)
        assert (run.number, run.policy, run.period) == (
            1,
            f"{decisions.program.id}@{decisions.program.version}",
            "2024-05",
        )
        assert run.close["subjects"] == len(decisions.facts) == len(run.entries)
        assert run.close["held"] == len(decisions.held) > 0
        assert program_of(log, run) == decisions.program
        replayed_run = replay(log, run)
        assert (replayed_run.same, replayed_run.erased, replayed_run.differences) == (len(decisions.facts), 0, ())
        replayed_person = replay(log, run, "B1036")
        assert (replayed_person.same, replayed_person.differences) == (1, ())


def test_an_erased_person_is_reported_and_not_broken(tmp_path: Path) -> None:
    """Everyone else is replayed; whose key was destroyed is erased."""
    decisions, texts = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, decisions, texts, now=NOW, engine="test")
        log.erase("B1036", now=NOW + timedelta(days=1), reason="request 7")
        (run,) = read_runs(log)
        replayed_run = replay(log, run)
        assert (replayed_run.same, replayed_run.erased, replayed_run.differences) == (len(decisions.facts) - 1, 1, ())


def test_what_was_recorded_otherwise_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A difference is located to the person and the step."""
    decisions, texts = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, decisions, texts, now=NOW, engine="test")
        (run,) = read_runs(log)
        true = ResultWriter.write

        def false(*arguments: Any) -> dict[str, Any]:
            facts = true(*arguments)
            values = facts["values"]
            return facts | {"values": values | ({"grade": "Z"} if values.get("grade") == "B" else {})}

        monkeypatch.setattr(ResultWriter, "write", false)
        replayed_run = replay(log, run)
        assert replayed_run.differences
        assert {
            (difference.what, difference.recorded, difference.replayed) for difference in replayed_run.differences
        } == {("grade", "B", "Z")}
        assert replayed_run.same + len(replayed_run.differences) == len(decisions.facts)


@pytest.mark.sampled(4)
@WITH
@pytest.mark.parametrize("together", [True, False])
def test_what_was_forged_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    evaluator: str,
    together: bool,  # noqa: FBT001
) -> None:
    """Results and facts that were recorded falsely differ, whoever decides again, and whether many or few are."""
    decisions, texts = decided_month("2024-05")
    true = list(batch_payloads(decisions))
    monkeypatch.setattr("scorecore.record.replay.MAX_EVALUATED_EACH", 1 if together else 1000)

    def replayed(name: str, payloads: list[bytes]) -> ReplayedRun:
        monkeypatch.setattr("scorecore.record.runs.runs.batch_payloads", lambda _: iter(payloads))
        with create(tmp_path / name) as log:
            record_run(log, decisions, texts, now=NOW, engine="test")
            (run,) = read_runs(log)
            return replay(log, run, evaluator=evaluator)

    replayed_run = replayed("grades", [payload.replace(b'"grade":"B"', b'"grade":"Z"') for payload in true])
    assert {(difference.what, difference.recorded, difference.replayed) for difference in replayed_run.differences} == {
        ("grade", "Z", "B")
    }
    replayed_run = replayed("facts", [payload.replace(b'"role":"broker"', b'"role":"manager"') for payload in true])
    assert ("pay.base", "0", "600") in {
        (difference.what, difference.recorded, difference.replayed) for difference in replayed_run.differences
    }
    for name, old, new in (
        ("space", b'"role":"broker"', b'"role": "broker"'),
        ("twice", b'"role":"broker"', b'"role":"manager","role":"broker"'),
        ("table", b'"rewards":[]', b'"prizes":[]'),
        ("text", b'"normal_market":true', b'"normal_market":"yes"'),
        ("year", b'"date":"2024', b'"date":"0000'),
        ("cut", b"}", b""),
    ):
        forged = [payload.replace(old, new) for payload in true]
        assert forged != true, name
        with pytest.raises(Rejected) as error:
            replayed(name, forged)
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC845"], name


def test_periods_are_recorded_once_and_in_order(tmp_path: Path) -> None:
    """A month that was decided before is refused; one that comes before the last is, unless a reason is given."""
    april, texts = decided_month("2024-04")
    may, _ = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, may, texts, now=NOW, engine="test")
        size = log.size
        for decisions, reason, code in ((may, "", "SC840"), (may, "again", "SC840"), (april, "", "SC841")):
            with pytest.raises(Rejected) as error:
                record_run(log, decisions, texts, now=NOW, engine="test", reason=reason)
            assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == [code]
        assert log.size == size
        record_run(log, april, texts, now=NOW, engine="test", reason="forgotten")
        run_rows = [(run.number, run.period, run.reason, run.corrects) for run in read_runs(log)]
        assert run_rows[:2] == [(1, "2024-05", "", None), (2, "2024-04", "forgotten", None)]
        assert run_rows[2:] == []  # May has read April's facts, and stays what it is


def test_two_runs_at_once_are_not_both_recorded(tmp_path: Path) -> None:
    """Whoever decided before somebody else recorded is refused, for the history that was read is no longer true."""
    decisions, texts = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        before = Recorded.read(log)
        record_run(log, decisions, texts, now=NOW, engine="test", recorded=before)
        with pytest.raises(Rejected) as error:
            record_run(log, decisions, texts, now=NOW, engine="test", recorded=before)
        assert [diagnostic.kind.code for diagnostic in error.value.diagnostics] == ["SC846"]
        assert len(list(read_runs(log))) == 1


def test_a_manifest_pins_what_decided(tmp_path: Path) -> None:
    """Parameters in force, documents and programs are kept once, and found by their digests."""
    april, texts = decided_month("2024-04")
    may, _ = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, april, texts, now=NOW, engine="test")
        record_run(log, may, texts, now=NOW, engine="test")
        first, second = (run.manifest for run in read_runs(log))
        assert first["packed"] == second["packed"]
        force = decode(log.blob(first["in_force"]))
        assert set(force["parameters"]) == {parameter.name for parameter in april.program.parameters}
        assert set(force["tables"]) == {table.name for table in april.program.tables}
        assert {log.blob(digest) for digest in first["documents"].values()} == set(texts.values())


def test_nothing_of_a_person_is_in_an_entry(tmp_path: Path) -> None:
    """Entries name nobody and no amount of anybody; what they rest on is in the payload alone."""
    decisions, texts = decided_month("2024-05")
    with create(tmp_path / "record.scorecore") as log:
        record_run(log, decisions, texts, now=NOW, engine="test")
        (run,) = read_runs(log)
        for entry, payload in read_decisions(log, run, decisions.program):
            assert set(entry.fields) == {"at", "kind", "payload", "period", "run", "subject"}
            assert payload is not None
            assert payload.facts.subject.encode() not in entry.body


@pytest.mark.parametrize("figure", ["decisions", "subjects"])
def test_a_count_that_is_wrong_is_the_one_that_is_named(figure: str, tmp_path: Path) -> None:
    """A run says how many it decided, and about how many: the figure that differs is told, with what there is."""
    with create(tmp_path / "record.scorecore") as log:
        decisions, texts = decided_month("2024-05")
        record_run(log, decisions, texts, now=NOW, engine="test")
        recorded = Recorded.read(log)
        assert list(check_counts(recorded)) == []
        (run,) = recorded.runs
        count = run.close[figure]
        wrong = evolve(run, close={**run.close, figure: count + 1})
        (problem,) = check_counts(evolve(recorded, runs=(wrong,)))
        assert (problem.params["said"], problem.params["found"]) == (str(count + 1), str(count))
