"""What a session may do. Every route names one of these; one that names none keeps the workbench from starting."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from scorecore.record.people.operators import ADMINISTRATOR, APPROVER, AUDITOR, AUTHOR, RUNNER


class Permission(StrEnum):
    PUBLIC = "public"
    """What anybody sees who reaches the address: styles, scripts, and how to sign in."""
    SELF = "self"
    """What everybody may do who is signed in: go home, change the password, sign out."""
    OWN = "own"
    """One's own statements, and objections to them."""
    READ = "read"
    """Policies, facts, decisions, and the record."""
    WRITE = "write"
    """Change policies."""
    RECORD = "record"
    """Bring facts, hand in runs and corrections, take them back, and note what people object to."""
    APPROVE = "approve"
    """Approve what others have handed in, send it back, and answer objections."""
    ADMINISTER = "administer"
    """Begin the record, and give people accounts."""


EVERYTHING: Final = frozenset(Permission)
"""Whether somebody may do it to this record, the record says as well."""
READ_ONLY: Final = frozenset({Permission.PUBLIC, Permission.SELF, Permission.READ})

EMPLOYEE: Final = "employee"
"""The role of who reads their own statements; the others are those of the record."""
ROLE_PERMISSIONS: Final[Mapping[str, frozenset[Permission]]] = {
    AUTHOR: frozenset({Permission.READ, Permission.WRITE}),
    RUNNER: frozenset({Permission.READ, Permission.RECORD}),
    APPROVER: frozenset({Permission.READ, Permission.APPROVE}),
    AUDITOR: frozenset({Permission.READ}),
    ADMINISTRATOR: frozenset({Permission.ADMINISTER}),
    EMPLOYEE: frozenset({Permission.OWN}),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """What somebody with some roles may do: nothing that none of them allows."""
    allowed = (ROLE_PERMISSIONS.get(role, frozenset()) for role in roles)
    return frozenset({Permission.PUBLIC, Permission.SELF}).union(*allowed)
