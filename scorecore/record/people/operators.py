"""The operators of a record: who they are, by which key, and what they may do."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import define, field, frozen

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind
from scorecore.record.log.entries import ERASURE, LogEntry
from scorecore.record.log.note import NoteError, VerifierKey
from scorecore.record.log.signatures import OPERATOR_KEY
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
    ERASURE: (ADMINISTRATOR,),
    RESUMPTION: (ADMINISTRATOR,),
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

    def begin(self, first: LogEntry) -> None:
        """Take the first operator from the entry that begins a record; raises ValueError and LookupError."""
        key = VerifierKey.parse(str(first.fields[OPERATOR_KEY]))
        if key.name != first.fields["operator"]:
            raise ValueError("the first operator has the key of somebody else")
        self.by_name[key.name] = RecordOperator(key.name, key, _roles(first.fields), first.index)

    def check(self, fields: Mapping[str, Any], index: int) -> Refusal | None:
        """What is wrong with an entry that adds or changes an operator."""
        name = str(fields.get("operator"))
        known = self.by_name.get(name)
        if "operator_key" in fields:
            try:
                key = VerifierKey.parse(str(fields["operator_key"]))
            except NoteError:
                return catalogue.NO_OPERATOR, {"entry": index, "name": name}
            is_taken = any(other.key.public == key.public for other in self.by_name.values())
            if known or is_taken or key.name != name:
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
        self.by_name[name] = RecordOperator(name, key, _roles(fields), entry.index)

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
