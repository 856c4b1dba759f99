"""What a recorded program means, once more: an evaluation with fractions that shares no code.

    python decide.py .                                 in the folder of a proof
    python decide.py PROGRAM.json PERIOD PAYLOAD.json

A program as a record keeps it (its packed form), a period such as 2024-05 and the payload of a
decision give the decision again: every number is a fraction, and nothing is rounded but where the
policy says so; a program of language level 1 rounds products and quotients at the 12th place. It
prints what differs from the result in the payload, and ends with 1 if something does, with 3 if
something could not be decided again. In the folder of a proof it also writes each page of an
explanation from the labels in the program and the facts in the payload, and compares. Only Python's
own library (3.10 or newer) is needed, so that one file can be read by anybody who has to believe
what scorecore decides.
"""

# of 100 columns, to be read on paper
# fmt: off
import calendar
import json
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Final

HALF: Final = Fraction(1, 2)
QUANTITY_PLACES: Final = 12
MAX_TEXT_LENGTH: Final = 10_000
DAY: Final = timedelta(days=1)
MONTHS: Final = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NUMBER: Final = re.compile(r"-?[0-9]{1,99}(\.[0-9]{1,99})?(/[0-9]{1,99})?")
Node = Mapping[str, Any]
Entry = tuple[str, int, Fraction, Fraction | None, int]
"""Of the ledger: account, rule, points, quantity, event."""


class NoValue(Exception):  # noqa: N818  not an error: the value is unknown, and scorecore says why
    """A value that cannot be had."""


# what is read


def to_number(text: Any) -> Fraction:
    """A number; what would take for ever to write out, such as 1e999999999, is none."""
    if isinstance(text, str) and not NUMBER.fullmatch(text):
        raise ValueError(f"{text:.40} is no number")
    return Fraction(text)


def unpack(packed: Any) -> Any:
    """Packed data as dicts with the class as `is`, lists, texts, fractions, dates, booleans."""
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
            return to_number(text)
        case ["date", text]:
            return date.fromisoformat(text)
        case ["timestamp", text]:
            return datetime.fromisoformat(text)
    return Fraction(packed) if type(packed) is int else packed


def read_fact(kind: str, value: Any) -> Any:
    """A value of a payload: None for what is absent, NoValue for what is unknown."""
    if value is None or isinstance(value, dict):
        return value and NoValue()
    if kind in {"decimal", "int"}:
        return to_number(value)
    readers = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}
    return readers[kind](value) if kind in readers else value


def read_row(columns: Sequence[Node], row: Mapping[str, Any]) -> dict[str, Any]:
    def key(name: str) -> str:
        return name.replace("\\", r"\\").encode("ascii", "backslashreplace").decode()

    kinds = {column["name"]: column["type"]["kind"] for column in columns}
    return {name: read_fact(kind, row.get(key(name))) for name, kind in kinds.items()}


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
    year, _, part = label.partition("-")
    if kind["every"] == "week":
        monday = date.fromisocalendar(int(year), int(part[1:]), 1)
        return monday, monday + 6 * DAY
    if kind["every"] == "half-month":
        opening, last = period_days({"every": "month"}, label[:7])
        middle = opening.replace(day=15)
        return (opening, middle) if part[3:] == "H1" else (middle + DAY, last)
    count, closes = MONTHS[kind["every"]], int(kind.get("closes", 0))
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
    return sum(
        works(table, table["first"] + number * DAY)
        for number in range((day - table["first"]).days + 1)
    )


def add_workdays(day: date, count: int, table: Node) -> date:
    """By walking: the day itself is not counted, unless the count is 0."""
    step = -1 if count < 0 else 1
    is_beside = (day - table["first"]).days == -1 or (day - table["last"]).days == 1
    if not (count and table.get("is_bordered") and is_beside):
        works(table, day)
    if not count and works(table, day):
        return day
    left = abs(count) or 1
    while left:
        day = add_days(day, step)
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


