"""The policy `policies/galaxy/branch.toml` for May 2024, as an expert in Polars writes it by hand.

Unsorted frames in, one row a person out: a group_by and a join for each table, nothing for single rows in Python. What
is not decided is null and stays null by hand, since sums, `when` and `min_horizontal` lose a null. Decimals are widened
where Polars would cut a product or quotient to the places of its operands.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

import polars as pl

Tables = Mapping[str, pl.DataFrame]

MONTH, START, END = "2024-05", date(2024, 5, 1), date(2024, 5, 31)
LAST_MONTH, BEFORE_THAT = "2024-04", "2024-03"
THREE_MONTHS_AGO = date(2024, 3, 1)  # who left before this day has been away for three complete months on May 31st
POINTS: Final = {
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
EARNED = ("pay.base", "pay.commission", "pay.direct_reward")
TAKEN = ("pay.rebate", "pay.depreciation", "pay.paid_costs", "pay.risk_fund", "pay.loss")
LINES = (*EARNED, *TAKEN, "pay.fund_release", "pay.income_tax")
ITEMS = ("items.rules", "items.courtesy", "items.task")
BALANCES = ("carry.risk_fund.closes", "carry.loss.closes")
RESULTS = (*ITEMS, "score.total", "grade", *LINES, *BALANCES, "actions.dismiss")
REASONS = ("opening", "missed-meeting", "waived", "violation", "upheld", "unfounded", "attained", "floor", "veto")

MONEY = pl.Decimal(38, 2)
EXACT = pl.Decimal(38, 12)
"""What the language of policies computes with."""
GRADE, ITEM, REASON, LINE = map(pl.Enum, (["A", "B", "C", "D"], [*ITEMS, "score.total"], REASONS, LINES))


def decisions(tables: Tables) -> pl.DataFrame:
    """Every result of each person; what is held is null."""
    return _results(_decided(_facts(tables))).collect()


def everything(tables: Tables) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The decisions, a row for each entry of points, and a row for each line of pay that applies."""
    decided = _decided(_facts(tables)).collect()
    decisions, entries, pay = pl.collect_all(
        [_results(decided.lazy()), _entries(decided, tables), _pay(decided.lazy())],
    )
    return decisions, entries, pay


def _money(value: int) -> pl.Expr:
    return pl.lit(Decimal(value), dtype=MONEY)


def _exact(value: str) -> pl.Expr:
    return pl.lit(Decimal(value), dtype=EXACT)


def _half_up(exact: pl.Expr) -> pl.Expr:
    return exact.round(2, mode="half_away_from_zero").cast(MONEY)


