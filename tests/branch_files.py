"""A head office's policy, and what a branch file makes of it."""

from typing import Final

from scorecore.diagnostics.diagnostic import Diagnostic, Diagnostics
from scorecore.diagnostics.source import Source
from scorecore.policy.load import load
from scorecore.policy.model import Policy

PARENT: Final = """
[policy]
id = "head"
version = "1"
title = "总部"
authority = "办法"
status = "illustrative"
subject = "person"
period = "month"
effective = { from = 2024-01-01 }
assumptions = ["先算后舍入"]

[parameters.base]
type = "decimal"
values = [ { from = 2024-01-01, is = 500 } ]
bounds = { min = 300, max = 800, authority = "第二十七条" }
authority = "第二十五条"

[parameters.advised]
type = "decimal"
values = [ { from = 2024-01-01, is = 500 } ]
bounds = { min = 300, max = 800, binding = false, authority = "第二十七条" }

[tables.open_rate]
kind = "whole"
edge = "lower"
open = true
bands = [ { from = 0, is = 1 }, { from = 10, is = 2 } ]

[tables.closed_rate]
kind = "whole"
edge = "lower"
authority = "第三十条"
bands = [ { from = 0, is = 1 } ]

[facts.person]
x = { type = "decimal", min = 0, open = true }
y = { type = "decimal", authority = "第三条" }

[facts.sales]
key = ["id"]
fields = { id = { type = "string" } }

[calendars.work]
open = true
covers = { from = 2023-01-01, to = 2023-12-31 }

[values.open_value]
is = "x"
open = true

[values.closed_value]
is = "y"
authority = "第四条"

[[pay]]
id = "open_line"
kind = "earning"
amount = "tables.open_rate(x)"
label = "甲"
open = true

[[pay]]
id = "closed_line"
kind = "earning"
amount = "parameters.base + parameters.advised"
authority = "第五条"
"""
CHILD: Final = """
[policy]
id = "branch"
version = "1"
title = "营业部"
extends = "head@1"
effective = { from = 2024-01-01 }
"""


def loaded(child: str, parent: str = PARENT) -> tuple[Policy | None, list[Diagnostic]]:
    diagnostics = Diagnostics()
    policy = load(Source("branch.toml", CHILD + child), {"head@1": Source("head.toml", parent)}, diagnostics)
    return policy.policy if policy else None, list(diagnostics)


def policy(child: str, parent: str = PARENT) -> Policy:
    program, diagnostics = loaded(child, parent)
    assert program is not None, list(map(str, diagnostics))
    assert diagnostics == []
    return program


def refused(child: str, parent: str = PARENT) -> Diagnostic:
    _, (diagnostic,) = loaded(child, parent)
    assert diagnostic.location.source == "branch.toml"
    return diagnostic
