"""What a session may do. Every route names one of these; one that names none keeps the workbench from starting."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    PUBLIC = "public"
    """What anybody sees who reaches the address: styles, scripts, and how to sign in."""
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


EVERYTHING: Final = frozenset(Permission)
READ_ONLY: Final = frozenset({Permission.PUBLIC, Permission.READ})
"""Whether somebody may do it to this record, the record says as well."""
