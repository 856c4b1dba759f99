"""Tables of ratings as people fill them in: what does not count, or is beyond the scale, is named at its row."""

from pathlib import Path
from typing import Final

import pytest

from command_line import call, lay_out

_POLICY: Final = """
[policy]
id = "t.ratings"
version = "1"
title = "t"
subject = "person"
subject_label = "工号"
period = "month"
effective = { from = 2020-01-01 }
[facts.person]
[facts.ratings]
key = ["rater", "by"]
[facts.ratings.fields]
rater = { type = "string" }
by = { type = "string" }
score = { type = "decimal" }
[[items]]
id = "ability"
points = 40
scorer = "ratings"
scale = 100
missing = "renormalise"
round = 2
each = "ratings"
as = "r"
rater = "r.rater"
score = "r.score"
mean = 2
parts = [{ of = "head", weight = 25 }, { of = "peer", weight = 15 }]
[score]
"""


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["E1,head,A,150", "E1,head,B,50"], ["ratings.csv:2: SC461 the rating `head` of `E1` is 150"]),
        (["E1,peer,A,100", "E1,peer,B,-40"], ["ratings.csv:3: SC461 the rating `peer` of `E1` is -40"]),
        (["E1,head,A,90", "E1,Head,B,10"], ["ratings.csv:3: SC469 `rater` is `Head`"]),
        (["E1,head,A,90", "E1,ｐeer,B,10"], ["ratings.csv:3: SC469 `rater` is `ｐeer`"]),
        (["E1,head,A,90", "E1,peers,B,10", "E1,peers,C,1"], ["ratings.csv:3: SC469 `rater` is `peers`", "in rows 4"]),
        (["E1,head,A,90", "E1,peer\u200b,B,10"], ["ratings.csv:3: SC421 `rater` is `peer\\u200b`, read as peer"]),
    ],
)
def test_a_rating_that_is_not_what_was_meant_is_noted(tmp_path: Path, rows: list[str], said: list[str]) -> None:
    ratings = "\n".join(("工号,rater,by,score", *rows))
    result = call("run", *lay_out(tmp_path, _POLICY, person="工号\nE1\n", ratings=ratings), "--period", "2024-05")
    assert [text for text in said if text not in result.output] == []
    assert result.exit_code == 0
