"""What a recorded program means, once more: an evaluation with fractions that shares no code with the rest.

    python decide.py PROGRAM.json PERIOD PAYLOAD.json

A program as a record keeps it (its packed form, of language level 2 or later), a period such as 2024-05 and the payload
of a decision give the decision again: every number is a fraction, and nothing is rounded but where the policy says so.
It prints what differs from the result in the payload, and ends with 1 if something does. Only Python's own library is
needed, so that one file can be read by anybody who has to believe what scorecore decides.
"""

import calendar
import json
import operator
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any, Final

HALF: Final = Fraction(1, 2)
QUANTITY_PLACES: Final = 12
DAY: Final = timedelta(days=1)
MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Node = Mapping[str, Any]


class NoValue(Exception):  # noqa: N818  not an error: the value is unknown, and scorecore says why
    """A value that cannot be had."""


# what is read


def unpack(packed: Any) -> Any:
    """Packed data as dicts with the class as `is`, lists, texts, fractions, dates and truth values."""
    match packed:
        case ["of", name, fields]:
            return {"is": name, **{key: unpack(member) for key, member in fields.items()}}
        case ["list", *members]:
            return [unpack(member) for member in members]
        case ["none"]:
            return None
        case ["is", _, text]:
            return text
        case ["step", *parts]:
            return ".".join(filter(None, parts))
        case ["decimal" | "int", text]:
            return Fraction(text)
        case ["date", text]:
            return date.fromisoformat(text)
        case ["timestamp", text]:
            return datetime.fromisoformat(text)
    return Fraction(packed) if type(packed) is int else packed


def read_fact(kind: str, value: Any) -> Any:
    """A value of a payload: None for what is absent, NoValue for what is unknown."""
    if value is None or isinstance(value, dict):
        return value and NoValue()
    readers: dict[str, Callable[[Any], Any]] = {
        "decimal": Fraction,
        "int": Fraction,
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
    }
    return readers[kind](value) if kind in readers else value


def read_row(columns: Sequence[Node], row: Mapping[str, Any]) -> dict[str, Any]:
    def key(name: str) -> str:
        return name.replace("\\", r"\\").encode("ascii", "backslashreplace").decode()

    return {column["name"]: read_fact(column["type"]["kind"], row.get(key(column["name"]))) for column in columns}


# numbers, periods, calendars


def round_to(number: Fraction, places: int, mode: str) -> Fraction:
    """The modes by their definitions."""
    scaled = abs(number) * 10**places
    whole, is_negative = scaled.numerator // scaled.denominator, number < 0
    rest = scaled - whole
    up = {
        "half_up": rest >= HALF,
        "half_even": rest > HALF or (rest == HALF and whole % 2 == 1),
        "up": rest > 0,
        "down": False,
        "ceiling": rest > 0 and not is_negative,
        "floor": rest > 0 and is_negative,
    }[mode]
    return Fraction(-(whole + up) if is_negative else whole + up, 10**places)


def truncate(number: Fraction) -> Fraction:
    return round_to(number, 0, "down")


def divide(left: Fraction, right: Fraction) -> Fraction:
    if not right:
        raise NoValue
    return left / right


def period_days(kind: Node, label: str) -> tuple[date, date]:
    """The first and the last day of a period."""
    count, closes = MONTHS[kind["every"]], int(kind.get("closes", 0))
    year, _, part = label.partition("-")
    first = int(year) * 12 + (int(part.lstrip("QH") or 1) - 1) * count

    def end(month: int) -> date:
        year, number = divmod(month, 12)
        return date(year, number + 1, closes or calendar.monthrange(year, number + 1)[1])

    return end(first - 1) + DAY, end(first + count - 1)


def in_force(versions: Sequence[Any], day: date) -> Any:
    latest = versions[0][1]
    for start, version in versions:
        if start <= day:
            latest = version
    return latest


def months_between(start: date, end: date) -> int:
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    is_last_day = end.day == calendar.monthrange(end.year, end.month)[1]
    return months if end.day >= start.day or is_last_day else months - 1


def works(table: Node, day: date) -> bool:
    """Whether a day is worked; the calendar must cover it."""
    if not table["first"] <= day <= table["last"]:
        raise NoValue
    is_usual = WEEK[day.weekday()] in table["days"] and day not in table.get("holidays", ())
    return is_usual or day in table.get("workdays", ())