def add_days(day: date, count: Fraction | int) -> date:
    try:
        return day + int(count) * DAY
    except OverflowError:
        raise NoValue from None


Cut = Callable[[Fraction], Fraction]


def cut_at_12(number: Fraction) -> Fraction:
    """As language level 1 has products and quotients."""
    return round_to(number, QUANTITY_PLACES, "half_even")


def keep_exact(number: Fraction) -> Fraction:
    return number


def look_up(table: Node, bands: Sequence[Node], key: Any, cut: Cut = keep_exact) -> Any:
    """What a band table gives at a key."""
    if table["kind"] == "exact":
        found = [band["value"] for band in bands if band["start"] == key]
        if not found:
            raise NoValue
        return found[0]
    is_upper = table["kind"] == "whole" and table["edge"] == "upper"
    begun = [number for number, band in enumerate(bands) if band["start"] < key]
    begun += [n for n, band in enumerate(bands) if band["start"] == key and not is_upper]
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
        pairs = zip(bands, ends, strict=False)
        return sum(cut((end - band["start"]) * band["value"]) for band, end in pairs)
    if last + 1 == len(bands):
        return bands[last]["value"]
    here, after = bands[last], bands[last + 1]
    share = (key - here["start"]) / (after["start"] - here["start"])
    return here["value"] + cut(share * (after["value"] - here["value"]))


def add(left: Any, right: Any) -> Any:
    """A sum, or two texts joined, of at most 10,000 characters."""
    if isinstance(left, str) and len(left) + len(right) > MAX_TEXT_LENGTH:
        raise NoValue
    return left + right


OPERATORS: Final[Mapping[str, Callable[..., Any]]] = {
    "+": add, "-": operator.sub, "*": operator.mul, "/": divide, "negate": operator.neg, "abs": abs,
    "least": lambda *numbers: min(numbers), "greatest": lambda *numbers: max(numbers),
    "quotient": lambda a, b: truncate(divide(a, b)), "decimal": lambda a: a, "int": truncate,
    "not_negative": lambda a: a if a >= 0 else divide(a, Fraction(0)), "within": require_covered,
    "round": lambda a, places, mode: round_to(a, int(places), mode),
    "round_product": lambda a, b, places, mode: round_to(a * b, int(places), mode),
    "round_quotient": lambda a, b, places, mode: round_to(divide(a, b), int(places), mode),
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "not": operator.not_, "in": lambda a, *options: a in options,
    "contains": operator.contains, "startsWith": str.startswith, "endsWith": str.endswith,
    "size": lambda a: Fraction(len(a)), "date": datetime.date,
    "at": lambda day, text: datetime.combine(day, time()) + timedelta(seconds=_clock_seconds(text)),
    "minutes_between": lambda a, b: elapsed(a, b, 60),
    "hours_between": lambda a, b: elapsed(a, b, 3600), "days": lambda a, b: Fraction((b - a).days),
    "months_between": lambda a, b: Fraction(months_between(a, b)), "add_days": add_days,
    "year": lambda day: Fraction(day.year), "month": lambda day: Fraction(day.month),
    "day": lambda day: Fraction(day.day), "is_workday": lambda day, table: works(table, day),
    "workdays": lambda a, b, by: Fraction(workdays_through(by, b) - workdays_through(by, a)),
    "add_workdays": lambda day, count, table: add_workdays(day, int(count), table),
    "workminutes": lambda a, b, table: worktime(a, b, table, 60),
    "workhours": lambda a, b, table: worktime(a, b, table, 3600),
}
"""The strict ones: an operand without a value leaves the result without one.

`and`, `or`, `if` and `require` are below.
"""


CUTTING: Final = ("*", "/", "minutes_between", "hours_between", "workminutes", "workhours")


def cut_result(meaning: Callable[..., Any]) -> Callable[..., Any]:
    """An operator as language level 1 has it."""
    return lambda *operands: cut_at_12(meaning(*operands))


