"""Half a year of facts of the sample firm, as rows of its tables; late facts say when they became known."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from scorecore_cli.sample_firm.staff import MONTHS, Employee, draw, list_employees

Row = tuple[str, ...]
HEADINGS: Final[Mapping[str, Mapping[str, Row]]] = {
    "managers": {
        "person": (
            *("person", "period", "name", "branch", "role"),
            *("fee_income", "fee_task", "client_task", "insurance", "income_tax"),
        ),
        "accounts": ("person", "account", "opened", "assets", "known"),
        "meetings": ("person", "date", "attended", "excused"),
        "complaints": ("person", "id", "date", "upheld", "known"),
    },
    "service": {
        "person": (
            *("person", "period", "name", "branch", "salary"),
            *("tickets", "in_time", "overtime", "insurance", "income_tax"),
        ),
        "errors": ("person", "id", "date", "kind", "loss", "known"),
        "complaints": ("person", "id", "date", "upheld", "known"),
    },
}
"""The tables of each department, and their headings."""
LATE_COMPLAINT: Final = ("M02", "C250318", "2025-03-18", "true", "2025-05-12")
"""Of March; it became known in May, so that March is corrected."""
_WITHOUT_CORRECTION: Final[Mapping[str, Sequence[Row]]] = {
    "accounts": [("M15", "81022699", "2025-02-26", "36500.00", "2025-03-12")],
    "errors": [("S05", "F250409", "2025-04-09", "money", "1800.00", "2025-05-20")],
    "complaints": [
        ("M23", "C250619", "2025-06-19", "", "2025-06-20"),
        ("M23", "C250619", "2025-06-19", "true", "2025-07-14"),
    ],
}
"""Other late facts, for readers to correct: the last one settles what is open in June."""
_SEASON: Final = dict(zip(MONTHS, map(Decimal, ("0.96", "0.82", "1.04", "1.00", "0.93", "1.08")), strict=True))
_ERRORS: Final = (("data", Decimal("0.55")), ("process", Decimal("0.85")), ("money", Decimal(1)))
"""Kinds of errors, and up to which share each is drawn."""
_CENT: Final = Decimal("0.01")


def list_rows(department: str) -> Mapping[str, Sequence[Row]]:
    """The rows of all tables of a department, without headings."""
    is_manager = department == "managers"
    rows: dict[str, list[Row]] = {name: [] for name in HEADINGS[department]}
    for month in MONTHS:
        for employee in list_employees():
            if employee.is_manager == is_manager and employee.works(month):
                tables = _manager_month(employee, month) if is_manager else _service_month(employee, month)
                for name, of_employee in tables.items():
                    rows[name] += of_employee
    for name, late in _WITHOUT_CORRECTION.items():
        rows.get(name, []).extend(row for row in late if row[0].startswith("M" if is_manager else "S"))
    if is_manager:
        rows["complaints"].append(LATE_COMPLAINT)
    return rows


# customer managers


def _manager_month(employee: Employee, month: str) -> Mapping[str, list[Row]]:
    fee_task, client_task = (24_000, 4) if employee.is_senior else (12_000, 3)
    luck = Decimal("0.8") + draw(employee.id, month, "fees") * Decimal("0.5")
    income = (fee_task * employee.talent * luck * _SEASON[month]).quantize(_CENT)
    base = 4_600 if employee.is_senior else 3_300
    person = (
        *(employee.id, month, employee.name, employee.branch(month), "senior" if employee.is_senior else "junior"),
        *(str(income), f"{fee_task}.00", str(client_task), *_payroll(base + income * Decimal("0.16"))),
    )
    return {
        "person": [person],
        "accounts": list(_accounts(employee, month, client_task)),
        "meetings": list(_meetings(employee, month)),
        "complaints": list(_complaints(employee, month, Decimal("0.06"))),
    }


def _accounts(employee: Employee, month: str, task: int) -> Iterator[Row]:
    reached = task * employee.talent * (Decimal("0.5") + draw(employee.id, month, "clients"))
    for number in range(int(reached + Decimal("0.5"))):
        assets = (2_000 + draw(employee.id, month, "assets", number) ** 2 * 240_000).quantize(_CENT)
        account = f"8{month[2:4]}{month[5:]}{employee.id[1:]}{number}"
        yield employee.id, account, _workday(employee, month, f"account{number}"), str(assets), ""


def _meetings(employee: Employee, month: str) -> Iterator[Row]:
    """On the first and the third Monday."""
    first = date.fromisoformat(f"{month}-01")
    monday = first + timedelta(days=-first.weekday() % 7)
    for day in (monday, monday + timedelta(days=14)):
        is_missed = draw(employee.id, day, "missed") < Decimal("0.11")
        is_excused = is_missed and draw(employee.id, day, "excused") < Decimal("0.4")
        yield employee.id, day.isoformat(), _truth(not is_missed), _truth(is_excused)


# the service desk


def _service_month(employee: Employee, month: str) -> Mapping[str, list[Row]]:
    salary = 5_200 + int(draw(employee.id, "salary") * 20) * 100
    tickets = 260 + int(draw(employee.id, month, "tickets") * 120)
    share = min(Decimal("0.99"), Decimal("0.70") + employee.talent * draw(employee.id, month, "speed") * Decimal("0.4"))
    is_overtime = draw(employee.id, month, "overtime") > Decimal("0.6")
    hours = int(draw(employee.id, month, "hours") * 32) * Decimal("0.5") if is_overtime else Decimal(0)
    person = (
        *(employee.id, month, employee.name, employee.branch(month), f"{salary}.00", str(tickets)),
        *(str(int(tickets * share)), f"{hours:.1f}", *_payroll(Decimal(salary + 1_200))),
    )
    return {
        "person": [person],
        "errors": list(_errors(employee, month)),
        "complaints": list(_complaints(employee, month, Decimal("0.12"))),
    }


def _errors(employee: Employee, month: str) -> Iterator[Row]:
    for number in range(int(draw(employee.id, month, "errors") ** 2 * 5)):
        kind_draw = draw(employee.id, month, "kind", number)
        kind = next(kind for kind, until in _ERRORS if kind_draw < until)
        loss = int(draw(employee.id, month, "loss", number) * 24) * 50 if kind == "money" else 0
        day = _workday(employee, month, f"error{number}")
        yield employee.id, f"F{day[2:4]}{day[5:7]}{employee.id[1:]}{number}", day, kind, f"{loss}.00", ""


# both


def _complaints(employee: Employee, month: str, chance: Decimal) -> Iterator[Row]:
    if draw(employee.id, month, "complaint") < chance:
        is_upheld = draw(employee.id, month, "upheld") < Decimal("0.6")
        day = _workday(employee, month, "complaint")
        yield employee.id, f"C{day[2:4]}{day[5:7]}{employee.id}", day, _truth(is_upheld), ""


def _payroll(gross: Decimal) -> tuple[str, str]:
    """What the payroll office takes: social insurance, and the tax on what exceeds 5,000."""
    insurance = (gross * Decimal("0.105")).quantize(_CENT)
    tax = max(gross - insurance - 5_000, Decimal(0)) * Decimal("0.03")
    return str(insurance), str(tax.quantize(_CENT))


def _workday(employee: Employee, month: str, what: str) -> str:
    year, number = map(int, month.split("-"))
    day = date(year, number, 1 + int(draw(employee.id, month, what, "day") * monthrange(year, number)[1]))
    later = max(day.weekday() - 4, 0)  # a weekend's event is one of the Friday before
    before = day - timedelta(days=later)
    return (before if before.month == number else day + timedelta(days=7 - day.weekday())).isoformat()


def _truth(value: bool) -> str:  # noqa: FBT001  what is written in a cell
    return "true" if value else "false"
