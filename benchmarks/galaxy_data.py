"""Generated facts for the galaxy policy: any number of people, five events each on average.

Amounts are whole cents out of a seeded generator; a twentieth of the volumes and tasks sit exactly on band edges. About
`held` of the people have something that leaves a part of their decision open: an unjudged complaint, an open
investigation, leave, or a fact that is missing.
"""

from datetime import date

import numpy as np
import polars as pl

SEED = 20261123
FIRST_DAY = (date(2024, 5, 1) - date(1970, 1, 1)).days
LEFT = 2
CODES = [
    "guarantee",
    "churning",
    "false-material",
    "discretionary-mandate",
    "unrecorded-order",
    "client-money",
    "custody-transfer",
    "leaked-secret",
    "disparagement",
    "second-job",
    "client-reward",
    "other",
]


def money(cents: np.ndarray) -> pl.Series:
    """Whole cents as decimals with two places."""
    return pl.Series(values=cents, dtype=pl.Int64).cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, 2))


def ids(numbers: np.ndarray) -> pl.Series:
    return pl.Series(values=numbers).cast(pl.String).str.zfill(8)


def only(values: pl.Series, there: pl.Series | np.ndarray) -> pl.Series:
    """Null where a value is not there."""
    return pl.DataFrame({"value": values, "there": there}).select(pl.when("there").then("value")).to_series()


def tables(people: int, held: float = 0) -> dict[str, pl.DataFrame]:
    """Frames as a payroll department would have them in memory: unsorted events, ids as text."""
    random = np.random.default_rng([SEED, people])
    count = {name: int(people * share) for name, share in SHARES.items()}

    def someone(table: str) -> pl.Series:
        return ids(random.integers(0, people, count[table]))

    def day(table: str) -> pl.Series:
        return pl.Series(values=random.integers(0, 31, count[table])).cast(pl.Int32) + FIRST_DAY

    def dates(table: str) -> pl.Series:
        return day(table).cast(pl.Date)

    def number(table: str) -> pl.Series:
        return pl.Series(values=np.arange(count[table])).cast(pl.String)

    def missing(values: pl.Series) -> pl.Series:
        return only(values, random.random(people) >= MISSING / 2 * held)

    task = random.choice([1_000_000, 2_000_000, 4_000_000, 5_000_000, 20_000_000], people) * 100
    fee = random.integers(0, 5_000_000, people)
    status = random.choice(3, people, p=[0.99 - LEAVE * held, LEAVE * held, 0.01])
    left = pl.Series(values=status == LEFT)
    person = pl.DataFrame(
        {
            "person": ids(np.arange(people)),
            "name": ids(np.arange(people)),
            "role": pl.Series(values=np.array(["broker", "manager"])[random.integers(0, 2, people)]),
            "status": pl.Series(values=np.array(["active", "leave", "left"])[status]),
            "fee_income": money(fee),
            "exchange_fees": money(fee * 15 // 100),
            "business_tax": money(fee * 4 // 100),
            "volume_task": missing(money(task)),
            "market_volume": money(np.full(people, 520_000_000_000)),
            "rebate": money(np.where(random.random(people) < 0.7, 0, random.integers(0, 40_000, people))),
            "depreciation": money(random.choice([0, 15_000, 30_000], people)),
            "paid_costs": money(np.where(random.random(people) < 0.5, 0, random.integers(0, 20_000, people))),
            "income_tax": missing(money(np.where(random.random(people) < 0.5, 0, random.integers(0, 30_000, people)))),
            "normal_market": pl.Series(values=random.random(people) < 0.9),
            "left_on": only(pl.Series(values=random.integers(-150, 1, people).astype(np.int32)) + FIRST_DAY, left).cast(
                pl.Date
            ),
            "dispute": only(pl.Series(values=random.random(people) < 0.3), left),
            "fund_interest": only(money(random.integers(0, 50_000, people)), random.random(people) < 0.005),
        }
    )
    cents = np.rint(np.exp(random.normal(np.log(1.2e6), 1.2, count["volumes"])) * 100).astype(np.int64)
    edge = random.random(count["volumes"]) < 0.05
    cents[edge] = random.choice([100_000_000, 500_000_000, 2_000_000_000], int(edge.sum()))
    volumes = pl.DataFrame(
        {
            "person": someone("volumes"),
            "client": number("volumes"),
            "date": dates("volumes"),
            "amount": money(cents),
        }
    )
    attended = random.random(count["meetings"]) > 0.1
    meetings = pl.DataFrame(
        {
            "person": someone("meetings"),
            "date": dates("meetings"),
            "attended": pl.Series(values=attended),
            "excused": pl.Series(values=~attended & (random.random(count["meetings"]) < 0.3)),
        }
    ).unique(["person", "date"], keep="first", maintain_order=True)
    judged = random.random(count["complaints"]) >= UNJUDGED * held / SHARES["complaints"]
    complaints = pl.DataFrame(
        {
            "person": someone("complaints"),
            "id": number("complaints"),
            "date": dates("complaints"),
            "upheld": only(pl.Series(values=random.random(count["complaints"]) < 0.5), judged),
        }
    )
    still_open = OPEN * held / SHARES["violations"]
    violations = pl.DataFrame(
        {
            "person": someone("violations"),
            "id": number("violations"),
            "date": dates("violations"),
            "state": pl.Series(
                values=random.choice(STATES, count["violations"], p=[0.7, 0.3 - still_open, still_open])
            ),
            "code": pl.Series(values=random.choice(CODES, count["violations"])),
        }
    )
    rewards = pl.DataFrame(
        {
            "person": someone("rewards"),
            "id": number("rewards"),
            "date": dates("rewards"),
            "amount": money(random.integers(1, 500_000, count["rewards"])),
            "approved": pl.Series(values=random.random(count["rewards"]) < 0.8),
        }
    )
    losses = pl.DataFrame(
        {
            "person": someone("losses"),
            "id": number("losses"),
            "date": dates("losses"),
            "amount": money(random.integers(1, 2_000_000, count["losses"])),
        }
    )
    before = np.sort(random.choice(people, people // 4, replace=False))
    who = np.concatenate([np.arange(people), before])
    history = pl.DataFrame(
        {
            "person": ids(who),
            "period": pl.Series(values=["2024-04"] * people + ["2024-03"] * len(before)),
            "actions.below_minimum": pl.Series(values=random.integers(0, 8_001, len(who)) < 4_000),
            "carry.risk_fund": money(random.integers(0, 10_000_001, len(who))),
            "carry.loss": money(np.where(random.random(len(who)) < 0.98, 0, random.integers(0, 500_000, len(who)))),
        }
    )
    return {
        "person": person,
        "volumes": volumes,
        "meetings": meetings,
        "complaints": complaints,
        "violations": violations,
        "rewards": rewards,
        "losses": losses,
        "history": history,
    }


SHARES = {"volumes": 2.4, "meetings": 2.2, "complaints": 0.2, "violations": 0.15, "rewards": 0.05, "losses": 0.02}
"""Events of each kind for a person: five in all."""
STATES = ["proven", "dropped", "open"]
UNJUDGED, OPEN, LEAVE, MISSING = 0.55, 0.2, 0.15, 0.1
"""Why people are held: the share of each reason."""
