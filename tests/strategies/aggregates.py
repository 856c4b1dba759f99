"""Expressions about many rows: events, and earlier periods."""

from attrs import evolve

from scorecore.values.types import MAX_DIGITS, TypeKind
from strategies.terms import Term, together
from strategies.values import TEXTS
from strategies.writer import Writer


def summed(write: Writer, kind: TypeKind, budget: int, most: int) -> Term | None:
    if write.variable or not write.events:
        return None
    table = write.pick(list(write.events))
    with write.event_of(table):
        value = write.of(kind, min(budget, 2), most - 7)
        condition = write.truth(min(budget, 1))
    way = write.pick(["map", "filter", "filtering map"])
    text = {
        "map": f"{table}.map(e, {value.text})",
        "filter": f"{table}.filter(e, {condition.text}).map(e, {value.text})",
        "filtering map": f"{table}.map(e, {condition.text}, {value.text})",
    }[way]
    return Term(f"{text}.sum()", kind, value.digits + 7, value.places)


def running(write: Writer, kind: TypeKind, budget: int, most: int) -> Term | None:
    """The sum up to the event that is looked at."""
    if not write.variable or write.variable == "-":
        return None
    value = write.of(kind, min(budget, 1), most - 7)
    return Term(f"sum_to({value.text}, {_place_in_order(write, budget)})", kind, value.digits + 7, value.places)


def beside(write: Writer, kind: TypeKind, budget: int, most: int) -> Term | None:
    """A field of the event before the one that is looked at, or of the next."""
    own_fields = [
        term
        for term in write.events.get(write.table, ())
        if term.kind is kind and (write.daring or term.digits <= most)
    ]
    if not own_fields or not write.variable or write.variable == "-":
        return None
    operand, leaf = write.pick(own_fields), write.leaf(kind, most)
    way = write.pick(["previous", "next"])
    text = f"{way}({write.variable}.{operand.text}, {_place_in_order(write, budget)})"
    text = f"(has({text}) ? {text} : {leaf.text})"
    return Term(text, kind, max(operand.digits, leaf.digits), max(operand.places, leaf.places), together(operand, leaf))


def greatest(write: Writer, kind: TypeKind, budget: int, most: int) -> Term | None:
    """The greatest, the least or the mean of what the events of a table have."""
    if write.variable or not write.events:
        return None
    table = write.pick(list(write.events))
    with write.event_of(table):
        value = write.of(kind, min(budget, 2), most - 7)
        rows = f"{table}.filter(e, {write.truth(min(budget, 1)).text})" if write.chance(30) else table
    means = ["mean"] if kind is TypeKind.DECIMAL else []
    text = f"{rows}.map(e, {value.text}).{write.pick(['max', 'min', *means])}()"
    return Term(text, kind, value.digits + 7, value.places, value.among)


def keyed(write: Writer, kind: TypeKind, most: int) -> Term | None:
    """A field of the row that has a key, more often than not one that is there."""
    fields = [
        (table, term)
        for table, terms in write.events.items()
        for term in terms
        if term.kind is kind and (write.daring or term.digits <= most)
    ]
    if not fields or write.variable == "-":
        return None
    table, operand = write.pick(fields)
    own_row = write.table == table and write.chance(70)
    keys = [f"{write.variable}.{key.text}" if own_row else write.leaf(key.kind).text for key in write.keys[table]]
    kinds = {TypeKind.INT, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIMESTAMP}
    way = "on" if write.keys[table][-1].kind in kinds and write.chance(50) else "row"
    text = f"{table}.{way}({', '.join(keys)}).{operand.text}"
    if write.chance(50):
        leaf = write.leaf(kind, most)
        text = f"(has({text}) ? {text} : {leaf.text})"
        return Term(
            text, kind, max(operand.digits, leaf.digits), max(operand.places, leaf.places), together(operand, leaf)
        )
    return evolve(operand, text=text, optional=False)


def on_day(write: Writer, kind: TypeKind, budget: int, most: int) -> Term | None:
    """A parameter on another day."""
    candidates = [term for term in write.known(kind, most) if term.text.startswith("parameters.")]
    if not candidates:
        return None
    operand = write.pick(candidates)
    return evolve(operand, text=f"{operand.text}.on({write.day(min(budget, 1)).text})")


