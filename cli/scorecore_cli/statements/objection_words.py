"""How to object, to whom, and until when: in the words of a statement."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from scorecore.program.model import ObjectionRules
from scorecore_cli.language import _, ngettext
from scorecore_cli.visible_text import make_line


@frozen
class Objection:
    """To whom somebody objects, and until when, where the firm says it for a run; else the policy says it."""

    to: str = ""
    by: date | None = None


def list_objection_lines(objection: Objection, rules: ObjectionRules | None, last_day: date | None) -> Iterator[str]:
    """What is not known is said as well; `last_day` is what the policy gives for a recorded decision."""
    yield _("If a figure is wrong, write which one, and what it should be and why.")
    whom, until = objection.to or (rules.refer if rules else ""), objection.by or last_day
    if not whom and not until and rules is None:
        yield _("The policy says neither who receives objections nor until when they are possible.")
        return
    if whom and until:
        yield _("Submit it to {whom}, by {day} at the latest.", whom=make_line(whom), day=until)
        return
    yield _("Submit it to {whom}.", whom=make_line(whom)) if whom else _("The policy does not say who receives it.")
    if until:
        yield _("Objections are possible until {day}.", day=until)
    elif rules is None:
        yield _("The policy sets no last day for objections.")
    else:
        yield _describe_time(rules)


def _describe_time(rules: ObjectionRules) -> str:
    """Of a decision that is not recorded, or of days that the calendar does not cover."""
    if rules.calendar:
        return ngettext(
            "Objections are possible within {count} working day after the decision takes effect.",
            "Objections are possible within {count} working days after the decision takes effect.",
            rules.within,
        )
    return ngettext(
        "Objections are possible within {count} day after the decision takes effect.",
        "Objections are possible within {count} days after the decision takes effect.",
        rules.within,
    )
