"""The file in which a branch keeps what its sheets, headings and units mean."""

from pathlib import Path

from scorecore.io.mapping import UNITS
from scorecore.io.mapping_proposal import propose_mapping, write_proposal
from scorecore_cli.assessment_input import Assessment
from scorecore_cli.language import _
from scorecore_cli.table_output import write_file


def write_mapping(path: Path, assessment: Assessment) -> str:
    """Write what the facts of an assessment seem to be called, if they are called otherwise; what was done."""
    program = assessment.program
    proposals = propose_mapping(program.schema, assessment.raw)
    if not proposals:
        return _("all tables and columns have the names of the policy: no mapping is needed")
    intro = (
        _("The names of the facts of {policy} in these files.", policy=program.id),
        _("Read each line: it is a proposal. Then use the file with --mapping."),
        _("units: by what the cells of a column are multiplied: {units}, or a number.", units=" ".join(UNITS)),
    )
    write_file(path, write_proposal(proposals, intro, _("not found; headings without a meaning:")).encode())
    return _("written to {path}: read it, correct it, and run this again", path=path)
