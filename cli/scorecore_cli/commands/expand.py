"""`scorecore expand`: the whole compiled program."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.program.digest import program_digest, to_plain
from scorecore.values.canonical_json import encode
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop
from scorecore_cli.program_view import show_program


@click.command(cls=options.Command)
@options.policy
@options.option("--json", "as_json", is_flag=True, help="Print the canonical JSON that the digest is taken of.")
@options.parents
@options.lang
def expand(policy: Path, parents: tuple[Path, ...], *, as_json: bool) -> None:
    """Show the whole program that a policy is compiled into: every value, every rule, without plugins."""
    program, _ = compile_or_stop(policy, parents)
    if as_json:
        sys.stdout.write(encode(to_plain(program)).decode() + "\n")
    else:
        show_program(program, program_digest(program))
