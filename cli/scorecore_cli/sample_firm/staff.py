"""Who works at the sample firm. What looks like chance is computed from names, and is the same everywhere."""

from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from typing import Final

from attrs import frozen

MONTHS: Final = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
BRANCHES: Final = ("{{Chengnan|城南}}", "{{Binjiang|滨江}}", "{{Harbour|港口}}")
"""In both languages, as in the templates of the policies."""
_MANAGERS: Final = 36
_NAMES: Final = (
    *(
        "陈志远",
        "林晓燕",
        "Anna Becker",
        "王建国",
        "黄丽萍",
        "Thomas Reed",
        "赵文博",
        "周海霞",
        "吴俊杰",
        "Sofia Rossi",
    ),
    *("郑伟", "孙雅琴", "李明哲", "Daniel Novak", "何秀兰", "罗思源", "高峰", "Emma Fischer", "梁振宇", "谢婉婷"),
    *("宋佳", "唐国强", "Lucas Martin", "韩雪", "冯子豪", "董淑芬", "Maria Santos", "程浩", "曹静怡", "彭勇"),
    *("曾玉梅", "Peter Lindqvist", "萧然", "田宇航", "蔡美玲", "潘磊", "Julia Kowalski", "袁诗涵", "于洋", "蒋欣"),
    *("余振华", "杜鹃", "Ivan Petrov", "叶青", "苏婷婷", "魏东", "Clara Jensen", "吕梦洁", "丁一凡", "任晓东"),
    *("沈月", "Omar Haddad", "姚倩", "卢建平", "姜文静", "崔健", "Helen O'Brien", "钟慧敏", "谭志刚", "陆嘉怡"),
)
_FIRST_MONTH: Final = {"M36": "2025-03"}
_LAST_MONTH: Final = {"M20": "2025-04"}
_MOVES: Final = {"M12": ("2025-05", 2)}
"""Who moves to which branch, and when."""


@frozen
class Employee:
    """Somebody of the sample firm."""

    id: str
    name: str
    branch_number: int
    is_manager: bool
    """Whether they are a customer manager, or work at the service desk."""

    @property
    def is_senior(self) -> bool:
        return draw(self.id, "senior") < Decimal("0.4")

    @property
    def talent(self) -> Decimal:
        """How much of what is asked they usually do."""
        return Decimal("0.58") + draw(self.id, "talent") * Decimal("0.5")

    def branch(self, month: str) -> str:
        since, number = _MOVES.get(self.id, ("9999-12", self.branch_number))
        return BRANCHES[number if month >= since else self.branch_number]

    def works(self, month: str) -> bool:
        return _FIRST_MONTH.get(self.id, "") <= month <= _LAST_MONTH.get(self.id, "9999-12")


def list_employees() -> Iterator[Employee]:
    """All sixty: twelve customer managers and eight at the service desk of each branch."""
    for number, name in enumerate(_NAMES):
        is_manager = number < _MANAGERS
        place = number if is_manager else number - _MANAGERS
        branch = place // (12 if is_manager else 8)
        yield Employee(f"{'M' if is_manager else 'S'}{place + 1:02d}", name, branch, is_manager)


def draw(*names: object) -> Decimal:
    """A number from 0 to below 1 that looks drawn, to four places; the same names draw the same number."""
    digest = sha256("/".join(map(str, names)).encode()).digest()
    return Decimal(int.from_bytes(digest[:8]) % 10_000) / 10_000
