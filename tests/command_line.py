"""A small policy with its facts in a folder, and commands about it in this process."""

from pathlib import Path

from click.testing import CliRunner, Result

from scorecore_cli.main import scorecore


def call(*arguments: object, lang: str = "en") -> Result:
    """Run a command in this process, with its output in pipes."""
    return CliRunner().invoke(scorecore, [*map(str, arguments), "--lang", lang], catch_exceptions=False)


def lay_out(folder: Path, policy: str, **tables: str) -> tuple[object, ...]:
    """Write a policy and its tables of facts; gives what names both on the command line."""
    (folder / "policy.toml").write_text(policy, encoding="utf-8")
    (folder / "facts").mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / "facts" / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder / "policy.toml", "--facts", folder / "facts"
