"""Changes of two people to one text: both are there, or nobody is overruled."""

from hypothesis import given
from hypothesis import strategies as st

from scorecore.services.text_merge import list_differences, merge_texts

BASE = "a\nb\nc\nd\ne\n"
TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=6).map("".join)


def test_changes_of_different_lines_are_both_there() -> None:
    assert merge_texts(BASE, BASE.replace("a", "A"), BASE.replace("e", "E")) == "A\nb\nc\nd\nE\n"
    assert merge_texts(BASE, f"0\n{BASE}", BASE.replace("d\n", "")) == "0\na\nb\nc\ne\n"


def test_changes_of_the_same_lines_are_nobodys() -> None:
    for mine, theirs in (("b\n", "B\n"), ("b\n", ""), ("b\nc\n", "b\n1\nc\n")):
        assert merge_texts(BASE, BASE.replace(mine, "2\n"), BASE.replace(mine, theirs)) is None
    assert merge_texts(BASE, f"{BASE}1\n", f"{BASE}2\n") is None
    assert list_differences("a\nb\n", "a\nc\n") == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]


@given(TEXTS, TEXTS, TEXTS)
def test_who_changed_alone_is_right_and_the_order_is_nobodys(base: str, mine: str, theirs: str) -> None:
    assert merge_texts(base, mine, base) == merge_texts(base, base, mine) == merge_texts(base, mine, mine) == mine
    assert merge_texts(base, mine, theirs) == merge_texts(base, theirs, mine)
