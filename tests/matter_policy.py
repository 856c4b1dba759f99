"""A policy whose matters have stages and clocks of every kind."""

from typing import Final

TEXT: Final = """
[policy]
id        = "matters"
version   = "1"
title     = "matters"
subject   = "clerk"
period    = "month"
effective = { from = 2024-01-01 }

[facts.clerk]
name = { type = "string", optional = true }

[facts.complaints]
label  = "投诉"
key    = ["id"]
shared = true
[facts.complaints.fields]
id        = { type = "string" }
taken     = { type = "timestamp" }
answered  = { type = "timestamp", optional = true }
announced = { type = "timestamp", optional = true }
promised  = { type = "date", optional = true }
filed     = { type = "date", optional = true }
serious   = { type = "bool" }

[calendars.work]
covers   = { from = 2024-01-01, to = 2024-12-31 }
holidays = [2024-05-01, 2024-05-02, 2024-05-03, 2024-06-10]
workdays = [2024-05-11]
hours    = ["09:00-12:00", "13:00-18:00"]

[matters.complaints]
as = "c"
[matters.complaints.stages]
taken     = { owner = "客服", next = ["answered", "announced"] }
announced = { owner = "客服", next = ["answered"], evidence = ["promised"] }
answered  = { owner = "客服", next = ["filed"], ends = true }
filed     = { owner = "档案" }
[matters.complaints.clocks]
reply   = { since = "taken", within = 24, in = "hours" }
quick   = { since = "taken", to = ["answered"], within = "c.serious ? 4 : 12", in = "workhours", calendar = "work" }
filing  = { since = "answered", within = 3, in = "workdays", calendar = "work" }
whole   = { since = "taken", to = ["filed"], when = "c.serious", from = 2, within = 20, in = "days" }
promise = { since = "announced", until = "has(c.promised) ? c.promised : add_days(date(c.announced), 5)" }
"""
CLOCKS: Final = ("reply", "quick", "filing", "whole", "promise")