class Decider:
    """One decision: the facts, the values so far, and the entries."""

    def __init__(self, packed: Mapping[str, Any], label: str, facts: Mapping[str, Any]) -> None:
        self.operators, self.cut = dict(OPERATORS), keep_exact
        if packed["level"] == 1:
            self.cut = cut_at_12
            self.operators |= {name: cut_result(OPERATORS[name]) for name in CUTTING}
        self.program = program = unpack(packed["program"])
        start, end = period_days(program["period"], label)
        schema = program["schema"]
        self.tables = {table["name"]: table for table in program.get("tables", ())}
        self.bands = {name: in_force(self.tables[name]["versions"], end) for name in self.tables}
        grouped = [step for step in program["steps"] if step["is"] == "group-step"]
        self.values: dict[str, Any] = read_row([*schema["columns"], *grouped], facts["values"])
        days = Fraction((end - start).days + 1)
        self.values |= {"period.start": start, "period.end": end, "period.days": days}
        for parameter in program.get("parameters", ()):
            self.values[f"parameters.{parameter['name']}"] = self.parameter(parameter, start, end)
        columns = {table["name"]: table["columns"] for table in schema.get("events", ())}
        columns["history"] = [*schema.get("history", ()), {"name": "ago", "type": {"kind": "int"}}]
        self.rows: dict[str, Any] = {}
        for name, data in facts["tables"].items():
            known = [] if isinstance(data, dict) else data
            self.rows[name] = [read_row(columns[name], row) for row in known]
            if isinstance(data, dict):
                self.rows[name] = NoValue()
        self.entries: list[Entry] = []
        self.row: dict[str, Any] = {}
        self.so_far: Any = None

    def parameter(self, parameter: Node, start: date, end: date) -> Any:
        if not parameter.get("prorate"):
            return in_force(parameter["values"], end)
        days = [start + number * DAY for number in range((end - start).days + 1)]
        total = Fraction(sum(in_force(parameter["values"], day) for day in days), len(days))
        return self.cut(total)

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
        entries: list[Entry] = []
        points: Fraction = self.value(account["opening"])
        if account.get("opens_with") and points:
            entries.append((account["name"], 0, points, None, -1))
        for number, rule in enumerate(account["entries"], 1):
            rows = enumerate(self.table(rule["each"])) if rule.get("each") else [(-1, {})]
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
        name = node["table"]
        return look_up(self.tables[name], self.bands[name], self.value(node["key"]), self.cut)

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
                sides = [self.attempt(operand) for operand in operands]
                return self.absorb(sides, decisive=name == "or")
        return self.operators[name](*[self.value(operand) for operand in operands], *options)

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
            case "keyed_field" | "latest_field" | "neighbour" as kind:
                row = (self.neighbour if kind == "neighbour" else self.row_with_key)(operand)
                return self.is_present(row.get(operand["name"]))
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
        pairs = zip(rows, self.all_of(fold["where"], rows), strict=True)
        return [row for row, holds in pairs if holds]

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
        return Fraction(1 + len(self.events_before(node)))

    def of_sum_to(self, node: Node) -> Fraction:
        """Of the events before, and of the one that is looked at, if it counts."""
        own = [self.row] if node.get("where") is None or self.value(node["where"]) else []
        before = [row for row, _ in self.events_before(node)]
        return sum(self.all_of(node["body"], [*before, *own]), Fraction(0))

    def neighbour(self, node: Node) -> Any:
        """The event before or after; of two that are equal neither."""
        near, nearest = self.events_before(node), min if node["is_next"] else max
        rows = [row for row, rank in near if rank == nearest(ranks for _, ranks in near)]
        return self.known(rows[0] if len(rows) == 1 else {} if not rows else None)

    def of_neighbour(self, node: Node) -> Any:
        return self.known(self.neighbour(node).get(node["name"]))

    def events_before(self, node: Node) -> list[tuple[dict[str, Any], Any]]:
        """Among those that count and are alike; what may come before or is equal leaves none."""
        rows = self.table(node["table"])

        def ask(row: dict[str, Any]) -> tuple[Any, ...]:
            counts = True if node.get("where") is None else self.attempt(node["where"], row)
            kind = None if node.get("by") is None else self.attempt(node["by"], row)
            ranks = [self.attempt(one, row) for one in (node["order"], *node.get("further", ()))]
            sums = "body" in node and counts is not False
            return counts, kind, ranks, self.attempt(node["body"], row) if sums else None

        asked = [ask(row) for row in rows]
        _, by, rank, _ = next(own for row, own in zip(rows, asked, strict=True) if row is self.row)
        counted = [parts for parts in asked if parts[0] is not False]
        known = [by, *rank, *(one for row in counted for one in (*row[:2], *row[2], row[3]))]
        if any(isinstance(part, NoValue) for part in known):
            raise NoValue
        pairs = zip(rows, asked, strict=True)
        alike = [(row, own[2]) for row, own in pairs if own[0] and own[1] == by]
        if any(ranks == rank and row is not self.row for row, ranks in alike):
            raise NoValue
        comes_first = operator.gt if node.get("is_next") else operator.lt
        return [(row, ranks) for row, ranks in alike if comes_first(ranks, rank)]

    def row_with_key(self, node: Node) -> dict[str, Any]:
        *names, last = node["key_names"]
        *key, end = [self.value(part) for part in node["keys"]]
        rows = [row for row in self.table(node["table"]) if [row[name] for name in names] == key]
        if node["is"] == "latest_field":
            rows = [row for row in rows if row[last] <= end]
            return max(rows, key=operator.itemgetter(last), default={})
        return next((row for row in rows if row[last] == end), {})

    def of_keyed_field(self, node: Node) -> Any:
        return self.known(self.row_with_key(node).get(node["name"]))
    of_latest_field = of_keyed_field

    def of_greatest_over(self, node: Node) -> Any:
        return max(self.known(self.all_of(node["body"], self.chosen(node)) or None))

    def of_least_over(self, node: Node) -> Any:
        return min(self.known(self.all_of(node["body"], self.chosen(node)) or None))

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

    def of_parameter_on(self, node: Node) -> Any:
        """The last value that begins on the day or before."""
        day, dated = self.value(node["day"]), zip(node["starts"], node["values"], strict=True)
        return self.value(self.known([None, *(one for start, one in dated if start <= day)][-1]))

    def of_by_text(self, node: Node) -> Any:
        values = dict(zip(node["texts"], node["values"], strict=True))
        return self.value(self.known(values.get(self.value(node["text"]))))

    def of_widened(self, node: Node) -> Any:
        return self.value(node["operand"])
    of_matter_state = of_widened

    def of_rate(self, node: Node) -> Fraction:
        key = self.value(node["lookup"]["key"])
        return self.cut(divide(self.value(node["lookup"]), key)) if key else Fraction(0)

    def of_streak(self, node: Node) -> Fraction:
        if not self.value(node["now"]):
            return Fraction(0)
        return 1 + self.of_preceding_run({"condition": node["then"]})

    def of_choice(self, node: Node) -> Any:
        """The only exception that holds, or the rows that hold as `hit` counts them."""
        hit, otherwise = node.get("hit"), node["otherwise"]
        chosen = (row["value"] for row in node["exceptions"] if self.value(row["when"]))
        rows = list(islice(chosen, 1 if hit == "first" else None))
        if not rows and not (hit == "sum" and otherwise is None):
            return self.value(self.known(otherwise))
        if len(rows) > 1 and hit not in {"any", "sum"}:
            raise NoValue
        values = [self.value(row) for row in rows]
        if hit == "sum":
            return sum(values, Fraction(0))
        return self.known(values[0] if all(value == values[0] for value in values) else None)

    def of_ladder(self, node: Node) -> Any:
        for rung in node["rungs"][:-1]:
            operands = [node["total"], rung.get("least")]
            reached = {"is": "apply", "operator": ">=", "operands": operands}
            conditions = [rung.get("applies"), rung.get("least") and reached]
            sides = [self.attempt(condition) for condition in conditions if condition]
            if self.absorb(sides, decisive=False):
                return rung["grade"]
        return node["rungs"][-1]["grade"]

    def of_applies_if(self, node: Node) -> Any:
        if node["value"]["type"]["kind"] == "bool":
            sides = [self.attempt(node["condition"]), self.attempt(node["value"])]
            return self.absorb(sides, decisive=False)
        return self.value(node["value"]) if self.value(node["condition"]) else Fraction(0)

    def of_guarded(self, node: Node) -> Fraction:
        value: Fraction = self.value(node["operand"])
        is_inside = value >= 0 if node.get("low") is None else node["low"] <= value <= node["high"]
        if not is_inside:
            raise NoValue
        return value

    def of_group_value(self, node: Node) -> Any:
        return self.known(self.values[node["step"]])


