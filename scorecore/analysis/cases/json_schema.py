"""JSON Schema of files with cases, for editors."""

from scorecore.analysis.cases.model import CaseFile
from scorecore.diagnostics.diagnostic import Translate
from scorecore.policy.json_schema import Schema, SchemaBuilder


def build_cases_schema(translate: Translate = str) -> Schema:
    """The schema of files with cases; facts in them may be of any name, for they are the policy's."""
    return SchemaBuilder(translate).build_file_schema(CaseFile, "scorecore cases")
