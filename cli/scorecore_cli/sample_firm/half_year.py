"""The record of the sample firm: six months of two policies, and a correction, on fixed days and with a fixed key."""

import os
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from scorecore.evaluate.decisions import Decisions
from scorecore.evaluate.runner import PeriodRunner
from scorecore.record.corrections.correct import correct
from scorecore.record.log.log import Log
from scorecore.record.log.note import SigningKey
from scorecore.record.log.signatures import Signer
from scorecore.record.people.acts import approve
from scorecore.record.people.contest import answer, object_to
from scorecore.record.people.objections import REFUSED
from scorecore.record.people.operators import ROLES
from scorecore.record.record_run import record_run
from scorecore.record.runs.manifest import Pins
from scorecore.record.runs.recorded import Recorded
from scorecore.record.runs.runs import append
from scorecore_cli.assessment_input import Assessment, prepare_assessment, start_without_history, stop
from scorecore_cli.language import _
from scorecore_cli.operator_key import name_key_file
from scorecore_cli.output_path import KEY_SUFFIX
from scorecore_cli.record_file import engine_name, policy_documents, stop_if_rejected, take_recorded_history
from scorecore_cli.sample_firm.staff import MONTHS
from scorecore_cli.signing_key import LastSigned

RECORD: Final = "record.scorecore"
ANCHOR: Final = "checkpoint.txt"
_KEY: Final = SigningKey("minghu-sample", sha256(b"the sample firm: everybody has this key").digest())
WORKBENCH: Final = SigningKey("workbench", sha256(b"the sample firm: everybody has this key as well").digest())
"""The operator of a record that is shared, who signs for accounts."""
ADMINISTRATOR_NAME, OFFICER_NAME, APPROVER_NAME, AUDITOR_NAME, EMPLOYEE_NAME, EMPLOYEE_ID = (
    *("administrator", "officer", "approver", "auditor", "employee"),
    "M02",
)
"""Who has an account at the firm, and whose statements the employee reads."""
_POLICIES: Final = {
    "managers": [("2025-01", "manager_east-2025.1.toml"), ("2025-04", "manager_east-2025.2.toml")],
    "service": [("2025-01", "service_east-2025.1.toml")],
}
"""By department from which month on which policy decides."""
_CORRECTION_DAY: Final = date(2025, 5, 14)
_CORRECTED, _PAID = "2025-03", "2025-05"
"""Which month is corrected, and which run is the next to pay the difference."""

_CONTESTING, _CONTESTED = "S04", "2025-05"
"""Who objects to what was decided of which month."""