# what a decision is, and where a recorded one differs

Result = dict[str, Any]


def result_of(decider: Decider) -> Result:
    """What a payload has as `result`; of what is held the names alone."""
    program, values = decider.program, decider.values
    names = [item["step"] for item in program.get("items", ())]
    names += [name for name in ("score.total", "grade") if name in values]
    names += program.get("named_values", ())
    names += [line["step"] for line in program.get("pay", ())]
    names += [carry["closes"] for carry in program.get("carries", ())]
    names += [action["step"] for action in program.get("actions", ())]
    held = {name for name in names if isinstance(values[name], NoValue)}
    result = {name: values[name] for name in names if name not in held}
    lines = [
        (line["step"], line["sign"] * values[line["step"]] if line["step"] not in held else None)
        for line in program.get("pay", ())
        if not line.get("applies") or values[line["applies"]] is not False
    ]
    if program.get("pay"):
        result["pay.net"] = sum((amount for _, amount in lines if amount is not None), Fraction(0))
        result["partial"] = any(amount is None for _, amount in lines)
    pay = {name: values[name] for name, amount in lines if amount is not None}
    return {"values": result, "pay": pay, "held": held, "entries": decider.entries}


def is_same(recorded: Any, value: Any) -> bool:
    """Whether a text or truth value of a payload is a value."""
    if isinstance(value, Fraction):
        return type(recorded) in {str, int} and to_number(recorded) == value
    plain = value.isoformat() if isinstance(value, date) else value
    return type(recorded) is type(plain) and bool(recorded == plain)