def _if(condition: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    return pl.when(condition).then(then).when(~condition).then(otherwise)


def _least(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return _if(left <= right, left, right)


def _not_below_zero(amount: pl.Expr) -> pl.Expr:
    return amount.clip(lower_bound=Decimal(0))


def _this_month(tables: Tables, name: str) -> pl.LazyFrame:
    return tables[name].lazy().filter(pl.col("date").is_between(START, END))


def _violations(tables: Tables) -> pl.LazyFrame:
    points = pl.col("code").replace_strict(POINTS, return_dtype=pl.Int64)
    return _this_month(tables, "violations").with_columns(points=points)


def _events(tables: Tables) -> list[pl.LazyFrame]:
    """What the events of each kind, and the earlier months, come to: a row for each person who has any."""
    c, by = pl.col, "person"
    proven = c("state") == "proven"
    low = c("actions.below_minimum")
    return [
        _this_month(tables, "volumes").group_by(by).agg(volume=c("amount").sum()),
        _this_month(tables, "meetings").filter(~c("attended") & ~c("excused")).group_by(by).agg(missed=pl.len()),
        _violations(tables)
        .group_by(by)
        .agg(
            violated=c("points").filter(proven).sum(),
            mandate=(proven & (c("code") == "discretionary-mandate")).any(),
            open=(c("state") == "open").any(),
        ),
        _this_month(tables, "complaints").group_by(by).agg(upheld=c("upheld").sum(), unjudged=c("upheld").null_count()),
        _this_month(tables, "rewards").filter("approved").group_by(by).agg(reward=c("amount").sum()),
        _this_month(tables, "losses").group_by(by).agg(lost=c("amount").sum()),
        tables["history"]
        .lazy()
        .filter(c("period") < MONTH)
        .with_columns(low=low & (c("period") == LAST_MONTH), lower=low & (c("period") == BEFORE_THAT))
        .sort("period")
        .group_by(by)
        .agg(
            c("low", "lower").any(ignore_nulls=False),
            months=pl.len(),
            fund=c("carry.risk_fund").last(),
            debt=c("carry.loss").last(),
        ),
    ]


def _facts(tables: Tables) -> pl.LazyFrame:
    """One row a person. The events are joined to the ids alone, so that no join copies the other columns."""
    person = tables["person"].lazy()
    optional = {"left_on": pl.Date(), "dispute": pl.Boolean(), "fund_interest": MONEY}
    absent = {
        name: pl.lit(None, dtype=dtype) for name, dtype in optional.items() if name not in tables["person"].columns
    }
    happened = person.select("person")
    for events in _events(tables):
        happened = happened.join(events, on="person", how="left", maintain_order="left")
    return pl.concat([person.with_columns(**absent), happened.drop("person")], how="horizontal").with_columns(
        pl.col("volume", "lost").fill_null(_money(0)),
        pl.col("missed", "violated", "upheld", "unjudged", "months").fill_null(0).cast(pl.Int64),
        pl.col("mandate", "open").fill_null(value=False),
    )


def _decided(facts: pl.LazyFrame) -> pl.LazyFrame:
    """Every result, and what the ledgers need besides."""
    c = pl.col
    is_known = c("months") > 0
    facts = _scored(facts).with_columns(
        fund=_if(is_known, c("fund"), _money(0)),
        debt=_if(is_known, c("debt"), _money(0)),
        returned=(c("status") == "left")
        & c("left_on").is_not_null()
        & (c("left_on") < THREE_MONTHS_AGO)
        & ~c("dispute"),
    )
    product = c("fee").cast(EXACT) * c("rate") * c("coefficient") * c("score.total")
    commission = _half_up(product.cast(pl.Decimal(38, 14)) / 100)  # two more places, so that only one rounding is left
    manages = (c("role") == "manager") & (c("status") == "active")
    facts = facts.with_columns(
        _if(manages, _money(600), _money(0)).alias("pay.base"),
        pl.when(~c("open")).then(commission).alias("pay.commission"),
        c("reward").fill_null(_money(0)).alias("pay.direct_reward"),
        *(c(name).alias(f"pay.{name}") for name in ("rebate", "depreciation", "paid_costs", "income_tax")),
    )
    tenth = _half_up(c("pay.commission").cast(pl.Decimal(38, 3)) / 10)
    room = _money(100_000) - c("fund")
    facts = facts.with_columns(
        _not_below_zero(_least(tenth, room)).alias("pay.risk_fund"), due=c("debt") + c("lost")
    ).with_columns(covered=_least(c("due"), c("fund") + c("pay.risk_fund")))
    income = c("pay.base") + c("pay.commission") - c("pay.risk_fund")
    balance = c("fund") + c("pay.risk_fund") - c("covered")
    owed = c("due") - c("covered")
    facts = facts.with_columns(
        _if(owed > 0, _least(owed, income), _money(0)).alias("pay.loss"),
        _if(c("returned") & (balance > 0), balance + c("fund_interest").fill_null(_money(0)), _money(0)).alias(
            "pay.fund_release"
        ),
        _if(c("returned"), _money(0), balance).alias("carry.risk_fund.closes"),
    ).with_columns((owed - c("pay.loss")).alias("carry.loss.closes"))
    here = c("status") != "leave"  # who is on leave is not assessed at all
    return facts.with_columns(pl.when(here).then(c(name)).alias(name) for name in RESULTS)


def _scored(facts: pl.LazyFrame) -> pl.LazyFrame:
    """Items, total, grade and the proposal to dismiss; and the rates that the total is multiplied with."""
    c = pl.col
    volume, task, total = c("volume"), c("volume_task"), c("score.total")
    slices = [
        _not_below_zero(volume.clip(upper_bound=Decimal(5_000_000)) - _money(1_000_000)) * 2,
        _not_below_zero(volume.clip(upper_bound=Decimal(20_000_000)) - _money(5_000_000)) * 3,
        _not_below_zero(volume - _money(20_000_000)) * 4,
    ]
    tenths = slices[0] + slices[1] + slices[2]
    # with 20 places behind the point, no quotient comes to lie on a half that was not there
    no = pl.lit(value=False)
    before = _if(c("months") > 0, _if(c("low"), c("lower"), no), no)
    attained = (_least(volume, task) * 80).cast(pl.Decimal(38, 20)) / pl.when(task != 0).then(task)
    return (
        facts.with_columns(
            fee=_not_below_zero(c("fee_income") - c("exchange_fees") - c("business_tax")),
            rules=10 - 2 * c("missed") - c("violated"),
            courtesy=pl.when(c("unjudged") == 0).then(10 - 5 * c("upheld")),
            rate=(tenths.cast(EXACT) / pl.when(volume != 0).then(volume * 10)).fill_null(_exact("0")),
            share=volume.cast(EXACT) / pl.when(c("market_volume") != 0).then(c("market_volume")) * 1000,
        )
        .with_columns(
            c("rules").clip(0).cast(MONEY).alias("items.rules"),
            c("courtesy").clip(0).cast(MONEY).alias("items.courtesy"),
            _half_up(attained).alias("items.task"),
            coefficient=pl.when(c("share") >= Decimal(2))
            .then(_exact("1.2"))
            .when(c("share") >= Decimal("0.5"))
            .then(_exact("1.0"))
            .when(c("share") >= Decimal(0))
            .then(_exact("0.8")),
        )
        .with_columns(sum=c("items.rules") + c("items.courtesy") + c("items.task"))
        .with_columns(
            _if(c("mandate"), _least(c("sum"), _money(0)), c("sum")).alias("score.total"),
            (c("normal_market") & _if(c("items.task") < Decimal(40), before, no)).alias("actions.dismiss"),
        )
        .with_columns(
            grade=pl.when(total >= Decimal(90))
            .then(pl.lit("A", dtype=GRADE))
            .when(total >= Decimal(80))
            .then(pl.lit("B", dtype=GRADE))
            .when(total >= Decimal(60))
            .then(pl.lit("C", dtype=GRADE))
            .when(total.is_not_null())
            .then(pl.lit("D", dtype=GRADE))
        )
    )


def _results(decided: pl.LazyFrame) -> pl.LazyFrame:
    """The results alone, with net pay of the lines that are decided."""
    lines = [pl.col(name).fill_null(_money(0)) for name in LINES]
    signed = [
        -line if name in TAKEN or name == "pay.income_tax" else line for name, line in zip(LINES, lines, strict=True)
    ]
    return decided.select(
        "person",
        *RESULTS,
        pl.sum_horizontal(signed).alias("pay.net"),
        pl.any_horizontal(pl.col(LINES).is_null()).alias("partial"),
    )


def _entries(decided: pl.DataFrame, tables: Tables) -> pl.LazyFrame:
    """Why the points are what they are. An item that is held has no entries, since they would add up to nothing."""
    c, rows = pl.col, decided.lazy()
    held = {item: rows.filter(c(item).is_null()).select("person") for item in ("items.rules", "items.courtesy")}

    def of_item(table: str, item: str) -> pl.LazyFrame:
        events = _violations(tables) if table == "violations" else _this_month(tables, table)
        return events.join(held[item], on="person", how="anti")

    meetings = of_item("meetings", "items.rules").filter(~c("attended"))
    violations = of_item("violations", "items.rules").filter(c("state") == "proven")
    complaints = of_item("complaints", "items.courtesy")
    rules, courtesy = (rows.filter(c(f"items.{name}").is_not_null()) for name in ("rules", "courtesy"))
    share = c("volume").cast(EXACT) / c("volume_task")
    return pl.concat(
        [
            _entry(rules, "items.rules", "opening", _money(10)),
            _entry(meetings.filter(~c("excused")), "items.rules", "missed-meeting", _money(-2), key="date"),
            _entry(meetings.filter("excused"), "items.rules", "waived", _money(0), key="date"),
            _entry(violations, "items.rules", "violation", -c("points").cast(MONEY), key="id"),
            _entry(rules.filter(c("rules") < 0), "items.rules", "floor", -c("rules").cast(MONEY)),
            _entry(courtesy, "items.courtesy", "opening", _money(10)),
            _entry(complaints.filter("upheld"), "items.courtesy", "upheld", _money(-5), key="id"),
            _entry(complaints.filter(~c("upheld")), "items.courtesy", "unfounded", _money(0), key="id"),
            _entry(courtesy.filter(c("courtesy") < 0), "items.courtesy", "floor", -c("courtesy").cast(MONEY)),
            _entry(rows.filter(c("items.task").is_not_null()), "items.task", "attained", c("items.task"), share),
            _entry(
                rows.filter(c("mandate") & c("score.total").is_not_null()),
                "score.total",
                "veto",
                c("score.total") - c("sum"),
            ),
        ]
    )


def _entry(
    rows: pl.LazyFrame, item: str, reason: str, points: pl.Expr, share: pl.Expr | None = None, key: str = ""
) -> pl.LazyFrame:
    """The entries of one reason, each with the key of its event: the date of a meeting, the id of anything else."""
    return rows.select(
        "person",
        item=pl.lit(item, dtype=ITEM),
        reason=pl.lit(reason, dtype=REASON),
        quantity=pl.lit(None, dtype=EXACT) if share is None else share,
        points=points,
        date=pl.col("date") if key == "date" else pl.lit(None, dtype=pl.Date),
        id=pl.col("id") if key == "id" else pl.lit(None, dtype=pl.String),
    )


def _pay(decided: pl.LazyFrame) -> pl.LazyFrame:
    """The lines of pay that apply and are decided."""
    c = pl.col
    above_zero = ("pay.base", "pay.rebate", "pay.depreciation", "pay.paid_costs", "pay.income_tax")
    applies = {name: c(name) > 0 for name in above_zero} | {
        "pay.direct_reward": c("reward").is_not_null(),
        "pay.loss": c("due") > c("covered"),
        "pay.fund_release": c("returned") & (c("pay.fund_release") > 0),
    }
    return pl.concat(
        [
            decided.filter(c(name).is_not_null() & applies.get(name, pl.lit(value=True))).select(
                "person", line=pl.lit(name, dtype=LINE), amount=c(name)
            )
            for name in LINES
        ]
    )