class _Chance:
    """What is drawn for the salts and keys of the record; the same in every copy of the sample."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, count: int) -> bytes:
        self._drawn += 1
        blocks = (sha256(b"sample/%d/%d" % (self._drawn, block)).digest() for block in range(count // 32 + 1))
        return b"".join(blocks)[:count]


def record_half_year(folder: Path, *, is_shared: bool = False) -> None:
    """Make the record, its keys, and the last checkpoint to keep elsewhere.

    A single operator keeps it, or if it `is_shared` the workbench signs for those who hand in and those who approve.
    """
    path = folder / RECORD
    key_path = path.with_name(path.name + KEY_SUFFIX)
    keys = {key_path: _KEY} | ({name_key_file(path, WORKBENCH.name): WORKBENCH} if is_shared else {})
    for own in (path, *keys):
        os.close(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    for own, key in keys.items():
        own.write_text(f"{key.text()}\n", encoding="ascii")
    begun = datetime(2025, 1, 2, 9, tzinfo=UTC)
    about: dict[str, Any] = {"roles": sorted(ROLES)} if is_shared else {"single_operator": True}
    signer = Signer(WORKBENCH, ADMINISTRATOR_NAME) if is_shared else None
    with Log.create(path, key=_KEY, now=begun, chance=_Chance(), signer=signer, about=about) as log:
        book = _RecordBook(folder, log)
        for month in MONTHS[:-1] if is_shared else MONTHS:  # whoever tries it hands in the last one
            if month == _PAID:
                book.correct(_CORRECTED, _CORRECTION_DAY)
            day = _payday(month)
            for hour, department in enumerate(_POLICIES, 9):
                book.run(department, month, datetime(day.year, day.month, day.day, hour, tzinfo=UTC))
            if month == _CONTESTED and not is_shared:
                book.contest(_CONTESTING, month)
        checkpoint = log.checkpoint()
    LastSigned.of(key_path).remember(checkpoint)
    (folder / ANCHOR).write_text(checkpoint.note, encoding="utf-8")


def _payday(month: str) -> date:
    """The fifth of the month after, on which a month is decided."""
    year, number = map(int, month.split("-"))
    return date(year, number + 1, 5)


@frozen
class _RecordBook:
    folder: Path
    log: Log

    def run(self, department: str, month: str, moment: datetime) -> None:
        """Decide a month by what was known at the moment, and record it."""
        self.sign_as(OFFICER_NAME)
        recorded = Recorded.read(self.log)
        assessment = self.assess(department, month, moment.date(), recorded)
        stop_if_rejected(
            record_run,
            self.log,
            _decide(assessment),
            policy_documents(assessment),
            now=moment,
            engine=engine_name(),
            about={"known_at": assessment.known_at},
            recorded=recorded,
        )
        self.approve(moment)

    def sign_as(self, account: str) -> None:
        """Where more than one keeps the record, somebody acts."""
        if self.log.signer is not None:
            self.log.signer = Signer(WORKBENCH, account)

    def approve(self, moment: datetime) -> None:
        """Whatever waits is approved, by another one."""
        self.sign_as(APPROVER_NAME)
        for proposal in Recorded.read(self.log).people.waiting:
            stop_if_rejected(approve, Recorded.read(self.log), proposal.head.number, now=moment)

    def correct(self, month: str, day: date) -> None:
        """Decide a month of the customer managers again, by what is known on the day."""
        self.sign_as(OFFICER_NAME)
        recorded = Recorded.read(self.log)
        assessment = self.assess("managers", month, day, recorded)
        correction = correct(
            recorded,
            _decide(assessment),
            Pins.again(self.log, recorded.of(assessment.program.id, month)[-1], engine_name()),
            reason=_("a complaint of March was upheld in May"),
            about={"known_at": day},
        )
        moment = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        stop_if_rejected(append, self.log, correction.drafts, now=moment, after=recorded.size)
        self.approve(moment)

    def contest(self, subject: str, month: str) -> None:
        """Somebody of the service desk objects to a month, and is answered two days later."""
        recorded = Recorded.read(self.log)
        program = self.assess("service", month, _payday(month), recorded).program
        (standing,) = stop_if_rejected(recorded.standing, program.id, month, subject).values()
        reason = _("the wrong entry of 15 May was put right on the same day, before any client saw it")
        objected = datetime(2025, 6, 10, 10, tzinfo=UTC)
        stop_if_rejected(object_to, recorded, standing, reason, now=objected)
        recorded = Recorded.read(self.log)
        (objection,) = recorded.people.objections.values()
        reason = _("the policy counts an error in the month in which it was made, whether or not it was put right")
        stop_if_rejected(answer, recorded, objection, REFUSED, reason, now=objected + timedelta(days=2))

    def assess(self, department: str, month: str, day: date, recorded: Recorded) -> Assessment:
        """The policy and the facts of a month, with the history that the record has."""
        name = [name for since, name in _POLICIES[department] if since <= month][-1]
        facts = self.folder / "facts" / department
        assessment = prepare_assessment(self.folder / "policies" / name, facts, month, None, (), "utf-8")
        assessment = evolve(assessment, known_at=day)
        if month == MONTHS[0]:
            start_without_history(assessment)
        else:
            take_recorded_history(assessment, recorded, None)
        return assessment


def _decide(assessment: Assessment) -> Decisions:
    runner = PeriodRunner(assessment.program, assessment.used, known_at=assessment.known_at)
    decisions = runner.decide(assessment.period, assessment.raw, assessment.diagnostics)
    if decisions is None:
        stop(tuple(assessment.diagnostics), {})
    return decisions
