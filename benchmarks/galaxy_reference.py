"""The policy `policies/galaxy/branch.toml` for May 2024 for one person, on fractions: slow, and plainly right.

It follows the rules clause by clause, as the policy says them in its language: sums and comparisons are exact, a
product or quotient is rounded half-even at the 12th place, a rounding directly around one rounds the exact value.
None is what is not decided.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

Row = Mapping[str, Any]
Exact = Callable[[Fraction], Fraction]
Number = Fraction | None
Entry = tuple[str, str, Number, Fraction, str]
"""Item, reason, quantity, points, key of the event."""

START, END, MONTH = date(2024, 5, 1), date(2024, 5, 31), "2024-05"
POINTS = {
    "guarantee": 5,
    "churning": 5,
    "false-material": 10,
    "discretionary-mandate": 10,
    "unrecorded-order": 3,
    "client-money": 10,
    "custody-transfer": 5,
    "leaked-secret": 10,
    "disparagement": 2,
    "second-job": 10,
    "client-reward": 5,
    "other": 2,
}
BANDS = ((0, 1_000_000, Fraction(0)), (1_000_000, 5_000_000, Fraction("0.2")), (5_000_000, 20_000_000, Fraction("0.3")))
ABOVE, TOP_RATE = 20_000_000, Fraction("0.4")
FUND, SHARE = 100_000, Fraction("0.1")
TAKEN = frozenset(f"pay.{name}" for name in ("rebate", "depreciation", "paid_costs", "risk_fund", "loss", "income_tax"))
MANAGER_BASE, MINIMUM, STREAK, MONTHS_AWAY = 600, 40, 3, 3


class Line(NamedTuple):
    """An amount or a balance; whether it applies is None where that is not known."""

    amount: Number
    applies: bool | None = True


class Decided(NamedTuple):
    results: dict[str, Any]
    entries: list[Entry]
    pay: dict[str, Fraction]
    """Lines that apply and are decided."""


def half_up(value: Fraction, places: int = 2) -> Fraction:
    """四舍五入: a half goes away from zero."""
    scaled = abs(value) * 10**places
    integer = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(integer if value >= 0 else -integer, 10**places)


def twelve(value: Fraction) -> Fraction:
    """Half-even at the 12th place, as every product and quotient of the language."""
    return Fraction(round(value * 10**12), 10**12)


def decide(person: Row, events: Mapping[str, Sequence[Row]], history: Sequence[Row], *, cut: bool = True) -> Decided:
    """What the policy gives one person; without `cut` nothing is rounded but where a rule says so."""
    exact = twelve if cut else Fraction
    here = {name: [row for row in rows if START <= row["date"] <= END] for name, rows in events.items()}
    fact: dict[str, Any] = {
        name: Fraction(value) if isinstance(value, Decimal) else value for name, value in person.items()
    }
    entries: list[Entry] = []
    if fact["status"] is None or fact["status"] == "leave":
        return Decided({"partial": True, "pay.net": Fraction(0)}, entries, {})

    rules, why = _rules(here)
    courtesy, also = _courtesy(here)
    entries += why + also
    volume = Fraction(sum((row["amount"] for row in here["volumes"]), Decimal(0)))
    task = None
    if fact["volume_task"]:
        task = half_up(min(volume, fact["volume_task"]) * 80 / fact["volume_task"])
        entries.append(("items.task", "attained", twelve(volume / fact["volume_task"]), task, ""))
    total = None if courtesy is None or task is None else rules + courtesy + task
    codes = {row["code"] for row in here["violations"] if row["state"] == "proven"}
    if total is not None and "discretionary-mandate" in codes:
        entries.append(("score.total", "veto", None, min(total, Fraction(0)) - total, ""))
        total = min(total, Fraction(0))

    past = {_ago(row["period"]): row for row in history if row["period"] < MONTH}
    latest = past[min(past)] if past else {"carry.risk_fund": 0, "carry.loss": 0}
    fund, debt = (
        None if latest[name] is None else Fraction(latest[name]) for name in ("carry.risk_fund", "carry.loss")
    )
    pay = _pay(fact, here, volume, total, fund, exact)
    due = None if debt is None else debt + sum((Fraction(row["amount"]) for row in here["losses"]), Fraction(0))
    pay |= _balances(fact, pay, fund, due, fact["fund_interest"] or Fraction(0))
    results: dict[str, Any] = {
        "items.rules": rules,
        "items.courtesy": courtesy,
        "items.task": task,
        "score.total": total,
        "grade": None if total is None else _grade(total),
        **{name: line.amount for name, line in pay.items() if name.startswith("pay.")},
        "carry.risk_fund.closes": pay["carry.risk_fund.closes"].amount,
        "carry.loss.closes": pay["carry.loss.closes"].amount,
        "actions.below_minimum": _is_below_minimum(fact["normal_market"], task),
        "actions.dismiss": _dismiss(fact["normal_market"], task, past),
        # nobody of the benchmark was punished, nor dealt irregularly
        **dict.fromkeys(("actions.dismiss_punished", "actions.dismiss_not_corrected", "actions.dismiss_loss"), False),
    }
    slip = {name: line for name, line in pay.items() if name.startswith("pay.")}
    results["partial"] = any(line.amount is None for line in slip.values())
    results["pay.net"] = sum(
        ((-1 if name in TAKEN else 1) * (line.amount or 0) for name, line in slip.items()), Fraction(0)
    )
    lines = {name: line.amount for name, line in slip.items() if line.applies and line.amount is not None}
    return Decided(results, entries, lines)


def _rules(here: Mapping[str, Sequence[Row]]) -> tuple[Fraction, list[Entry]]:
    account = "items.rules"
    entries: list[Entry] = [(account, "opening", None, Fraction(10), "")]
    for meeting in here["meetings"]:
        if not meeting["attended"]:
            key = meeting["date"].isoformat()
            waived = meeting["excused"]
            entries.append(
                (account, "waived" if waived else "missed-meeting", None, Fraction(0 if waived else -2), key)
            )
    proven = [row for row in here["violations"] if row["state"] == "proven"]
    entries += [(account, "violation", None, Fraction(-POINTS[row["code"]]), row["id"]) for row in proven]
    return _above_zero(account, entries)


def _courtesy(here: Mapping[str, Sequence[Row]]) -> tuple[Number, list[Entry]]:
    account = "items.courtesy"
    entries: list[Entry] = [(account, "opening", None, Fraction(10), "")]
    for complaint in here["complaints"]:
        if complaint["upheld"] is None:
            return None, []
        upheld = complaint["upheld"]
        entries.append(
            (account, "upheld" if upheld else "unfounded", None, Fraction(-5 if upheld else 0), complaint["id"])
        )
    return _above_zero(account, entries)


def _above_zero(account: str, entries: list[Entry]) -> tuple[Fraction, list[Entry]]:
    points = sum((entry[3] for entry in entries), Fraction(0))
    if points >= 0:
        return points, entries
    return Fraction(0), [*entries, (account, "floor", None, -points, "")]


def _pay(
    fact: Mapping[str, Any],
    here: Mapping[str, Sequence[Row]],
    volume: Fraction,
    total: Number,
    fund: Number,
    exact: Exact,
) -> dict[str, Line]:
    manages = fact["role"] == "manager" and fact["status"] == "active"
    commission = None
    if total is not None and not any(row["state"] == "open" for row in here["violations"]):
        fee: Fraction = max(fact["fee_income"] - fact["exchange_fees"] - fact["business_tax"], Fraction(0))
        slices = [max(min(volume, Fraction(end)) - start, Fraction(0)) * rate for start, end, rate in BANDS]
        marginal = sum(slices, max(volume - ABOVE, Fraction(0)) * TOP_RATE)
        rate = exact(marginal / volume) if volume else Fraction(0)
        share = exact(volume / fact["market_volume"]) * 1000
        coefficient = Fraction("1.2") if share >= 2 else Fraction(1) if share >= Fraction("0.5") else Fraction("0.8")
        commission = half_up(exact(exact(exact(fee * rate) * coefficient) * total) / 100)
    approved = [Fraction(row["amount"]) for row in here["rewards"] if row["approved"]]
    reserve = None
    if commission is not None and fund is not None:
        reserve = max(min(half_up(commission * SHARE), FUND - fund), Fraction(0))
    plain = {}
    for name in ("rebate", "depreciation", "paid_costs", "income_tax"):
        amount = fact[name]
        plain[f"pay.{name}"] = Line(amount, None if amount is None else amount > 0)
    return {
        "pay.base": Line(Fraction(MANAGER_BASE if manages else 0), manages),
        "pay.commission": Line(commission),
        "pay.direct_reward": Line(sum(approved, Fraction(0)), bool(approved)),
        "pay.risk_fund": Line(reserve),
        **plain,
    }


def _balances(fact: Row, pay: Mapping[str, Line], fund: Number, due: Number, interest: Fraction) -> dict[str, Line]:
    """What is paid for losses, what is given back, and the balances that are carried on."""
    returned = False
    if fact["status"] == "left" and fact["left_on"] is not None and _months_away(fact["left_on"]) >= MONTHS_AWAY:
        returned = not fact["dispute"]
    names = ("pay.base", "pay.commission", "pay.risk_fund")
    base, commission, reserve = (pay[name].amount for name in names)
    if fund is None or due is None or base is None or commission is None or reserve is None:
        unknown = Line(None, None)
        return {
            "pay.loss": unknown,
            "pay.fund_release": unknown if returned else Line(Fraction(0), applies=False),
            "carry.risk_fund.closes": Line(Fraction(0)) if returned else unknown,
            "carry.loss.closes": unknown,
        }
    covered = min(due, fund + reserve)
    owed = due - covered
    paid = min(owed, base + commission - reserve) if owed > 0 else Fraction(0)
    remainder = fund + reserve - covered
    return {
        "pay.loss": Line(paid, owed > 0),
        "pay.fund_release": Line(
            remainder + interest if returned and remainder > 0 else Fraction(0), returned and remainder > 0
        ),
        "carry.risk_fund.closes": Line(Fraction(0) if returned else remainder),
        "carry.loss.closes": Line(owed - paid),
    }


def _months_away(left: date) -> int:
    """Complete months; one is complete on the day with the same number, or on the last of a shorter month."""
    months = (END.year - left.year) * 12 + END.month - left.month
    return months if left.day <= END.day else months - 1


def _grade(total: Fraction) -> str:
    return next((grade for grade, least in (("A", 90), ("B", 80), ("C", 60)) if total >= least), "D")


def _ago(period: str) -> int:
    year, month = map(int, period.split("-"))
    return (END.year - year) * 12 + END.month - month


def _is_below_minimum(normal: bool, task: Number) -> bool | None:  # noqa: FBT001  a fact
    if not normal:
        return False
    return None if task is None else task < MINIMUM


def _dismiss(normal: bool, task: Number, past: Mapping[int, Row]) -> bool | None:  # noqa: FBT001  a fact
    months, below = 0, _is_below_minimum(normal, task)
    while below:
        months += 1
        if months not in past:
            break
        below = past[months]["actions.below_minimum"]
    return None if below is None else months >= STREAK