def find_differences(recorded: Mapping[str, Any], result: Result) -> Iterator[tuple[str, Any, Any]]:
    """By name what was recorded and what is right; None for nothing."""
    for part in ("values", "pay"):
        for name in sorted(recorded[part].keys() | result[part].keys()):
            before, now = recorded[part].get(name), result[part].get(name)
            if name not in recorded[part] or name not in result[part] or not is_same(before, now):
                yield name, before, now
    before, now = set(recorded.get("held", ())), result["held"]
    for name in sorted(before ^ now):
        yield name, *(("held", None) if name in before else (None, "held"))
    entries = [read_entry(*entry) for entry in recorded["entries"]]
    for entry in entries:
        if entry not in result["entries"]:
            yield entry[0], show_entry(entry), None
    for entry in result["entries"]:
        if entry not in entries:
            yield entry[0], None, show_entry(entry)
    if len(entries) != len(result["entries"]):
        yield "entries", len(entries), len(result["entries"])


def read_entry(account: str, rule: int, points: str, event: int, quantity: str = "") -> Entry:
    return account, rule, to_number(points), to_number(quantity) if quantity else None, event


def show_entry(entry: Entry) -> str:
    return f"rule {entry[1]}, event {entry[4]}: {entry[2]}"


def compare(packed: Any, label: str, recorded: Any) -> list[tuple[str, Any, Any]]:
    """Where a decision that is made again differs; ValueError where it cannot be made again."""
    if packed is None:
        raise ValueError("its program is not here")
    if isinstance(packed, list) or packed.get("format") != 2 or packed.get("level") not in {1, 2}:
        raise ValueError("its program has another format or level of the language")
    decider = Decider(packed, label, recorded["facts"])
    decider.decide()
    return list(find_differences(recorded["result"], result_of(decider)))


