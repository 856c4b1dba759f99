"""`scorecore document`: a policy written as a regulation, in plain words."""

import sys
from pathlib import Path

import rich_click as click

from scorecore_cli import options
from scorecore_cli.assessment_input import compile_or_stop
from scorecore_cli.document.articles import read_cases, write_document
from scorecore_cli.document.model import PolicyDocument
from scorecore_cli.document.page import render_policy, write_lines
from scorecore_cli.document.revision import Revision, compare_documents
from scorecore_cli.document.stamp import ENDINGS
from scorecore_cli.document.word_file import write_word_file
from scorecore_cli.output_path import OutputPath
from scorecore_cli.path_parameter import PathParameter
from scorecore_cli.table_output import try_file, write_file
from scorecore_cli.visible_text import make_visible


@click.command(cls=options.Command)
@options.policy
@options.option("--out", type=OutputPath(), help="Write a file: .docx for Word, or .html for a browser.")
@options.option(
    "--against",
    type=PathParameter(exists=True, dir_okay=False),
    help="Another version of the policy: show, article by article, what this policy changes in it.",
)
@options.force
@options.parents
@options.lang
def document(policy: Path, out: Path | None, against: Path | None, parents: tuple[Path, ...], *, force: bool) -> None:
    """Write a policy as a regulation: numbered articles in plain words, tables, and its cases as examples.

    The document carries a digest. If it is kept beside its policy under the same name, `scorecore check` reports when
    the two no longer say the same.
    """
    try_file(out, ENDINGS, force=force)
    program = compile_or_stop(policy, parents)[0]
    written = write_document(program, None if against else read_cases(policy))
    revision = None
    if against:
        revision = compare_documents(write_document(compile_or_stop(against, parents)[0]), written)
    if out is None:
        sys.stdout.write(make_visible("\n".join(write_lines(written, revision))) + "\n")
    else:
        write_file(out, _encode(written, revision, out))


def _encode(written: PolicyDocument, revision: Revision | None, out: Path) -> bytes:
    if out.suffix.lower() == ".docx":
        return write_word_file(written, revision)
    return render_policy(written, revision).encode()
