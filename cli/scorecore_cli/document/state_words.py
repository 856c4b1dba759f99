"""What a rule reads of a matter with stages, in words."""

from scorecore.language.expressions import MatterState
from scorecore_cli.language import _


def describe_state(state: MatterState) -> str:
    """What a rule reads of a matter."""
    whole = {
        "stage": _("the stage of {matter} at the end of the period", matter=state.clause),
        "open": _("{matter} is not finished at the end of the period", matter=state.clause),
        "taken_over": _("{matter} was taken over from an earlier period", matter=state.clause),
    }
    part = {
        "late": _("“{part}” was due in the period and was not done in time", part=state.clause),
        "in_time": _("“{part}” was done in time in the period", part=state.clause),
        "running": _("“{part}” is still running at the end of the period", part=state.clause),
        "overdue": _("“{part}” is overdue at the end of the period", part=state.clause),
        "due": _("the last day of “{part}”", part=state.clause),
        "reached": _("“{part}” was reached by the end of the period", part=state.clause),
        "in_period": _("“{part}” was reached in the period", part=state.clause),
        "lacking": _("“{part}” was reached in the period without its evidence", part=state.clause),
    }
    return (whole | part)[state.name.rpartition(".")[2]]
