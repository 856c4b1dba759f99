"""Results as payloads had them before format 2: entries and pay lines by their positions in the policy.

{"entries": [[rule, points, event, quantity?], …], "pay": [[line, amount], …], "values": {…}, "held": {…}}
"""

from scorecore.program.model import Program
from scorecore.record.runs.payload_order import PlainData, number_rules, sort_causes, sort_entries


def upgrade_result(program: Program, result: PlainData) -> PlainData:
    """A result as payloads have it now; one that is so already stays as it is. Raises LookupError or TypeError."""
    if isinstance(result["pay"], dict):
        return result
    rules = number_rules(program)
    entries = [[*rules[rule], points, *event_and_quantity] for rule, points, *event_and_quantity in result["entries"]]
    upgraded: PlainData = {
        **result,
        "entries": sort_entries(entries),
        "pay": {program.pay[line].step: amount for line, amount in result["pay"]},
    }
    if "held" in result:
        upgraded["held"] = {name: sort_causes(causes) for name, causes in result["held"].items()}
    return upgraded