# the page of an explanation

CHINESE: Final = {
    "policy": "办法", "status": "状态", "illustrative": "示例", "facts": "事实数据",
    "ago": "期前", "unknown": "未知", "yes": "是", "no": "否", "none": "无",
    "points ledger": "得分明细", "opening": "起始", "quantity": "数量", "total": "总分",
    "grade": "等次", "pay ledger": "薪酬明细", "net pay": "实发合计",
    "without the lines that are held": "不含暂缓的项目", "balances": "结转余额", "values": "中间值",
    "actions": "处理", "proposed": "建议", "held": "暂缓", "history": "以往各期",
    "{name}: decided again, with the same result": "{name}：重新考核，结果一致",
    "{name}: decided again, with ANOTHER result": "{name}：重新考核，结果不一致",
    "{name}: NOT decided again: {why}": "{name}：未能重新考核：{why}",
    "{name}: NOT decided again: its program is not here": "{name}：未能重新考核：没有附上程序",
    "{name}: NOT decided again: its program has another format or level of the language": (
        "{name}：未能重新考核：程序的格式或语言级别不同"
    ),
    "{name}: is not here": "{name}：没有附上", "{name}: says what was recorded": "{name}：与记录一致",
    "{name}: does NOT say what was recorded": "{name}：与记录不一致",
    "  {what}: recorded {before}, right {now}": "  {what}：记录为 {before}，应为 {now}",
    "there is no decision here": "这里没有考核结果",
}


