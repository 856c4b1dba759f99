"""What the services say in words of their own, to be translated where it is shown."""

from typing import Final

KINDS: Final = {
    "action": "action",
    "calendar": "calendar",
    "carry": "balance",
    "events": "table of events",
    "fact": "fact",
    "field": "field of an event",
    "clock": "deadline between stages",
    "function": "function",
    "grade": "grade",
    "group": "group",
    "hold": "hold",
    "item": "item",
    "key": "key",
    "method": "function",
    "parameter": "parameter",
    "pay": "pay line",
    "policy": "policy",
    "result": "result",
    "scorer": "scorer",
    "section": "section",
    "subject": "facts of the subject",
    "table": "table",
    "use": "policy that is used",
    "used": "result of another policy",
    "value": "value",
    "variable": "one event",
    "word": "word",
}
"""What a name stands for, by its kind."""
DEFAULT: Final = "default: {value}"
CHOICES: Final = "one of: {choices}"
BETWEEN: Final = "{low} to {high}"
AT_LEAST: Final = "at least {low}"
AT_MOST: Final = "at most {high}"
PLACES: Final = "decimal places: {places}"
OPTIONAL: Final = "may be missing"
IN_FORCE: Final = "from {start}: {value}"
SENTENCES: Final = (*KINDS.values(), DEFAULT, CHOICES, BETWEEN, AT_LEAST, AT_MOST, PLACES, OPTIONAL, IN_FORCE)
