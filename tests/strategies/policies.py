"""Policies, part by part, in the order in which their parts may read each other."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import define, evolve, field
from hypothesis import strategies as st

from scorecore.language.operators.rounding import MODES
from scorecore.values.calendar import DAYS
from scorecore.values.types import MAX_DIGITS, PLACES, TypeKind
from strategies.aggregates import streak
from strategies.calendars import calendars
from strategies.declarations import bands_of, fact, parameter_value
from strategies.drafts import Draft, Part, inline, lines_of
from strategies.expressions import FORMS
from strategies.scorers import SCORERS
from strategies.terms import Sketch, Term, plain, quoted, together
from strategies.values import MAX_INT_DIGITS
from strategies.writer import Writer

_PERIODS: Final = (
    '"month"',
    '"month"',
    '{ every = "month", closes = 25 }',
    '"quarter"',
    '"half-year"',
    '"year"',
    '"half-month"',
    '"week"',
)


@define
class _Author:
    """Draws a policy, part by part, in the order in which they may read each other."""

    write: Writer
    wide: bool = False
    """Whether some facts are so large that little can be done with them."""
    parts: list[Part] = field(factory=list)
    points: list[str] = field(factory=list)
    places: int = 2
    limits: list[str] = field(factory=list)
    pays: int = 0
    proposals: int = 0
    carries: list[tuple[str, str, int]] = field(factory=list)
    grade_names: tuple[str, ...] = ()
    counts: dict[str, int] = field(factory=dict)
    """Of values, by the letter that their names begin with."""
    results: dict[str, TypeKind] = field(factory=dict)
    """The values that are results."""

    def add(self, heading: str, pairs: Mapping[str, str]) -> None:
        self.parts.append(Part(heading, lines_of(pairs)))

    def policy(self) -> Draft:
        write = self.write
        period = write.pick(_PERIODS)
        header = {"id": '"p"', "version": '"1"', "title": '"t"', "subject": '"person"', "period": period}
        # without a currency nothing is money, so that whatever is drawn can be added and compared
        header |= {"effective": "{ from = 2020-01-01 }"}
        write.names.append(Term("period.days", TypeKind.INT, 3))
        self.plan()
        self.parameters()
        self.tables()
        self.calendars()
        self.facts()
        self.groups()
        self.events()
        self.balances()
        header |= self.applies()
        self.parts.insert(0, Part("[policy]", lines_of(header)))
        self.values("v")
        facts_only = list(write.names)
        self.items()
        self.score()
        self.values("w")
        self.pay()
        self.values("x")
        self.closing()
        self.actions()
        write.names = facts_only  # a hold that reads what it holds would be a circle
        self.holds()
        return Draft(tuple(self.parts))

    def plan(self) -> None:
        """What the policy will have, so that history can be read from the start."""
        write = self.write
        write.daring = write.chance(8)
        self.wide = write.chance(30)
        count = write.pick([2, 1, 3, 4, 0])
        self.points = [write.pick(["10", "100", "5.5", '"open"', '"open"', "33.333333"]) for _ in range(count)]
        self.places = write.pick([2, 0, 1, 4, 12])
        self.pays = write.count(0, 3)
        self.carries = [
            write.pick([("0", "1000", 2), ("-50", "50", 4), ("", "", -1), ("0.5", "99.99", 2)])
            for _ in range(write.count(0, 2))
        ]
        limits = [write.pick(["", "", "0", "-10", "-1000"]), write.pick(["", "", "100", "50", "1000"])] if count else []
        self.limits = limits
        if count:
            digits = 4 if all(limits) else 7
            write.history.append(Term("score.total", TypeKind.DECIMAL, digits, self.places))
        for number, points in enumerate(self.points):
            digits = 7 if points == '"open"' else 3
            write.history.append(Term(f"items.it{number}", TypeKind.DECIMAL, digits, PLACES))
        self.grade_names = write.pick([(), ("A", "C"), ("A", "B", "C")]) if count else ()
        if self.grade_names:
            write.history.append(Term("grade", TypeKind.STRING, among=self.grade_names))
        self.proposals = write.count(0, 2)
        write.history += [Term(f"actions.ac{number}", TypeKind.BOOL) for number in range(self.proposals)]
        write.history += [Term(f"pay.p{number}", TypeKind.DECIMAL, 13, 2) for number in range(self.pays)]

        self.counts = {"v": write.count(0, 3), "w": write.count(0, 2), "x": write.count(0, 1)}
        results = [f"v{number}" for number in range(self.counts["v"]) if write.chance(20)]
        self.results = {name: write.pick(list(TypeKind)) for name in results}
        for name, kind in self.results.items():
            digits = {TypeKind.DECIMAL: 9, TypeKind.INT: 10}.get(kind, 0)
            write.history.append(Term(f"values.{name}", kind, digits, 6 if kind is TypeKind.DECIMAL else 0))

    def parameters(self) -> None:
        write = self.write
        for number in range(write.count(0, 2)):
            kind = write.pick(
                [value_kind for value_kind in TypeKind if value_kind is not TypeKind.TIMESTAMP]
            )  # times happen
            start = ["2020-01-01", "2024-02-10", "2024-05-20", "2025-01-01"][: write.count(1, 4)]
            values = [parameter_value(write, kind) for _ in start]
            dated = [inline({"from": day, "is": text}) for day, (text, _) in zip(start, values, strict=True)]
            pairs = {"type": quoted(kind.value), "values": f"[{', '.join(dated)}]"}
            terms = [term for _, term in values]
            places = max(term.places for term in terms)
            if kind is TypeKind.DECIMAL and write.chance(30):
                pairs["prorate"], places = "true", PLACES
            name = f"parameters.a{number}"
            among = tuple(dict.fromkeys(text for term in terms for text in term.among or ()))
            write.names.append(Term(name, kind, max(term.digits for term in terms), places, among or None))
            self.add(f"[{name}]", pairs)

    def tables(self) -> None:
        write = self.write
        for number in range(write.count(0, 3)):
            kind = write.pick(["marginal", "whole", "interpolated", "exact"])
            text = write.chance(40 if kind in {"whole", "exact"} else 1)
            pairs = {"kind": quoted(kind)} | ({"type": '"string"'} if text else {})
            if kind != "exact":
                pairs["edge"] = quoted(write.pick(["lower", "upper"]))
            versions = write.pick([1, 1, 2])
            edge_count = len(write.edges)
            of_texts = ("a", "b") if kind != "exact" and write.chance(30) else ()
            bands = [bands_of(write, kind, text=text, of_texts=of_texts) for _ in range(versions)]
            if versions == 1:
                pairs["bands"] = bands[0][0]
            else:
                days = ("2020-01-01", "2024-04-01")
                dated = [inline({"from": day, "bands": text}) for day, (text, _) in zip(days, bands, strict=True)]
                pairs["versions"] = f"[{', '.join(dated)}]"
            values = [value for _, rows_of_band in bands for value in rows_of_band]
            digits, places = (
                max(band_value.digits for band_value in values) + 1,
                max(band_value.places for band_value in values),
            )
            edges = write.edges[edge_count:] or [Decimal(0)]
            among = tuple(dict.fromkeys(text for band_value in values for text in band_value.among or ())) or None
            write.tables.append(Sketch(f"t{number}", kind, digits, places, min(edges), max(edges), among, of_texts))
            self.add(f"[tables.t{number}]", pairs)

    def calendars(self) -> None:
        """Calendars that know the period, most of them, and some days around it."""
        write = self.write
        for number in range(write.pick([0, 0, 1, 2])):
            operand = write.draw(calendars())
            covers = write.pick(
                [("2023-12-01", "2025-03-31"), ("2020-01-01", "2030-12-31"), (operand.first, operand.last)]
            )
            pairs = {"covers": inline({"from": str(covers[0]), "to": str(covers[1])})}
            named = {"holidays": operand.holidays, "workdays": operand.workdays} if covers[0] == operand.first else {}
            pairs |= {key: f"[{', '.join(map(str, days))}]" for key, days in named.items() if days}
            pairs |= {"days": f"[{', '.join(map(quoted, operand.days))}]"} if operand.days != DAYS[:5] else {}
            pairs |= {"hours": f"[{', '.join(map(quoted, operand.hours))}]"} if operand.hours else {}
            write.calendars.append(f"k{number}")
            write.timed += [f"k{number}"] if operand.hours else []
            self.add(f"[calendars.k{number}]", pairs)

    def facts(self) -> None:
        write = self.write
        kinds = [TypeKind.DECIMAL, *(write.pick([*TypeKind, TypeKind.DECIMAL]) for _ in range(write.count(1, 6)))]
        lines = {}
        for number, kind in enumerate(kinds):
            name = f"{kind.value[0]}{number}"
            lines[name], term = fact(write, name, kind, wide=self.wide)
            write.names.append(term)
        self.add("[facts.person]", lines)

    def groups(self) -> None:
        """Groups by facts with few values, so that several people share one."""
        write = self.write
        few = [term.text for term in write.names if term.kind is TypeKind.BOOL and "." not in term.text]
        few += [
            term.text for term in write.names if term.kind is TypeKind.STRING and term.among and "." not in term.text
        ]
        few += [
            term.text for term in write.names if term.kind is TypeKind.INT and term.digits == 1 and "." not in term.text
        ]
        for number in range(write.pick([1, 0, 2])):
            ties = write.pick(["first", "", "last", "dense", "mean", "hold"])
            pairs = {"held": quoted(write.pick(["wait", "exclude"]))}
            pairs |= {"by": quoted(write.pick(few))} if few and write.chance(80) else {}
            pairs |= {"ties": quoted(ties)} if ties else {}
            write.groups[f"g{number}"] = ties
            self.add(f"[groups.g{number}]", pairs)

    def events(self) -> None:
        write = self.write
        for number in range(write.pick([1, 2, 3, 0])):
            id_kind = write.pick([TypeKind.STRING, TypeKind.INT, TypeKind.DATE, TypeKind.TIMESTAMP])
            fields = {"id": inline({"type": quoted(id_kind.value)})}
            key = ["id"]
            terms = []
            for event_number in range(write.count(1, 4)):
                kind = write.pick([TypeKind.DECIMAL, TypeKind.STRING, *TypeKind])
                fields[f"f{event_number}"], term = fact(write, f"f{event_number}", kind, wide=self.wide)
                terms.append(term)
            for term in terms:
                if not term.optional and len(key) < 3 and write.chance(15):  # long keys add nothing
                    key.append(term.text)
            pairs = {"key": f"[{', '.join(map(quoted, key))}]", "fields": inline(fields)}
            if write.chance(70):
                dated = write.pick([TypeKind.DATE, TypeKind.DATE, TypeKind.TIMESTAMP])
                fields["on"] = inline({"type": quoted(dated.value)})
                terms.append(Term("on", dated))
                pairs |= {"dated_by": '"on"', "fields": inline(fields)}
            pairs |= {"common": "true"} if write.chance(15) else {}
            write.events[f"ev{number}"] = terms
            named = {"id": Term("id", id_kind), **{term.text: term for term in terms}}
            write.keys[f"ev{number}"] = [named[name] for name in key]
            self.add(f"[facts.ev{number}]", pairs)

    def balances(self) -> None:
        """Balances can be read before they are closed."""
        for number, (_, high, places) in enumerate(self.carries):
            term = Term(f"carry.c{number}", TypeKind.DECIMAL, len(high) or 10, places if places >= 0 else 6)
            self.write.names.append(term)
            self.write.history.append(term)

    def applies(self) -> dict[str, str]:
        """Who is assessed: most people, by facts and earlier periods; nobody is compared for it."""
        write = self.write
        if not write.chance(15):
            return {}
        groups, write.groups = write.groups, {}
        condition = f"{write.truth(2).text} || {write.truth(1).text}"
        write.groups = groups
        return {"applies": quoted(condition)}

    def values(self, prefix: str) -> None:
        write = self.write
        for number in range(self.counts[prefix]):
            name = f"{prefix}{number}"
            kind = self.results.get(name) or write.pick(
                [
                    TypeKind.DECIMAL,
                    TypeKind.DECIMAL,
                    TypeKind.BOOL,
                    TypeKind.INT,
                    TypeKind.STRING,
                    TypeKind.DATE,
                    TypeKind.TIMESTAMP,
                ]
            )
            first_value = write.of(kind, write.count(1, 3), MAX_INT_DIGITS if kind is TypeKind.INT else MAX_DIGITS)
            other_values = [write.of(kind, 1, first_value.digits) for _ in range(write.pick([0, 0, 0, 0, 1, 2, 3]))]
            if name in self.results and kind is TypeKind.DECIMAL:
                first_value, *other_values = (
                    evolve(row_value, text=f"round({row_value.text}, 4)", places=4)
                    for row_value in (first_value, *other_values)
                )
            pairs = {"is": quoted(first_value.text)}
            pairs |= {"result": quoted(kind.value)} if name in self.results else {}
            if other_values:
                rows = [
                    {"when": quoted(write.truth(2).text), "is": quoted(row_value.text), "label": '"x"'}
                    for row_value in other_values
                ]
                hits = ["first", "unique", "any", *(["sum"] if kind in {TypeKind.DECIMAL, TypeKind.INT} else [])]
                hit = write.pick([None, None, *hits])
                pairs["rows" if hit else "exceptions"] = f"[{', '.join(map(inline, rows))}]"
                pairs |= {"hit": quoted(hit)} if hit else {}
                if hit and write.chance(30):
                    del pairs["is"]
                    rows[0].pop("label")
            for other_value in other_values:
                among = together(first_value, other_value) if kind is TypeKind.STRING else None
                digits, places = (
                    max(first_value.digits, other_value.digits),
                    max(first_value.places, other_value.places),
                )
                first_value = evolve(first_value, digits=digits, places=places, among=among)
            self.add(f"[values.{name}]", pairs)
            write.names.append(Term(name, kind, first_value.digits, first_value.places, first_value.among))

    def items(self) -> None:
        write = self.write
        read = []
        for number, points in enumerate(self.points):
            scorer = write.pick(list(SCORERS) if points != '"open"' else ["formula", "deduction"])
            table = write.pick(list(write.events)) if write.events else ""
            texts = [term for term in write.events.get(table, ()) if term.kind is TypeKind.STRING]
            if (not table and scorer == "complaints") or (not texts and scorer in {"attendance", "violations"}):
                scorer = "formula"
            pairs = {"id": f'"it{number}"', "points": points, "scorer": quoted(scorer)}
            pairs |= {"when": quoted(write.truth(2).text)} if write.chance(25) else {}
            pairs |= {"round": str(write.pick([2, 0, 6]))} if write.chance(30) else {}
            pairs |= SCORERS[scorer](write, table)
            self.add("[[items]]", pairs)
            read.append(Term(f"items.it{number}", TypeKind.DECIMAL, 3 if points != '"open"' else 25, PLACES))
            if write.chance(30):  # a later item may read an earlier one
                write.names.append(read.pop())
        write.names += read

    def score(self) -> None:
        write = self.write
        if not self.points:
            return
        pairs = {"round": str(self.places)}
        pairs |= {"mode": quoted(write.pick(list(MODES)))} if write.chance(60) else {}
        pairs |= {key: end for key, end in zip(("min", "max"), self.limits, strict=True) if end}
        write.edges += [Decimal(end) for end in self.limits if end]
        if write.chance(30) and '"open"' not in self.points and not any("when" in part.text for part in self.parts):
            pairs["out_of"] = plain(sum(map(Decimal, self.points), Decimal(0)))
        vetoes = [
            inline({"when": quoted(write.truth(2).text), "total": write.pick(["0", "10", "-5"]), "reason": '"r"'})
            for _ in range(write.pick([0, 0, 1, 2]))
        ]
        pairs |= {"veto": f"[{', '.join(vetoes)}]"} if vetoes else {}
        self.add("[score]", pairs)
        write.names.append(Term("score.total", TypeKind.DECIMAL, 4 if all(self.limits) else 26, self.places))
        if self.grade_names:
            self.grades()

    def grades(self) -> None:
        """Grades from the highest down; conditional ones leave out none of the totals."""
        write = self.write
        steps = write.pick([(90, 60), (60, 33.5), (50, 10)])
        write.edges += [Decimal(str(least)) for least in steps]
        condition = write.truth(write.count(1, 3)).text
        rows = [{"id": '"A"', "from": str(steps[0])}]
        if write.chance(40):
            rows[0]["when"] = quoted(condition)
        if len(self.grade_names) > 2 and write.chance(50):  # two scales, for two kinds of people
            rows += [{"id": '"B"', "from": '"lowest"', "when": quoted(condition)}]
            rows += [{"id": '"B"', "from": str(steps[1]), "when": quoted(f"!{condition}")}]
            rows += [{"id": '"C"', "from": '"lowest"', "when": quoted(f"!{condition}")}]
            if "when" not in rows[0] or write.chance(10):
                rows[0]["when"] = quoted(condition)
        else:
            rows += [{"id": '"B"', "from": str(steps[1])}] if len(self.grade_names) > 2 else []
            rows += [{"id": '"C"', "from": '"lowest"'}]
        first, *other_grades = ["\n".join(lines_of(row)) for row in rows]
        self.parts.append(Part("[[grades]]", (first, *(f"[[grades]]\n{row}" for row in other_grades))))
        write.names.append(Term("grade", TypeKind.STRING, among=self.grade_names))

    def pay(self) -> None:
        write = self.write
        kinds = ["earning", "adjustment", "fine", "deduction", "reward", "reserve", "draw", "release"]
        for number in range(self.pays):
            kind = write.pick(kinds)
            amount = write.number(3, 23)
            text = amount.text
            if kind != "adjustment" and write.chance(88):
                text = write.pick(["abs({})", "greatest({}, 0.0)"]).format(text)
            pairs = {"id": f'"p{number}"', "kind": quoted(kind), "amount": quoted(text)}
            pairs |= {"when": quoted(write.truth(2).text)} if write.chance(40) else {}
            pairs |= {"round": str(write.pick([0, 1, 3, 12]))} if write.chance(30) else {}
            pairs |= {"mode": quoted(write.pick(list(MODES)))} if write.chance(40) else {}
            self.add("[[pay]]", pairs)
            write.names.append(Term(f"pay.p{number}", TypeKind.DECIMAL, amount.digits + 1, PLACES))

    def closing(self) -> None:
        write = self.write
        for number, (low, high, places) in enumerate(self.carries):
            formula = write.decimal(2, 20).text
            if low and write.chance(70):
                formula = f"least(greatest({formula}, {plain(Decimal(low))}), {plain(Decimal(high))})"
            pairs = {"opens": write.pick([low or "0", "1", "1", "0.5", "0.005"])}
            most = places if places >= 0 else 6
            pairs |= {"closes": quoted(f"round({formula}, {write.pick([most, most, 0])})")}
            pairs |= {key: end for key, end in (("min", low), ("max", high)) if end}
            pairs |= {"places": str(places)} if places >= 0 else {}
            self.add(f"[carry.c{number}]", pairs)

    def actions(self) -> None:
        write = self.write
        for number in range(self.proposals):
            lasting = streak(write, 1, 4)
            when = f"{lasting.text} >= {write.count(1, 3)}" if lasting and write.chance(70) else write.truth(2).text
            self.add("[[actions]]", {"id": f'"ac{number}"', "when": quoted(when), "reason": '"r"'})
            write.names.append(Term(f"actions.ac{number}", TypeKind.BOOL))

    def holds(self) -> None:
        write = self.write
        targets = [f"pay.p{number}" for number in range(self.pays)]
        targets += ["score.total", *(f"items.it{number}" for number in range(len(self.points)))] if self.points else []
        targets += ["pay"] if self.pays else []
        targets += ["carry"] if self.carries else []
        for number in range(write.pick([0, 0, 0, 0, 1, 1, 2])):
            # few are held: where everybody is, columns decide nobody
            when = f"{write.truth(2).text} && {write.truth(1).text} && {write.truth(1).text}"
            pairs = {"id": f'"h{number}"', "when": quoted(when), "reason": '"held"'}
            pairs |= {"of": f"[{quoted(write.pick(targets))}]"} if targets and write.chance(70) else {}
            pairs |= {"refer": '"board"'} if write.chance(30) else {}
            self.add("[[holds]]", pairs)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Policies as text; most of them can be compiled."""
    return _Author(Writer(draw, FORMS)).policy()
