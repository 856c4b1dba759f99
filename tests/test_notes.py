"""What `check` notes, and when it is silent; the folders in `problems/` show what it says."""

from pathlib import Path

import pytest

from scorecore import Problems, Source, check_policy, installed, load_scorers

FOLDERS = Path(__file__).parent / "problems"


def notes(text: str) -> set[str]:
    program, found = check_policy(Source("policy.toml", text), {}, load_scorers(installed(), Problems()))
    assert program is not None, list(map(str, found))
    return {one.kind.code for one in found}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("SC351", {"points = 100": "points = 80"}),
        ("SC352", {"from = 90": "from = 80", 'from = 0\n\n[[grades]]\nid   = "D"\n': ""}),
        ("SC353", {'key      = ["id"]': 'key      = ["id"]\nshared   = true'}),
    ],
)
def test_what_is_mended_is_not_noted(code: str, changes: dict[str, str]) -> None:
    """A note disappears with what it is about."""
    text = (FOLDERS / code / "policy.toml").read_text(encoding="utf-8")
    assert notes(text) == {code}
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after, 1)
    assert notes(text) == set()
