"""What a session may do. Every route names one of these; one that names none keeps the workbench from starting."""

from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    PUBLIC = "public"
    """What anybody sees who reaches the address: styles, scripts, and how to sign in."""
    READ = "read"
    """Policies, facts, decisions, and the record."""
    WRITE = "write"
    """Change policies and bring facts."""
    RECORD = "record"
    """Add to the record, approve and send back; of whom the record lets do it."""


EVERYTHING: Final = frozenset(Permission)
READ_ONLY: Final = frozenset({Permission.PUBLIC, Permission.READ})
