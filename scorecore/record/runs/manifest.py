"""What a run was decided with, as its manifest pins it by digest.

    {"format": 2, "level": 1, "id": …, "policy": …, "program": …, "texts": …, "packed": …, "documents": {…}, …}

`format` is the version of the record's format: of manifests, packed programs and payloads. Manifests before it have
none. A reader refuses what is newer than it knows, so a field with a new meaning takes a new format.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.evaluate.period_context import period_context
from scorecore.program.digest import canonical_form, program_digest
from scorecore.program.model import Program
from scorecore.program.serialize import FORMAT, NewerError, TextsChangedError, deserialize, serialize
from scorecore.program.serialize_v1 import MalformedError
from scorecore.program.texts import texts_digest
from scorecore.record.log import store
from scorecore.record.log.entries import blob_digest
from scorecore.record.log.log import Log
from scorecore.record.log.signatures import Actor
from scorecore.record.runs.payload_order import PlainData
from scorecore.values.canonical_json import decode, digest, encode
from scorecore.values.period import Period
from scorecore.values.ratio import Ratio

RUN: Final = "run"
"""The entry that begins a run which nobody has to approve: the record has a single operator."""
PROPOSAL: Final = "proposal"
"""The entry that begins a run which is in force once it is approved."""
TRIAL: Final = "trial"
"""The entry that begins a run on which nothing is ever built."""
DECISION: Final = "decision"
TRIAL_DECISION: Final = "trial_decision"
PINNED: Final = (
    *("format", "level", "id", "policy", "program", "texts", "packed", "documents", "used", "in_force", "calendars"),
)
"""What a run shares with another one that decides with the same."""


@frozen
class Approval:
    """One operator has approved a run."""

    entry: int
    at: datetime
    actor: Actor


@frozen
class Run:
    """One run of a record."""

    start: int
    """Its entry in the log; the others follow, and the one that closes it."""
    stop: int
    manifest: Mapping[str, Any]
    close: Mapping[str, Any]
    at: datetime = field(kw_only=True)
    kind: str = field(default=RUN, kw_only=True)
    """What begins it: a run, a proposal, or a trial."""
    approvals: tuple[Approval, ...] = field(default=(), kw_only=True)
    """Those by which it is in force; none where a single operator keeps the record."""

    @property
    def format(self) -> int:
        """The format of its manifest, its program and its payloads."""
        return int(self.manifest.get("format", 1))

    @property
    def number(self) -> int:
        """From 1, in the order in which they were recorded."""
        return int(self.manifest["number"])

    @property
    def id(self) -> str:
        """Of the policy, whatever its version."""
        return str(self.manifest["id"])

    @property
    def policy(self) -> str:
        return str(self.manifest["policy"])

    @property
    def period(self) -> str:
        return str(self.manifest["period"])

    @property
    def plugins(self) -> Mapping[str, str]:
        """What plugins brought, with name and version of the distribution: `{"scorers.bonus": "shop-bonus 1.2"}`."""
        plugins: Mapping[str, str] = self.manifest.get("plugins", {})
        return plugins

    @property
    def corrects(self) -> int | None:
        """The run before it of the same policy and period; None for the first."""
        return self.manifest.get("corrects")

    @property
    def reason(self) -> str:
        return str(self.manifest.get("reason", ""))

    @property
    def pays(self) -> tuple[int, ...]:
        """The corrections whose differences it pays."""
        return tuple(self.manifest.get("pays", ()))

    @property
    def apart(self) -> bool:
        """Whether the difference that it makes is paid by itself, and no later run pays it."""
        return bool(self.manifest.get("apart"))

    @property
    def digest(self) -> str:
        """Of its manifest, by which its entries and approvals name it."""
        return str(self.close["run"])

    @property
    def decision_kind(self) -> str:
        """The kind of the entries with its decisions."""
        return TRIAL_DECISION if self.kind == TRIAL else DECISION

    @property
    def replaces(self) -> int | None:
        """The proposal whose place it takes."""
        return self.manifest.get("replaces")

    @property
    def settled(self) -> int:
        """The entry from which on it is in force."""
        return self.approvals[-1].entry if self.approvals else self.stop - 1

    @property
    def in_force_at(self) -> datetime:
        """Since when it is in force."""
        return self.approvals[-1].at if self.approvals else self.at

    @property
    def entries(self) -> range:
        """Its entries between the first and the last."""
        return range(self.start + 1, self.stop - 1)


@frozen(kw_only=True)
class Pins:
    """What a run was decided with, as its manifest says it."""

    data: Mapping[str, Any]
    parts: Mapping[str, bytes] = field(factory=dict)
    """By digest what has to be kept for it."""

    @classmethod
    def of(
        cls,
        program: Program,
        period: Period,
        texts: Mapping[str, bytes],
        used: Mapping[str, Program],
        engine: str,
        plugins: Mapping[str, str] | None = None,
    ) -> "Pins":
        """Of a program that has decided a period.

        `texts` are the policies that went in, by `id@version`; `plugins` says where what plugins brought comes from.
        """
        documents = {name: blob_digest(text) for name, text in texts.items()}
        pins = cls._with_documents(program, period, documents, used, engine)
        data = {**pins.data, **({"plugins": plugins} if plugins else {})}
        return cls(data=data, parts={**pins.parts, **{blob_digest(text): text for text in texts.values()}})

    @classmethod
    def again(cls, log: Log, run: Run, engine: str, plugins: Mapping[str, str] | None = None) -> "Pins":
        """Of a run that is decided again with the same, and with its plugins, unless others are given.

        Raises RecordRejected where its program cannot be read.
        """
        if run.format == FORMAT:
            plugins = run.plugins if plugins is None else plugins
            data = {name: run.manifest[name] for name in PINNED} | {"engine": engine}
            return cls(data=data | ({"plugins": plugins} if plugins else {}))
        program = program_of(log, run)
        period = program.period.period(run.period)
        assert period is not None  # noqa: S101  the program of the run has decided it
        return cls._with_documents(program, period, run.manifest["documents"], used_by(log, run), engine)

    @classmethod
    def _with_documents(
        cls,
        program: Program,
        period: Period,
        documents: Mapping[str, str],
        used: Mapping[str, Program],
        engine: str,
    ) -> "Pins":
        pinned, packed = _pin(program)
        parts = {pinned["packed"]: packed}
        dependencies: dict[str, Mapping[str, str]] = {}
        for name, dependency in used.items():
            dependencies[name], packed = _pin(dependency)
            parts[dependencies[name]["packed"]] = packed
        in_force = encode(_in_force(program, period))
        parts[blob_digest(in_force)] = in_force
        data = {
            "format": FORMAT,
            "level": program.level,
            "id": program.id,
            "policy": f"{program.id}@{program.version}",
            **pinned,
            "documents": documents,
            "used": dependencies,
            "in_force": blob_digest(in_force),
            "calendars": {
                calendar.name: digest("calendar", canonical_form(calendar)) for calendar in program.calendars
            },
            "engine": engine,
        }
        return cls(data=data, parts=parts)

    @property
    def digests(self) -> Iterator[str]:
        """The parts that a manifest with these pins rests on."""
        yield from (self.data["packed"], self.data["in_force"], *self.data["documents"].values())
        yield from (dependency["packed"] for dependency in self.data["used"].values())

    def used_programs(self, log: Log) -> list[Program]:
        """Those of the policies whose decisions are read, from these parts or the log; as they were pinned."""
        pinned = self.data["used"].values()
        parts = ((self.parts.get(each["packed"]) or log.blob(each["packed"]), each) for each in pinned)
        return [deserialize(decode(part), each["program"], each.get("texts")) for part, each in parts]


def _pin(program: Program) -> tuple[Mapping[str, str], bytes]:
    """The digests of a program: what it means, what it says, and what it is packed into."""
    packed = encode(serialize(program))
    digests = {"program": program_digest(program), "texts": texts_digest(program), "packed": blob_digest(packed)}
    return digests, packed


def _in_force(program: Program, period: Period) -> PlainData:
    """The parameters and tables that a period is decided with, for people to compare; the program has them as well."""
    context = period_context(program, period)
    prefix = "parameters."
    parameters = {
        name.removeprefix(prefix): _plain_number(value) if isinstance(value, Ratio) else value
        for name, value in context.values.items()
        if name.startswith(prefix)
    }
    return {
        "parameters": parameters,
        "tables": {name: list(map(canonical_form, bands)) for name, bands in context.bands.items()},
    }


def _plain_number(value: Ratio) -> int | str:
    """A prorated value, in full: a whole number, or a fraction in lowest terms, such as `1000/3`."""
    return value.over if value.under == 1 else f"{value.over}/{value.under}"


# reading


def program_of(log: Log, run: Run) -> Program:
    """The program of a run; raises RecordRejected where what was kept is not it."""
    return _read_program(log, run, run.manifest)


def used_by(log: Log, run: Run) -> dict[str, Program]:
    """The programs that a run uses, by `id@version`; raises RecordRejected where what was kept is not they."""
    return {name: _read_program(log, run, pinned) for name, pinned in run.manifest["used"].items()}


def _read_program(log: Log, run: Run, pinned: Mapping[str, Any]) -> Program:
    kind: DiagnosticKind = catalogue.NO_PROGRAM
    try:
        return deserialize(decode(log.blob(pinned["packed"])), pinned["program"], pinned.get("texts"))
    except NewerError as newer:
        params: dict[str, object] = {"found": newer.found, "known": newer.known}
        kind = catalogue.NEWER_LEVEL if newer.what == "level" else catalogue.NEWER_FORMAT
    except TextsChangedError:
        kind, params = catalogue.PROGRAM_TEXTS_CHANGED, {}
    except (MalformedError, ValueError, LookupError) as error:
        params = {"error": error}
    raise store.refuse(kind, log.path, number=run.number, **params)


def check_format(log: Log, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that a newer version has written."""
    number = int(manifest.get("format", 1))
    if number > FORMAT:
        raise store.refuse(catalogue.NEWER_FORMAT, log.path, number=manifest["number"], found=number, known=FORMAT)
