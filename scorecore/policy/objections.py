"""How people object to a decision, as a policy's author wrote it."""

from typing import Literal

from attrs import frozen

from scorecore.policy.parts import Part, key


@frozen(kw_only=True)
class ObjectionsDeclaration(Part):
    """`[objections]`: until when people may object to a decision, and what it means if nobody answers in time."""

    within: int = key("days for objecting, from the day after the decision is in force")
    answered_within: int = key("days for the answer, from the day after the objection was recorded")
    calendar: str = key("the calendar whose working days are counted; default: every day counts", default="")
    late: Literal["refused", "admitted"] = key("what becomes of a late objection", default="refused")
    unanswered: Literal["accepted", "refused", "referred"] = key("what it means if there is no answer in time")
    refer: str = key("who receives objections, and decides those that are referred", default="")
