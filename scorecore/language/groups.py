"""Groups: subjects that are looked at together, and what is computed over all members of one."""

from enum import Enum

from attrs import frozen


@frozen
class Group:
    """Subjects that are looked at together: those with the same value of the fact `by`, or all."""

    name: str
    by: str = ""
    held: str = "wait"
    """wait: while a member's value is unknown, nobody's is known; exclude: such members are left out."""
    ties: str = ""
    """first | last | dense | mean | hold; empty where nobody is ranked."""
    label: str = ""
    authority: str = ""


class GroupFold(Enum):
    """How the values of all members of a group become a value of each."""

    RANK = "rank"
    """The place: 1 is the greatest."""
    SIZE = "size"
    """How many members have a place; stands beside each rank, so that a place can be told with it."""
    SUM = "sum_in"
    MEAN = "mean_in"
    COUNT = "count_in"
    GREATEST = "greatest_in"
    LEAST = "least_in"
    POOL = "pool"
    """A share of an amount by weight; all shares add up to it."""