def workdays_through(table: Node, day: date) -> int:
    """Working days of a calendar up to a day; the day before the first may be asked for as well."""
    if table.get("is_bordered") and (day - table["first"]).days == -1:
        return 0
    works(table, day)
    return sum(works(table, table["first"] + number * DAY) for number in range((day - table["first"]).days + 1))


def add_workdays(day: date, count: int, table: Node) -> date:
    """By walking: the day itself is not counted, unless the count is 0."""
    step = -1 if count < 0 else 1
    if not (count and table.get("is_bordered") and day in (table["first"] - DAY, table["last"] + DAY)):
        works(table, day)
    if not count and works(table, day):
        return day
    left = abs(count) or 1
    while left:
        day += step * DAY
        left -= works(table, day)
    return day


def seconds_through(table: Node, moment: datetime) -> int:
    """Seconds of work of a calendar until a moment."""
    spans = [[_clock_seconds(end) for end in text.split("-")] for text in table["hours"]]
    clock = (moment - datetime.combine(moment.date(), time())).seconds
    day, full = moment.date(), sum(end - start for start, end in spans)
    if table.get("is_bordered") and (day - table["first"]).days == -1 and clock >= spans[-1][1]:
        return 0
    if table.get("is_bordered") and (day - table["last"]).days == 1 and clock <= spans[0][0]:
        return workdays_through(table, table["last"]) * full
    today = sum(min(max(clock - start, 0), end - start) for start, end in spans)
    return (workdays_through(table, day) - works(table, day)) * full + works(table, day) * today


def _clock_seconds(text: str) -> int:
    hours, minutes, *seconds = map(int, text.strip().split(":"))
    return hours * 3600 + minutes * 60 + sum(seconds)


def elapsed(start: datetime, end: datetime, unit: int) -> Fraction:
    return Fraction((end - start) // timedelta(seconds=1), unit)


def worktime(start: datetime, end: datetime, table: Node, unit: int) -> Fraction:
    return Fraction(seconds_through(table, end) - seconds_through(table, start), unit)


def require_covered(value: Fraction, low: Fraction, high: Fraction) -> Fraction:
    if not low <= value <= high:
        raise NoValue
    return value


def add_days(day: date, count: Fraction) -> date:
    try:
        return day + int(count) * DAY
    except OverflowError:
        raise NoValue from None


def look_up(table: Node, bands: Sequence[Node], key: Any) -> Any:
    """What a band table gives at a key."""
    if table["kind"] == "exact":
        found = [band["value"] for band in bands if band["start"] == key]
        if not found:
            raise NoValue
        return found[0]
    is_upper = table["kind"] == "whole" and table["edge"] == "upper"
    begun = [
        number for number, band in enumerate(bands) if band["start"] < key or (band["start"] == key and not is_upper)
    ]
    end = bands[-1].get("end")
    if table["kind"] == "interpolated" and end is None:
        end = bands[-1]["start"]
    covers_end = table["kind"] != "whole" or is_upper
    if not begun or (end is not None and (key > end or (key == end and not covers_end))):
        raise NoValue
    last = begun[-1]
    if table["kind"] == "whole":
        return bands[last]["value"]
    if table["kind"] == "marginal":
        ends = [band["start"] for band in bands[1 : last + 1]] + [key]
        return sum((end - band["start"]) * band["value"] for band, end in zip(bands, ends, strict=False))
    if last + 1 == len(bands):
        return bands[last]["value"]
    here, after = bands[last], bands[last + 1]
    share = (key - here["start"]) / (after["start"] - here["start"])
    return here["value"] + share * (after["value"] - here["value"])


OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
    "negate": operator.neg,
    "abs": abs,
    "least": lambda *numbers: min(numbers),
    "greatest": lambda *numbers: max(numbers),
    "quotient": lambda a, b: truncate(divide(a, b)),
    "decimal": lambda a: a,
    "int": truncate,
    "not_negative": lambda a: a if a >= 0 else divide(a, Fraction(0)),
    "within": require_covered,
    "round": lambda a, places, mode: round_to(a, int(places), mode),
    "round_product": lambda a, b, places, mode: round_to(a * b, int(places), mode),
    "round_quotient": lambda a, b, places, mode: round_to(divide(a, b), int(places), mode),
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "not": operator.not_,
    "in": lambda a, *options: a in options,
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "size": lambda a: Fraction(len(a)),
    "date": datetime.date,
    "at": lambda day, text: datetime.combine(day, time()) + timedelta(seconds=_clock_seconds(text)),
    "minutes_between": lambda a, b: elapsed(a, b, 60),
    "hours_between": lambda a, b: elapsed(a, b, 3600),
    "days": lambda a, b: Fraction((b - a).days),
    "months_between": lambda a, b: Fraction(months_between(a, b)),
    "add_days": add_days,
    "year": lambda day: Fraction(day.year),
    "month": lambda day: Fraction(day.month),
    "day": lambda day: Fraction(day.day),
    "is_workday": lambda day, table: works(table, day),
    "workdays": lambda a, b, table: Fraction(workdays_through(table, b) - workdays_through(table, a)),
    "add_workdays": lambda day, count, table: add_workdays(day, int(count), table),
    "workminutes": lambda a, b, table: worktime(a, b, table, 60),
    "workhours": lambda a, b, table: worktime(a, b, table, 3600),
}
"""The strict ones: an operand without a value leaves the result without one. `and`, `or`, `if`, `require`: below."""