def earlier(write: Writer, kind: TypeKind, most: int) -> Term | None:
    """A value of an earlier period, more often than not guarded."""
    candidates = [term for term in write.history if term.kind is kind and term.digits <= most]
    # the language has no place for history beside an event; a daring policy tries
    if not candidates or (write.variable and not write.chance(3)):
        return None
    operand = write.pick(candidates)
    path = f"history[{write.pick([1, 1, 2, 3, 12])}].{operand.text}"
    if write.chance(60):
        leaf = write.leaf(kind, most)
        text = f"(has({path}) ? {path} : {leaf.text})"
        among = together(operand, leaf)
        return Term(text, kind, max(operand.digits, leaf.digits), max(operand.places, leaf.places), among)
    return evolve(operand, text=path)


def counted(write: Writer, budget: int, _most: int) -> Term | None:
    if write.variable or not write.events:
        return None
    table = write.pick(list(write.events))
    with write.event_of(table):
        condition = write.truth(min(budget, 2))
    texts = [
        f"{table}.size()",
        f"size({table})",
        f"{table}.filter(e, {condition.text}).size()",
        f"size({table}.filter(e, {condition.text}))",
    ]
    return Term(write.pick(texts), TypeKind.INT, 7)


def asked(write: Writer, budget: int, _most: int) -> Term | None:
    """A question about all events of a table."""
    if write.variable or not write.events:
        return None
    table = write.pick(list(write.events))
    with write.event_of(table):
        condition, question = write.truth(min(budget, 1)), write.truth(min(budget, 2))
    name = write.pick(["exists", "all", "exists_one"])
    rows = f"{table}.filter(e, {condition.text})" if write.chance(40) else table
    return Term(f"{rows}.{name}(e, {question.text})", TypeKind.BOOL)


def numbered(write: Writer, budget: int, _most: int) -> Term | None:
    """Which one of its kind the event is that is looked at."""
    if not write.variable or write.variable == "-":
        return None
    return Term(f"nth({_place_in_order(write, budget)})", TypeKind.INT, 7)


def _place_in_order(write: Writer, budget: int) -> str:
    """By what events are numbered: an order, at times by kind, and at times of some only."""
    kinds = [TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.INT, TypeKind.DECIMAL]
    order = write.of(write.pick(kinds), min(budget, 1)).text
    if write.table and write.chance(40):  # a key in which all differ
        further = [f"{write.variable}.{key.text}" for key in write.keys[write.table]]
        order = f"[{', '.join([order, *further])}]"
    operands = [order]
    if write.chance(70):
        kind = write.pick([TypeKind.STRING, TypeKind.BOOL, TypeKind.DATE, TypeKind.INT, TypeKind.DECIMAL])
        operands.insert(0, write.of(kind, min(budget, 1)).text)
        operands += [write.truth(min(budget, 1)).text] if write.chance(50) else []
    return ", ".join(operands)


def streak(write: Writer, budget: int, _most: int) -> Term | None:
    """How long something has been so; only what is kept of earlier periods can be asked."""
    kept = {term.text.removeprefix("values.") for term in write.history}
    names = [term for term in write.names if term.text in kept or term.text.startswith("parameters.")]
    asked = [name for name in names if name.text in kept]
    if write.variable or not asked:
        return None
    with write.only(names):
        condition = _about(write, write.pick(asked)).text
        if write.chance(40):
            condition = f"({condition}{write.pick([' && ', ' || '])}{write.truth(budget).text})"
        if write.chance(5):  # perhaps nothing of an earlier period is asked
            condition = write.truth(budget).text
    return Term(f"streak({condition})", TypeKind.INT, 4)


def _about(write: Writer, operand: Term) -> Term:
    """A condition on a value."""
    if operand.kind is TypeKind.BOOL:
        return operand
    if operand.kind is TypeKind.STRING:
        return Term(
            f"({operand.text} {write.pick(['==', '!='])} {write.text_among(operand.among or TEXTS).text})",
            TypeKind.BOOL,
        )
    return Term(
        f"({operand.text} {write.pick(['<', '>=', '>', '!='])} {write.constant(MAX_DIGITS).text})", TypeKind.BOOL
    )