def shown(value: object) -> str:
    """A text in one line, with every character that would act escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))


class Page:
    """What was decided about somebody, and from what, in the words of the policy."""

    def __init__(self, packed: Any, label: str, recorded: Any, lang: str) -> None:
        self.program, self.texts = unpack(packed["program"]), packed.get("texts", {})
        self.label, self.recorded, self.lang = label, recorded, lang
        self.words = {words["called"]: words for words in self.parts(self.texts, "steps")}

    def say(self, word: str) -> str:
        return CHINESE[word] if self.lang == "zh" else word

    @staticmethod
    def parts(texts: Any, name: str) -> list[Any]:
        return [part for part in (texts or {}).get(name) or () if part.get("called")]

    def name(self, step: str, words: Mapping[str, Any] | None = None) -> str:
        """A label, or the name where there is none."""
        own = self.words if words is None else words
        return str(own.get(step, {}).get("label") or step)

    def clause(self, words: Mapping[str, Any]) -> str:
        return f"  [{words['authority']}]" if words.get("authority") else ""

    def value(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.say("yes" if value else "no")
        return self.say("unknown") if isinstance(value, dict) else str(value)

    def row(self, row: Mapping[str, Any], words: Mapping[str, Any]) -> str:
        return "; ".join(f"{self.name(key, words)} {self.value(row[key])}" for key in row)

    def write(self) -> str:
        lines = [*self.head(), *self.facts(), *self.points(), *self.pay(), *self.rest()]
        return "".join(f"{shown(line)}\n" for line in lines)

    def head(self) -> Iterator[str]:
        texts = self.texts
        yield f"{texts.get('title', '')}  {self.label}  {self.recorded['subject']}"
        name = f"{texts.get('called', self.program.get('id', ''))}@{texts.get('version', '')}"
        yield f"{self.say('policy')} {name}{self.clause(texts)}"
        if (status := texts.get("status", "in force")) != "in force":
            yield f"{self.say('status')}: {self.say(status) if status in CHINESE else status}"

    def facts(self) -> Iterator[str]:
        yield ""
        yield self.say("facts")
        schema, facts = self.texts.get("schema"), self.recorded["facts"]
        columns = {words["called"]: words for words in self.parts(schema, "columns")}
        for name, value in facts["values"].items():
            yield f"  {self.name(name, columns)}: {self.value(value)}"
        for name, rows in facts["tables"].items():
            words = self.table_words(name)
            title = self.say("history") if name == "history" else words.get("", name)
            yield f"  {title}: {self.value(rows) if isinstance(rows, dict) else len(rows)}"
            for row in rows if isinstance(rows, list) else ():
                yield f"    {self.row(row, words)}"

    def table_words(self, name: str) -> dict[str, Any]:
        """The words of the columns of a table, and under no name what it is called itself."""
        if name == "history":
            return {**self.words, "ago": {"label": self.say("ago")}}
        events = self.parts(self.texts.get("schema"), "events")
        words = {words["called"]: words for words in events}.get(name, {})
        columns = {column["called"]: column for column in self.parts(words, "columns")}
        return {**columns, "": words.get("label", name)}

    def points(self) -> Iterator[str]:
        values, held = self.recorded["result"]["values"], self.recorded["result"].get("held", {})
        accounts = [step for step in self.program["steps"] if step["is"] == "account"]
        if accounts:
            yield ""
            yield self.say("points ledger")
        for account in accounts:
            name = account["name"]
            label = self.name(name)
            label = self.say("total") if label == "score.total" else label
            total = values.get(name, self.say("held") if name in held else "")
            yield f"  {label}: {total}{self.clause(self.words.get(name, {}))}"
            for entry in self.recorded["result"]["entries"]:
                if entry[0] == name:
                    yield f"    {self.entry(account, *entry[1:])}"
        if "grade" in values:
            grades = {words["called"]: words for words in self.parts(self.texts, "grades")}
            yield f"  {self.say('grade')}: {self.name(values['grade'], grades)}"

    def entry(self, account: Node, rule: int, points: str, event: int, quantity: str = "") -> str:
        """A rule, its points, and the event that brought them."""
        if rule == 0:
            return f"{self.say('opening')}: {points}"
        entries = account["entries"][rule - 1]
        said = (self.words.get(account["name"], {}).get("entries") or [{}] * rule)[rule - 1]
        text = f"{entries.get('reason', rule)}: {points}"
        text += f"  {self.say('quantity')} {quantity}" if quantity else ""
        if event >= 0 and entries.get("each"):
            row = self.recorded["facts"]["tables"][entries["each"]][event]
            text += f"  ({self.row(row, self.table_words(entries['each']))})"
        return text + self.clause(said)

    def pay(self) -> Iterator[str]:
        result = self.recorded["result"]
        if self.program.get("pay"):
            yield ""
            yield self.say("pay ledger")
        for line in self.program.get("pay", ()):
            name = line["step"]
            held = self.say("held") if name in result.get("held", {}) else ""
            amount = result["pay"].get(name) or held
            if amount:
                sign = "-" if line["sign"] < 0 else "+"
                yield f"  {sign} {self.name(name)}: {amount}{self.clause(self.words.get(name, {}))}"
        if "pay.net" in result["values"]:
            partial = result["values"].get("partial")
            note = f"  ({self.say('without the lines that are held')})" if partial else ""
            yield f"  = {self.say('net pay')}: {result['values']['pay.net']}{note}"

    def rest(self) -> Iterator[str]:
        """Values, balances, actions, and what is held for which kinds of reasons."""
        result = self.recorded["result"]
        carries = [carry["closes"] for carry in self.program.get("carries", ())]
        named = self.program.get("named_values", ())
        for title, steps in (("values", named), ("balances", carries)):
            known = [name for name in steps if name in result["values"]]
            yield from ["", self.say(title)] if known else []
            for name in known:
                yield f"  {self.name(name)}: {self.value(result['values'][name])}"
        actions = [action["step"] for action in self.program.get("actions", ())]
        proposed = [name for name in actions if result["values"].get(name) is True]
        if proposed:
            yield ""
            yield self.say("actions")
        for name in proposed:
            clause = self.clause(self.words.get(name, {}))
            yield f"  {self.say('proposed')}: {self.name(name)}{clause}"
        if result.get("held"):
            yield ""
            yield self.say("held")
        for name, causes in sorted(result.get("held", {}).items()):
            codes = ", ".join(dict.fromkeys(cause["code"] for cause in causes))
            yield f"  {self.name(name)}: {codes}"


# the files of a proof

Files = Mapping[str, bytes]


def find_decisions(files: Files) -> Iterator[tuple[str, str, Any, Any]]:
    """Of each decision in a proof: its name, the period, the program and the payload."""
    for name in sorted(name[: -len(".json")] for name in files if name.endswith(".json")):
        fields = json.loads(files[f"{name}.json"])
        if fields.get("kind") != "decision" or f"{name}.payload" not in files:
            continue
        manifest = json.loads(files.get(f"part-{fields['run']}", b"{}"))
        packed = json.loads(files.get(f"part-{manifest.get('packed')}", b"null"))
        yield name, fields["period"], packed, json.loads(files[f"{name}.payload"])


def write_pages(files: Files) -> dict[str, bytes]:
    """The page of each decision in a proof, in both languages."""
    pages = {}
    for name, label, packed, recorded in find_decisions(files):
        if isinstance(packed, dict) and packed.get("format") == 2:
            for lang in ("en", "zh"):
                page = Page(packed, label, recorded, lang).write()
                pages[f"{name}.explanation.{lang}.txt"] = page.encode()
    return pages


Said = tuple[str, dict[str, Any], str]
"""A sentence, what is in it, and whether it is `good`, `bad` or `open`."""


def say_differences(differences: Sequence[tuple[str, Any, Any]]) -> Iterator[Said]:
    for what, before, now in differences:
        params = {"what": what, "before": before, "now": now}
        yield "  {what}: recorded {before}, right {now}", params, "bad"


def check(files: Files) -> Iterator[Said]:
    """What is to be said of each decision and page."""
    for name, label, packed, recorded in find_decisions(files):
        try:
            differences = compare(packed, label, recorded)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            said = f"{{name}}: NOT decided again: {error}"
            said = said if said in CHINESE else "{name}: NOT decided again: {why}"
            yield said, {"name": name, "why": repr(error)}, "open"
            continue
        said = "{name}: decided again, with ANOTHER result"
        if not differences:
            said = "{name}: decided again, with the same result"
        yield said, {"name": name}, "bad" if differences else "good"
        yield from say_differences(differences)
    pages = write_pages(files)
    for name, page in pages.items():
        if name not in files:
            yield "{name}: is not here", {"name": name}, "open"
            continue
        holds = page == files[name]
        said = "{name}: says what was recorded"
        wrong = "{name}: does NOT say what was recorded"
        yield said if holds else wrong, {"name": name}, "good" if holds else "bad"


def main(*arguments: str) -> int:
    """Decide again, and print what differs."""
    lang = "zh" if "--lang=zh" in arguments else "en"
    names = [argument for argument in arguments if not argument.startswith("--")]
    if len(names) == 3:
        program, label, payload = names
        packed, recorded = (json.loads(Path(name).read_bytes()) for name in (program, payload))
        said = list(say_differences(compare(packed, label, recorded)))
    else:
        folder = Path(names[0] if names else ".")
        paths = [path for path in folder.iterdir() if path.is_file()]
        said = list(check({path.name: path.read_bytes() for path in paths}))
        said = said or [("there is no decision here", {}, "open")]
    for text, params, _ in said:
        sentence = CHINESE[text] if lang == "zh" else text
        plain = {key: shown(value) for key, value in params.items()}
        sys.stdout.write(sentence.format_map(plain) + "\n")
    states = {state for _, _, state in said}
    return 1 if "bad" in states else 3 if "open" in states else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main(*sys.argv[1:]))
