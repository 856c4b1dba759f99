"""What every scorer should keep to, and the cases of this one."""

from pathlib import Path

from scorecore.kit import ScorerKit


class TestNewPlugin(ScorerKit):
    scorer = "new-plugin"
    policies = Path(__file__).parent / "policies"
