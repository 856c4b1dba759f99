"""How people object to a decision: within at least one day, by a calendar that there is."""

from typing import Final

from scorecore.diagnostics import catalogue
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.diagnostics.suggest import suggest
from scorecore.policy.model import Policy
from scorecore.program.model import ObjectionRules

MAX_DAYS: Final = 1_000


def check_objections(declared: Policy, diagnostics: Diagnostics) -> ObjectionRules | None:
    """The rules of a policy, which has none or one set of them."""
    rules = declared.objections
    if rules is None:
        return None
    if rules.calendar and rules.calendar not in declared.calendars:
        nearest = suggest(rules.calendar, declared.calendars)
        diagnostics.add(catalogue.UNKNOWN_CALENDAR, *rules.at("calendar"), name=rules.calendar, **nearest)
    for name in ("within", "answered_within"):
        if not 1 <= getattr(rules, name) <= MAX_DAYS:
            diagnostics.add(catalogue.NO_TIME_TO_OBJECT, *rules.at(name), name=name, limit=MAX_DAYS)
    if rules.unanswered == "referred" and not rules.refer:
        diagnostics.add(catalogue.MISSING_KEY, *rules.at("unanswered"), key="refer")
    return ObjectionRules(
        within=rules.within,
        answered_within=rules.answered_within,
        unanswered=rules.unanswered,
        late=rules.late,
        calendar=rules.calendar,
        refer=rules.refer,
        authority=rules.authority,
    )
