"""Codes of problems: those that begin with SC are of scorecore and the packages that come with it."""

from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import DiagnosticKind

PREFIX: Final = "SC"
_PACKAGES: Final = frozenset({"scorecore", "scorecore_scorers", "scorecore_extras"})


def has_reserved_code(kind: DiagnosticKind, module: str) -> bool:
    """Whether a kind that a module of a plugin uses looks like one of scorecore, and is not."""
    is_ours = comes_with_scorecore(module) or any(kind is known for known in vars(catalogue).values())
    return kind.code.startswith(PREFIX) and not is_ours


def comes_with_scorecore(module: str) -> bool:
    """Whether a module of a plugin is of a package that comes with scorecore."""
    return module.partition(":")[0].partition(".")[0] in _PACKAGES
