"""The identity of a step: values, not text that is taken apart again."""

import re
from typing import Final, Self


class StepId(str):
    """A step of a program by section, name and role. As text it is the dotted name by which expressions read it.

    It is a text so that values, columns and canonical JSON can be keyed by it; its parts are never found by splitting.

    >>> StepId("pay", "bonus", role="applies")
    'pay.bonus.applies'
    >>> StepId("pay", "bonus", role="applies").section
    'pay'
    >>> StepId("pay", "bonus", role="applies").owner == StepId("pay", "bonus")
    True
    """

    __slots__ = ("name", "role", "section")
    section: str
    """items | score | grade | values | pay | carry | actions | holds | groups | policy"""
    name: str
    role: str
    """What the step does for the part of the policy that it belongs to: empty for its result, `applies`, `closes`."""

    def __new__(cls, section: str, name: str = "", *, role: str = "") -> Self:
        step_id = super().__new__(cls, ".".join(filter(None, (section, name, role))))
        step_id.section, step_id.name, step_id.role = section, name, role
        return step_id

    @classmethod
    def parse(cls, text: str) -> "StepId":
        """The identity that a record has written as text, the one place in which a text is taken apart.

        >>> StepId.parse("carry.fund.closes").role
        'closes'
        >>> StepId.parse('rank(sales, "branch")').section
        'rank(sales, "branch")'
        """
        match = _WRITTEN.fullmatch(text)
        return cls(match["section"], match["name"] or "", role=match["role"] or "") if match else cls(text)

    @property
    def owner(self) -> "StepId":
        """The step with the result of the same part of the policy."""
        return StepId(self.section, self.name)

    def with_role(self, role: str) -> "StepId":
        """The step that does something else for the same part of the policy."""
        return StepId(self.section, self.name, role=role)

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, str]]:
        return (self.section, self.name), {"role": self.role}


SCORE_TOTAL: Final = StepId("score", "total")
GRADE: Final = StepId("grade")
ASSESSED: Final = StepId("policy", "applies")
"""Whether somebody is assessed at all."""
EXCLUDED: Final = StepId("policy", "excluded")
"""The opposite: it holds all results, as a hold does."""
APPLIES: Final = "applies"
"""The role of a condition: to whom an item, a pay line or a grade applies."""
CLOSES: Final = "closes"
"""The role of a balance at the end of the period; without a role it is the balance at the beginning."""
_WRITTEN: Final = re.compile(r"(?P<section>[a-z]+)(?:\.(?P<name>\w+)(?:\.(?P<role>\w+))?)?")
