"""Matters that go through stages, as a policy's author wrote them: complaints, repairs, applications."""

from typing import Literal

from attrs import frozen

from scorecore.language.cel.syntax import Syntax
from scorecore.policy.parts import Part, key

ClockUnit = Literal["hours", "workhours", "days", "workdays"]


@frozen(kw_only=True)
class StageDeclaration(Part):
    """A stage: the field of the event that says when it was reached."""

    owner: str = key("who has the matter in this stage", default="")
    next: tuple[str, ...] = key("the stages that may follow; none after the last", default=())
    ends: bool = key("a matter may end here, although stages may follow", default=False)
    evidence: tuple[str, ...] = key(
        "the fields that have to be there, or be true, when the stage is reached", default=()
    )


@frozen(kw_only=True)
class ClockDeclaration(Part):
    """A deadline between stages."""

    label: str = key("name for display", default="")
    since: str = key("the stage with which the clock starts")
    to: tuple[str, ...] = key("the stages of which one stops it; default: the next ones", default=())
    when: Syntax | None = key("the events that have this deadline; default: all", default=None)
    from_: Syntax | None = key("how long must have passed, or the first day that counts; default: none", default=None)
    within: Syntax | None = key("how long it may take", default=None)
    in_: ClockUnit | None = key(
        "what `within` counts: hours that run on, working hours, days, or working days; days end at midnight and the "
        "first is not counted",
        default=None,
    )
    calendar: str = key("the calendar of working hours and working days", default="")
    until: Syntax | None = key("instead of `within`: the last date or timestamp that is in time", default=None)
    escalate: str = key("what is proposed in the period in which the deadline passes, such as `报部门经理`", default="")


@frozen(kw_only=True)
class MatterDeclaration(Part):
    """`[matters.<events>]`: the stages that the events of a table go through, and the deadlines between them."""

    label: str = key("name for display", default="")
    as_: str = key("the name by which expressions here read the event", default="")
    requires: tuple[Literal["owner", "clock"], ...] = key(
        "what every stage that is not the last needs: an `owner`, a `clock` that starts with it", default=()
    )
    open: bool = key("a branch may change it", default=False)
    stages: dict[str, StageDeclaration] = key("the stages by the fields that say when; the first is where all begin")
    clocks: dict[str, ClockDeclaration] = key("the deadlines by their names", factory=dict)
