"""Functions for expressions that many policies would otherwise spell out."""

from collections.abc import Iterable, Mapping

from scorecore.plugin import Operator, Syntax, greatest, hookimpl, least


def clamp(x: Syntax, low: Syntax, high: Syntax) -> Syntax:
    """`x`, but at least `low` and at most `high`."""
    return least(greatest(x, low), high)


def attainment(actual: Syntax, target: Syntax) -> Syntax:
    """How far a target was reached: 0 for nothing, 1 for all of it and more; unknown without a target."""
    return least(greatest(actual, 0), target).decimal() / target


@hookimpl
def operators() -> Iterable[Operator]:
    return [Operator("clamp", clamp), Operator("attainment", attainment)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            "`x`, but at least `low` and at most `high`.": "`x`，但不低于 `low`、不高于 `high`。",
            "How far a target was reached: 0 for nothing, 1 for all of it and more; unknown without a target.": (
                "目标完成率：未完成为 0，完成及超额为 1；没有目标时为未知。"
            ),
        }
    }
