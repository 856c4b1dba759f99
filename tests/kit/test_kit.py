"""Our own scorers keep to what the conformance kit asks of everyone's."""

from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

import scorecore
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.kit import ScorerKit
from scorecore.plugins import installed, load_scorers

POLICIES: Final = Path(__file__).parents[1] / "scorers"
CATALOGUE: Final = Path(scorecore.__file__).parent / "locale" / "zh.po"
SCORERS: Final = sorted(load_scorers(installed(), Diagnostics()))


def chinese() -> dict[str, str]:
    """What the command line says for the scorers that come with it."""
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale="zh") if message.id}


for scorer in SCORERS:
    keys = {"scorer": scorer, "policies": POLICIES / f"{scorer}.toml", "words": chinese()}
    checked = type(f"Test{scorer.title()}", (ScorerKit,), keys)
    # by default two scorers: one that decides once a period, and one that decides for each event
    vars()[checked.__name__] = checked if scorer in {"formula", "deduction"} else pytest.mark.slow(checked)


def test_every_scorer_has_an_example() -> None:
    """Each scorer that comes with scorecore has a policy with cases here."""
    assert {path.name for path in POLICIES.glob("*.cases.toml")} == {f"{scorer}.cases.toml" for scorer in SCORERS}
