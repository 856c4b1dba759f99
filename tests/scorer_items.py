"""A policy with one item, and the keys of that item for each scorer that comes with scorecore."""

from collections.abc import Mapping
from typing import Final

from scorecore import plugins as hooks
from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.plugins import Scorer

HEAD: Final = """
[policy]
id = "p"
version = "1"
title = "考核"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }

[facts.person]
x = { type = "decimal", min = 0, max = 1000 }
y = { type = "decimal", min = 0, max = 1000 }

[facts.sales]
key = ["id"]

[facts.sales.fields]
id = { type = "string" }
code = { type = "string", among = ["a", "b"] }
fine = { type = "bool" }
day = { type = "date", optional = true }

[score]

[[items]]
id = "one"
points = 10
"""
GOOD: Final = {
    "attendance": 'each = "sales"\nas = "s"\nkind = "s.code"\n'
    'kinds = [ { code = "a", take = 1 }, { code = "b", take = 2 } ]',
    "complaints": 'each = "sales"\nas = "s"\nupheld = "s.fine"\ntake = 2',
    "deadline": 'each = "sales"\nas = "s"\nwhere = "s.fine"\ndue = "period.start"\ndone = "s.day"\n'
    'open_at = "period.end"\nby = "day"\ntake = 2',
    "deduction": 'each = "sales"\nas = "s"\nwhere = "s.fine"\ntake = 2',
    "formula": 'is = "x / 100"',
    "ratings": 'scale = 1000\nout_of = 4\nmissing = "hold"\nat_least = 1\neach = "sales"\nas = "s"\n'
    'where = "s.fine"\nrater = "s.code"\n'
    'score = "x"\nmean = 2\nparts = [ { is = "x", weight = 1 }, { of = "a", weight = 3 } ]',
    "target": 'actual = "x"\ntarget = "y"\nminimum = 0.6\nround = 2',
    "violations": 'each = "sales"\nas = "s"\ncode = "s.code"\n'
    'codes = [ { code = "a", take = 1 } ]\nignore = ["b"]\nwaived = "s.fine"',
}
"""The keys of an item for each scorer that comes with scorecore."""


def built_in() -> Mapping[str, Scorer]:
    diagnostics = Diagnostics()
    scorers = hooks.load_scorers(hooks.installed(), diagnostics)
    assert not len(diagnostics)
    return scorers


def place(diagnostic: Diagnostic) -> tuple[int, int]:
    return diagnostic.location.line - HEAD.count("\n") - 1, diagnostic.location.column
