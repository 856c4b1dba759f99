"""The operators of a record: who they are, by which key, and what they may do."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import define, evolve, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.record.log.entries import CONVERSION, ERASURE, LogEntry
from scorecore.record.log.key_history import RECOVERY, ROTATION
from scorecore.record.log.note import NoteError, VerifierKey
from scorecore.record.log.signatures import OPERATOR_KEY, Actor
from scorecore.record.runs.manifest import PROPOSAL, TRIAL
from scorecore.record.runs.runs import RESUMPTION

AUTHOR: Final = "author"
RUNNER: Final = "runner"
APPROVER: Final = "approver"
AUDITOR: Final = "auditor"
ADMINISTRATOR: Final = "administrator"
SERVER: Final = "server"
ROLES: Final = (AUTHOR, RUNNER, APPROVER, AUDITOR, ADMINISTRATOR, SERVER)
"""What somebody may be; a server signs for accounts that have no key."""
FIRST_ROLES: Final = (AUTHOR, RUNNER, ADMINISTRATOR)
"""What the first operator is, unless something else is said."""

OPERATOR: Final = "operator"
"""The kind of an entry that adds an operator, changes the roles, or takes them away."""
OPERATOR_ROTATION: Final = "operator_rotation"
"""The kind of an entry that replaces the key of an operator."""
APPROVAL: Final = "approval"
RETURN: Final = "return"
ADOPTION: Final = "adoption"
OBJECTION: Final = "objection"
ANSWER: Final = "answer"

NEEDED_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    PROPOSAL: (RUNNER,),
    TRIAL: (RUNNER, AUTHOR),
    ADOPTION: (AUTHOR,),
    APPROVAL: (APPROVER,),
    ANSWER: (APPROVER,),
    OPERATOR: (ADMINISTRATOR,),
    "approval_rules": (ADMINISTRATOR,),
    "retention": (ADMINISTRATOR,),
    ERASURE: (ADMINISTRATOR,),
    RESUMPTION: (ADMINISTRATOR,),
    ROTATION: (ADMINISTRATOR,),
    RECOVERY: (ADMINISTRATOR,),
    "confirmation": (ADMINISTRATOR,),
    CONVERSION: (ADMINISTRATOR,),
}
"""For a kind of entry the roles of which one is needed; every other kind needs any role."""

Refusal = tuple[DiagnosticKind, Mapping[str, object]]
"""Why something may not be done: a kind of diagnostic, and what it says."""


@frozen
class RecordOperator:
    """Somebody who signs what is recorded."""

    name: str
    key: VerifierKey
    roles: tuple[str, ...]
    """None once the operator has left."""
    since: int
    """The entry that says so."""


@define
class Operators:
    """The operators at one moment of a record."""

    by_name: dict[str, RecordOperator] = field(factory=dict)
    _used: set[bytes] = field(factory=set)
    """The public keys that somebody has or had."""
    _replaced: dict[VerifierKey, int] = field(factory=dict)
    """By a key that another has replaced the entry that says so."""

    def begin(self, first: LogEntry) -> None:
        """Take the first operator from the entry that begins a record; raises ValueError and LookupError."""
        key = VerifierKey.parse(str(first.fields[OPERATOR_KEY]))
        if key.name != first.fields["operator"]:
            raise ValueError("the first operator has the key of somebody else")
        self._keep(RecordOperator(key.name, key, _roles(first.fields), first.index))

    def check(self, fields: Mapping[str, Any], index: int) -> Refusal | None:
        """What is wrong with an entry that adds or changes an operator."""
        name = str(fields.get("operator"))
        known = self.by_name.get(name)
        if "operator_key" in fields:
            try:
                key = VerifierKey.parse(str(fields["operator_key"]))
            except NoteError:
                return catalogue.NO_OPERATOR, {"entry": index, "name": name}
            if known or key.public in self._used or key.name != name:
                return catalogue.OPERATOR_EXISTS, {"entry": index, "name": name}
        elif known is None:
            return catalogue.NO_OPERATOR, {"entry": index, "name": name}
        elif ADMINISTRATOR not in _roles(fields) and self._administrators() == [name]:
            return catalogue.LAST_ADMINISTRATOR, {"entry": index, "name": name}
        return None

    def change(self, entry: LogEntry) -> None:
        """Take in an entry that was checked."""
        name, fields = str(entry.fields["operator"]), entry.fields
        key = VerifierKey.parse(fields["operator_key"]) if "operator_key" in fields else self.by_name[name].key
        self._keep(RecordOperator(name, key, _roles(fields), entry.index))

    def check_rotation(self, fields: Mapping[str, Any], actor: Actor, index: int) -> Refusal | None:
        """What is wrong with another key for an operator: of the operator's own making, or an administrator's.

        Who does not have the old key, or says that it was stolen, must say why.
        """
        name, stolen = str(fields.get("operator")), fields.get("stolen")
        try:
            key = VerifierKey.parse(str(fields.get("operator_key")))
        except NoteError:
            return catalogue.NO_OPERATOR, {"entry": index, "name": name}
        if name not in self.by_name:
            return catalogue.NO_OPERATOR, {"entry": index, "name": name}
        if key.public in self._used or key.name != name:
            return catalogue.OPERATOR_EXISTS, {"entry": index, "name": name}
        is_own = actor == Actor(name) and self.has_role(name, ())
        if not is_own and (actor.account or not self.has_role(actor.operator, (ADMINISTRATOR,))):
            return catalogue.ROLE_NEEDED, {"entry": index, "who": actor, "role": ADMINISTRATOR}
        is_possible = stolen is None or (type(stolen) is int and 0 < stolen <= index)
        if not is_possible or ((not is_own or stolen is not None) and not str(fields.get("reason", "")).strip()):
            return catalogue.REASON_NEEDED, {"entry": index}
        return None

    def rotate(self, entry: LogEntry) -> None:
        """Take in another key, which was checked."""
        known = self.by_name[str(entry.fields["operator"])]
        self._replaced[known.key] = entry.index
        self._keep(evolve(known, key=VerifierKey.parse(entry.fields["operator_key"])))

    def check_key(self, key: VerifierKey, index: int) -> Refusal | None:
        """Why a key cannot sign what is appended: an operator has another, or none has its name."""
        operator = self.by_name.get(key.name)
        if operator is not None and operator.key == key:
            return None
        if key in self._replaced:
            return catalogue.KEY_REPLACED, {"key": key, "entry": self._replaced[key]}
        return catalogue.NO_OPERATOR, {"entry": index, "name": key}

    def _keep(self, operator: RecordOperator) -> None:
        self.by_name[operator.name] = operator
        self._used.add(operator.key.public)

    def has_role(self, name: str, roles: tuple[str, ...]) -> bool:
        """Whether an operator has one of some roles now, or any if none is named."""
        operator = self.by_name.get(name)
        return operator is not None and bool(set(operator.roles) & set(roles or ROLES))

    def _administrators(self) -> list[str]:
        return [name for name, operator in self.by_name.items() if ADMINISTRATOR in operator.roles]


def _roles(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles that an entry gives, as far as they are known."""
    given = fields.get("roles")
    return tuple(role for role in ROLES if isinstance(given, list) and role in given)
