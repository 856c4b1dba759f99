"""Who is below whom: the decisions of more than one level of subjects that name each other, such as a manager's."""

from typing import Final

import polars as pl

from scorecore.diagnostics import catalogue
from scorecore.facts.model import ROW, Distrust
from scorecore.facts.table_intake import ID
from scorecore.language.operators.scaled import get_physical_dtype
from scorecore.program.schema import DEPTH, EventTable, PolicyDependency

_LOWER: Final = "#lower"
_UPPER: Final = "#upper"
_PATH: Final = "#path"
_SHOWN_IN_PATH: Final = " → "


def gather_below(
    named: pl.DataFrame, events: EventTable, dependency: PolicyDependency
) -> tuple[pl.DataFrame, dict[str, Distrust]]:
    """Decisions beside everybody who is above the subject, with the level; and who is above himself, with the cause.

    `named` has each decision once, with the one whom its subject names as ID.
    """
    whose, *periods = events.key
    dtype = get_physical_dtype(next(column.type for column in events.columns if column.name == DEPTH))
    links = named.select(pl.col(whose).cast(pl.String).alias(_LOWER), pl.col(ID).alias(_UPPER), *periods)
    links = links.drop_nulls().unique(maintain_order=True)
    current = named.with_columns(pl.lit(1).cast(dtype).alias(DEPTH), pl.col(ID).alias(_PATH))
    levels, circles = [], dict[str, Distrust]()
    for depth in range(1, dependency.depth + 1):
        is_circle = pl.col(ID) == pl.col(whose).cast(pl.String)
        for subject_id, path, row in current.filter(is_circle).select(ID, _PATH, ROW).rows():
            params = {"name": dependency.gather, "id": subject_id, "path": path}
            circles.setdefault(subject_id, (catalogue.GATHERS_ITSELF, params, row))
        current = current.filter(~is_circle.fill_null(value=False)).with_columns(pl.lit(depth).cast(dtype).alias(DEPTH))
        levels.append(current)
        current = current.join(links, left_on=[ID, *periods], right_on=[_LOWER, *periods], maintain_order="left")
        path = pl.concat_str(pl.col(_PATH), pl.col(_UPPER), separator=_SHOWN_IN_PATH)
        current = current.with_columns(path.alias(_PATH), pl.col(_UPPER).alias(ID)).drop(_UPPER)
        if not len(current):
            break
    return pl.concat(levels).drop(_PATH), circles
