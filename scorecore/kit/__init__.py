"""The conformance kit: what a plugin has to keep to, as tests that its developer inherits.

    class TestBonus(ScorerKit):
        scorer = "bonus"
        policies = Path(__file__).parent / "policies"

pytest finds the tests below in the class. They need policies that use the scorer, with cases beside them: from these
the kit takes keys to spoil, programs to compare and facts to try. Nothing here is a plugin of pytest, so it does not
slow other tests down. Install it as `scorecore[kit]`.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from scorecore.kit import (
    agreement,
    determinism,
    documentation,
    growth,
    spoiled_keys,
)
from scorecore.kit.check_kit import CheckKit
from scorecore.kit.faults import fail_on
from scorecore.kit.layout_kit import LayoutKit
from scorecore.kit.operator_kit import OperatorKit
from scorecore.kit.reader_kit import ReaderKit
from scorecore.kit.subject import Subject, load_subject
from scorecore.kit.writer_kit import WriterKit
from scorecore.plugins import Scorer

__all__ = ["CheckKit", "LayoutKit", "OperatorKit", "ReaderKit", "ScorerKit", "WriterKit"]


class ScorerKit:
    """Tests of one scorer. What a test finds is in its message, a line for each fault."""

    scorer: ClassVar[str | Scorer]
    """The name of an installed scorer, or one that is not installed yet."""
    policies: ClassVar[Path]
    """A policy that uses it, or a folder of such policies; each may have cases beside it."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    @cached_property
    def subject(self) -> Subject:
        return load_subject(self.scorer, self.policies)

    def test_policies_compile_and_use_it(self) -> None:
        """Every policy compiles, and one of them has an item with the scorer."""
        fail_on(self.subject.find_problems())

    def test_cases_hold(self) -> None:
        """There are cases, and every one comes out as it says."""
        fail_on(self.subject.find_failing_cases())

    def test_it_touches_nothing_outside(self) -> None:
        """It uses no file, network, clock or chance: neither in its source nor while a policy is compiled."""
        fail_on(determinism.find_outside_effects(self.subject))

    def test_it_always_gives_the_same(self) -> None:
        """A policy compiles to the same program twice, and in processes with other hash seeds, zones and locales."""
        fail_on(determinism.find_differences(self.subject))

    def test_rows_and_columns_agree(self) -> None:
        """Decided one by one or all at once, generated facts give the same results, entries and reasons."""
        agreement.check_evaluators(self.subject, fail_on)

    def test_points_stay_within_what_it_declares(self) -> None:
        """A scorer that opens full only takes, any other only gives, and the item stays within its points."""
        agreement.check_points(self.subject, fail_on)

    def test_entries_have_reason_and_clause(self) -> None:
        """Every entry has a reason, and, where the item names its clause, a clause."""
        fail_on(documentation.find_unexplained(self.subject))

    def test_it_is_documented_in_both_languages(self) -> None:
        """Its summary, its keys and its problems are said, in English and in Chinese."""
        fail_on(documentation.find_undocumented(self.subject, self.words))

    def test_nonsense_is_refused_with_a_place(self) -> None:
        """A key that is unknown, missing or of another type is a problem with a place, and never a failure."""
        fail_on(spoiled_keys.find_accepted(self.subject))

    def test_it_grows_with_what_is_written(self) -> None:
        """Twice as much in an item gives at most about twice as many entries and steps."""
        fail_on(growth.find_excess(self.subject))
