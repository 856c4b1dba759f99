"""The usual layout of an open text: what `scorecore fmt` would write."""

from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.io.policy_files import CASES
from scorecore.policy.formatter import format_toml
from scorecore.policy.toml import read_toml


def format_source(source: Source, diagnostics: Diagnostics) -> str | None:
    """The text of a policy or of cases in the usual layout; None with the problem if it is not TOML."""
    before = len(diagnostics)
    if read_toml(source, diagnostics) is None or len(diagnostics) > before:
        return None
    return format_toml(source.text, cases=source.name.endswith(CASES))
