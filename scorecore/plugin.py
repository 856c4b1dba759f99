"""All that the author of a plugin imports: `from scorecore.plugin import Entry, Scorer, Syntax, hookimpl, key`.

The names are in these groups; docs/plugins.md shows each at work, and docs/reference/contract.md lists their fields:

- hooks and what they bring: `hookimpl`, `Scorer`, `Operator`, `Check`, `Reader`, `Writer`, `Renderer`, `Plugins`,
  `CONTRACT`
- scorers: `Parameters`, `key`, `hidden`, `Part`, `ItemContext`, `Entry`, `NamedValue`
- expressions: `Syntax` and its parts `LiteralSyntax`, `Name`, `Select`, `Index`, `Call`, `Method`, `Operation`,
  `Listing`, the builders `call`, `events`, `greatest`, `guarded`, `history`, `least` and `require`, the `Place` of each
  part, and `print_expression`
- what is wrong and where: `Diagnostic`, `DiagnosticKind`, `Diagnostics`, `Location`, `Snippet`, `suggest`, and the
  framework's own kinds of diagnostics in `catalogue`
- house rules are given a `Policy` and its `Program`
- formats of facts give a `RawTable` for each table of a file, or for each `FactsQuery` to a database; writers are given
  a `ResultTable` for each table; a `DatabaseAddress` is a `DatabaseUrl` or the path of a file
- layouts are given an `Explanation`, and `Block`s of words

Nothing else of scorecore belongs to the contract. `scorecore.kit` has the tests that a scorer should pass.
"""

from scorecore.analysis.explain import Explanation
from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostic, DiagnosticKind, Diagnostics
from scorecore.diagnostics.source import Location, Snippet
from scorecore.diagnostics.suggest import suggest
from scorecore.facts.raw import RawTable
from scorecore.io.databases import DatabaseAddress, DatabaseUrl, FactsQuery
from scorecore.io.formats import Block, Reader, Renderer
from scorecore.io.result_writers import ResultTable, Writer
from scorecore.language.cel.builders import call, events, history, require
from scorecore.language.cel.macros import Operator
from scorecore.language.cel.syntax import (
    Call,
    Index,
    Listing,
    LiteralSyntax,
    Method,
    Name,
    Operation,
    Place,
    Select,
    Syntax,
    greatest,
    guarded,
    least,
)
from scorecore.language.printer import print_expression
from scorecore.plugins.contract import (
    CONTRACT,
    Check,
    Entry,
    ItemContext,
    NamedValue,
    Parameters,
    Plugins,
    Scorer,
    hookimpl,
)
from scorecore.policy.model import Part, Policy, hidden, key
from scorecore.program.model import Program

__all__ = [
    "CONTRACT",
    "Block",
    "Call",
    "Check",
    "DatabaseAddress",
    "DatabaseUrl",
    "Diagnostic",
    "DiagnosticKind",
    "Diagnostics",
    "Entry",
    "Explanation",
    "FactsQuery",
    "Index",
    "ItemContext",
    "Listing",
    "LiteralSyntax",
    "Location",
    "Method",
    "Name",
    "NamedValue",
    "Operation",
    "Operator",
    "Parameters",
    "Part",
    "Place",
    "Plugins",
    "Policy",
    "Program",
    "RawTable",
    "Reader",
    "Renderer",
    "ResultTable",
    "Scorer",
    "Select",
    "Snippet",
    "Syntax",
    "Writer",
    "call",
    "catalogue",
    "events",
    "greatest",
    "guarded",
    "hidden",
    "history",
    "hookimpl",
    "key",
    "least",
    "print_expression",
    "require",
    "suggest",
]
