"""`scorecore expand`: the whole compiled program."""

import sys
from pathlib import Path

import rich_click as click

from scorecore.program.digest import canonical_form, program_digest
from scorecore.program.texts import program_texts
from scorecore.values.canonical_json import encode
from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop
from scorecore_cli.program_view import show_program


@click.command(cls=options.Command)
@options.policy
@options.option("--json", "as_json", is_flag=True, help="Print the canonical JSON from which the digest is computed.")
@options.option(
    "--texts",
    is_flag=True,
    help="Print the labels, clauses, assumptions and places as canonical JSON: they decide nothing.",
)
@options.parents
@options.lang
def expand(policy: Path, parents: tuple[Path, ...], *, as_json: bool, texts: bool) -> None:
    """Show the whole program that a policy is compiled into: every value, every rule, without plugins."""
    program, _ = compile_or_stop(policy, parents)
    if as_json:
        sys.stdout.write(encode(canonical_form(program)).decode() + "\n")
    elif texts:
        sys.stdout.write(encode(program_texts(program)).decode() + "\n")
    else:
        show_program(program, program_digest(program))