class Decider:
    """One decision: the facts, the values so far, and the entries."""

    def __init__(self, packed: Mapping[str, Any], label: str, facts: Mapping[str, Any]) -> None:
        if packed["level"] < 2:
            raise ValueError("the program is of language level 1")
        self.program = program = unpack(packed["program"])
        start, end = period_days(program["period"], label)
        schema = program["schema"]
        self.bands = {table["name"]: in_force(table["versions"], end) for table in program.get("tables", ())}
        self.tables = {table["name"]: table for table in program.get("tables", ())}
        grouped = [step for step in program["steps"] if step["is"] == "group-step"]
        self.values: dict[str, Any] = read_row([*schema["columns"], *grouped], facts["values"])
        self.values |= {"period.start": start, "period.end": end, "period.days": Fraction((end - start).days + 1)}
        for parameter in program.get("parameters", ()):
            self.values[f"parameters.{parameter['name']}"] = self.parameter(parameter, start, end)
        columns = {table["name"]: table["columns"] for table in schema.get("events", ())}
        columns["history"] = [*schema.get("history", ()), {"name": "ago", "type": {"kind": "int"}}]
        self.rows: dict[str, Any] = {}
        for name, data in facts["tables"].items():
            self.rows[name] = NoValue() if isinstance(data, dict) else [read_row(columns[name], row) for row in data]
        self.entries: list[tuple[str, int, Fraction, Fraction | None, int]] = []
        self.row: dict[str, Any] = {}
        self.so_far: Any = None

    @staticmethod
    def parameter(parameter: Node, start: date, end: date) -> Any:
        if not parameter.get("prorate"):
            return in_force(parameter["values"], end)
        days = [start + number * DAY for number in range((end - start).days + 1)]
        return Fraction(sum(in_force(parameter["values"], day) for day in days), len(days))

    def decide(self) -> None:
        for step in self.program["steps"]:
            try:
                if any(self.known(self.values[hold]) for hold in step.get("held_by", ())):
                    raise NoValue  # noqa: TRY301  as an expression without a value
                self.values[step["name"]] = self.step(step)
            except NoValue as reason:
                self.values[step["name"]] = reason

    def step(self, step: Node) -> Any:
        match step["is"]:
            case "step":
                return self.value(step["expression"])
            case "account":
                return self.account(step)
        return self.known(self.values[step["name"]])

    # accounts

    def account(self, account: Node) -> Fraction:
        entries: list[tuple[str, int, Fraction, Fraction | None, int]] = []
        points: Fraction = self.value(account["opening"])
        if account.get("opens_with") and points:
            entries.append((account["name"], 0, points, None, -1))
        for number, rule in enumerate(account["entries"], 1):
            rows: list[Any] = list(enumerate(self.table(rule["each"]))) if rule.get("each") else [(-1, {})]
            for position, row in rows:
                self.row, self.so_far = row, points
                if rule.get("when") is not None and not self.value(rule["when"]):
                    continue
                sets = rule.get("to") is not None
                change = self.value(rule["to"]) - points if sets else self.value(rule["points"])
                points += change
                if change or not sets or rule.get("when") is not None:
                    entries.append((account["name"], number, change, self.quantity(rule), position))
        self.entries += entries
        return points

    def quantity(self, rule: Node) -> Fraction | None:
        """It only explains, so that it may be unknown; it is shown to 12 places."""
        try:
            quantity = None if rule.get("quantity") is None else self.value(rule["quantity"])
        except NoValue:
            return None
        return None if quantity is None else round_to(quantity, QUANTITY_PLACES, "half_even")

    # expressions

    def known(self, value: Any) -> Any:
        if value is None or isinstance(value, NoValue):
            raise NoValue
        return value

    def table(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.known(self.rows[name])
        return rows

    def value(self, node: Node) -> Any:
        meaning: Callable[[Node], Any] = getattr(self, f"of_{node['is']}")
        return meaning(node)

    def attempt(self, node: Node, row: dict[str, Any] | None = None) -> Any:
        try:
            return self.value(node) if row is None else self.beside(row, node)
        except NoValue as reason:
            return reason

    def beside(self, row: dict[str, Any], node: Node) -> Any:
        """The value of an expression about a row."""
        before, self.row = self.row, row
        try:
            return self.value(node)
        finally:
            self.row = before

    def of_constant(self, node: Node) -> Any:
        return node["value"]

    def of_read(self, node: Node) -> Any:
        return self.known(self.values[node["name"]])

    def of_field(self, node: Node) -> Any:
        return self.known(self.row[node["name"]])

    def of_account_so_far(self, _node: Node) -> Any:
        return self.so_far

    def of_lookup(self, node: Node) -> Any:
        return look_up(self.tables[node["table"]], self.bands[node["table"]], self.value(node["key"]))

    def of_apply(self, node: Node) -> Any:
        name, operands, options = node["operator"], node["operands"], node.get("options", ())
        match name:
            case "if":
                return self.value(operands[1 if self.value(operands[0]) else 2])
            case "require":
                if not self.value(operands[0]):
                    raise NoValue
                return self.value(operands[1])
            case "and" | "or":
                return self.absorb([self.attempt(operand) for operand in operands], decisive=name == "or")
        return OPERATORS[name](*[self.value(operand) for operand in operands], *options)

    def absorb(self, sides: Sequence[Any], *, decisive: bool) -> bool:
        """One side may decide alone."""
        if decisive in [side for side in sides if isinstance(side, bool)]:
            return decisive
        for side in sides:
            self.known(side)
        return not decisive

    def of_has(self, node: Node) -> bool:
        operand = node["operand"]
        match operand["is"]:
            case "history_at":
                rows = [row for row in self.table("history") if row["ago"] == operand["ago"]]
                return any(self.is_present(row[operand["field"]["name"]]) for row in rows[:1])
            case "dependency_value":
                rows = self.table(operand["field"]["table"])
                return any(self.is_present(row[operand["field"]["name"]]) for row in rows[:1])
            case "field":
                return self.is_present(self.row[operand["name"]])
        return self.is_present(self.values[operand["name"]])

    def is_present(self, value: Any) -> bool:
        return value is not None and self.known(value) is not None

    # rows

    def chosen(self, fold: Node) -> list[dict[str, Any]]:
        rows = self.table(fold["table"])
        if fold.get("where") is None:
            return rows
        return [row for row, holds in zip(rows, self.all_of(fold["where"], rows), strict=True) if holds]

    def all_of(self, node: Node, rows: Sequence[dict[str, Any]]) -> list[Any]:
        return [self.beside(row, node) for row in rows]

    def each(self, fold: Node) -> Iterator[Any]:
        yield from (self.attempt(fold["body"], row) for row in self.chosen(fold))

    def of_count(self, node: Node) -> Fraction:
        return Fraction(len(self.chosen(node)))

    def of_sum_over(self, node: Node) -> Fraction:
        return sum(self.all_of(node["body"], self.chosen(node)), Fraction(0))

    def of_exists(self, node: Node) -> bool:
        return self.absorb(list(self.each(node)), decisive=True)

    def of_for_all(self, node: Node) -> bool:
        return self.absorb(list(self.each(node)), decisive=False)

    def of_exists_one(self, node: Node) -> bool:
        return self.all_of(node["body"], self.chosen(node)).count(True) == 1

    def of_nth(self, node: Node) -> Fraction:
        """Among the events that count and are alike; what has an equal, or may come before it, has no number."""
        rows = self.table(node["table"])

        def ask(name: str, row: dict[str, Any], otherwise: Any) -> Any:
            return otherwise if node.get(name) is None else self.attempt(node[name], row)

        asked = [(ask("where", row, otherwise=True), ask("by", row, None), ask("order", row, None)) for row in rows]
        counted = [
            (row, by, order) for row, (counts, by, order) in zip(rows, asked, strict=True) if counts is not False
        ]
        if any(isinstance(part, NoValue) for parts in asked if parts[0] is not False for part in parts):
            raise NoValue
        _, by, order = next(parts for row, parts in zip(rows, asked, strict=True) if row is self.row)
        if isinstance(by, NoValue) or isinstance(order, NoValue):
            raise NoValue
        alike = [(row, rank) for row, kind, rank in counted if kind == by and row is not self.row]
        if any(rank == order for _, rank in alike):
            raise NoValue
        return Fraction(1 + sum(rank < order for _, rank in alike))

    # earlier periods and other policies

    def of_history_at(self, node: Node) -> Any:
        rows = [row for row in self.table("history") if row["ago"] == node["ago"]]
        return self.known(rows[0][node["field"]["name"]] if rows else None)

    def of_latest(self, node: Node) -> Any:
        rows = self.table("history")
        return self.known(rows[0][node["field"]["name"]]) if rows else self.value(node["default"])

    def of_preceding_run(self, node: Node) -> Fraction:
        count = 0
        for row in self.table("history"):
            if row["ago"] != count + 1 or not self.beside(row, node["condition"]):
                break
            count += 1
        return Fraction(count)

    def of_dependency_value(self, node: Node) -> Any:
        rows = self.table(node["field"]["table"])
        return self.known(rows[0][node["field"]["name"]] if rows else None)

    # what stands for more than it says

    def of_widened(self, node: Node) -> Any:
        return self.value(node["operand"])

    def of_rate(self, node: Node) -> Fraction:
        key = self.value(node["lookup"]["key"])
        return divide(self.value(node["lookup"]), key) if key else Fraction(0)

    def of_streak(self, node: Node) -> Fraction:
        return 1 + self.of_preceding_run({"condition": node["then"]}) if self.value(node["now"]) else Fraction(0)

    def of_choice(self, node: Node) -> Any:
        """The only exception that holds; two that hold leave the value to people."""
        for first, second in combinations(node["exceptions"], 2):
            if self.absorb([self.attempt(first["when"]), self.attempt(second["when"])], decisive=False):
                raise NoValue
        chosen = (exception["value"] for exception in node["exceptions"] if self.value(exception["when"]))
        return self.value(next(chosen, node["otherwise"]))

    def of_ladder(self, node: Node) -> Any:
        for rung in node["rungs"][:-1]:
            sides = []
            if rung.get("applies") is not None:
                sides.append(self.attempt(rung["applies"]))
            if rung.get("least") is not None:
                total = self.attempt(node["total"])
                sides.append(total if isinstance(total, NoValue) else total >= self.value(rung["least"]))
            if self.absorb(sides, decisive=False):
                return rung["grade"]
        return node["rungs"][-1]["grade"]

    def of_applies_if(self, node: Node) -> Any:
        if node["value"]["type"]["kind"] == "bool":
            return self.absorb([self.attempt(node["condition"]), self.attempt(node["value"])], decisive=False)
        return self.value(node["value"]) if self.value(node["condition"]) else Fraction(0)

    def of_guarded(self, node: Node) -> Fraction:
        value: Fraction = self.value(node["operand"])
        is_inside = value >= 0 if node.get("low") is None else node["low"] <= value <= node["high"]
        if not is_inside:
            raise NoValue
        return value

    def of_group_value(self, node: Node) -> Any:
        return self.known(self.values[node["step"]])


def main(program: str, label: str, payload: str) -> int:
    """Decide again, and print what differs."""
    packed, recorded = (json.loads(Path(name).read_text(encoding="utf-8")) for name in (program, payload))
    decider = Decider(packed, label, recorded["facts"])
    decider.decide()
    differing = 0
    for name, text in recorded["result"]["values"].items():
        value = decider.values.get(name)
        same = Fraction(text) == value if isinstance(value, Fraction) else name not in decider.values or text == value
        if not same:
            differing += 1
            sys.stdout.write(f"{name}: {text} was recorded, {value!s} is right\n")
    return int(bool(differing))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
