"""Tests of one layout: what a class inherits to have its statements checked."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Final

from attrs import evolve

from scorecore.analysis.explain import Explanation
from scorecore.diagnostics.diagnostic import Diagnostics
from scorecore.io.formats import Block, Renderer, Statement, render_statement, render_statements
from scorecore.kit.examples import choose, list_explanations, list_missing_words, load_plugins, load_policies
from scorecore.kit.faults import fail_on
from scorecore.plugins import Plugins
from scorecore.values.canonical_json import format_decimal

_LANGUAGES: Final = ("en", "zh")
_ODD: Final = "<script>alert('张三')</script> & \"x\" %s {0} \u202e " + "长" * 300
"""A name as somebody may have written it: it must be shown, and do nothing."""
_MARKUP: Final = ("<html", "<!doctype html", "<svg")


class LayoutKit:
    """Tests of one layout. What a test finds is in its message, a line for each fault."""

    layout: ClassVar[str | Renderer]
    """The name of an installed layout, or one that is not installed yet."""
    policies: ClassVar[Path]
    """A policy, or a folder of policies, whose cases are laid out."""
    words: ClassVar[Mapping[str, str]] = {}
    """Chinese of English sentences that the plugin itself does not bring."""

    @cached_property
    def plugins(self) -> Plugins:
        return load_plugins()

    @cached_property
    def examined(self) -> Renderer:
        layout = choose("layout", self.layout, self.plugins.renderers)
        assert isinstance(layout, Renderer)  # noqa: S101  plugins are checked when they are loaded
        return layout

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        explanations = list_explanations(load_policies(self.policies, self.plugins))
        return tuple((explanation, make_blocks(explanation)) for explanation in explanations)

    def test_every_case_is_laid_out(self) -> None:
        """There are cases, and each gives text or bytes in both languages."""
        fail_on(self._find_failures())

    def test_everybody_is_laid_out_in_one(self) -> None:
        """If the layout can: all cases in one page, and a page of nobody, in both languages."""
        fail_on(self._find_failing_runs())

    def test_it_always_gives_the_same(self) -> None:
        """A statement that is laid out twice is the same."""
        fail_on(self._find_differences())

    def test_odd_names_are_shown_and_do_nothing(self) -> None:
        """A name with signs of markup is laid out; in a page it stands as text, and is no markup."""
        fail_on(self._find_markup())

    def test_it_is_documented_in_both_languages(self) -> None:
        """What it is for is said in a sentence, in English and in Chinese."""
        about = self.examined.about
        faults = [] if about.endswith(".") else [f"what it is for is not a sentence: {about!r}"]
        chinese = {**self.plugins.words.get("zh", {}), **self.words}
        fail_on([*faults, *list_missing_words({about: "what it is for"}, chinese)])

    def _lay_out(self, statement: Statement, language: str) -> tuple[str | bytes | None, str]:
        """What a statement looks like; or why it does not."""
        diagnostics = Diagnostics()
        page = render_statement(self.examined, *statement, language, diagnostics)
        return page, "; ".join(map(str, diagnostics))

    def _find_failures(self) -> Iterator[str]:
        if not self.statements:
            yield f"there are no cases in {self.policies}: a policy `x.toml` has them in `x.cases.toml`"
        for statement in self.statements:
            for language in _LANGUAGES:
                page, fault = self._lay_out(statement, language)
                if not page:
                    yield f"{statement[0].subject}, {language}: {fault or 'it gives nothing'}"

    def _find_failing_runs(self) -> Iterator[str]:
        if self.examined.render_run is None:
            return
        for language in _LANGUAGES:
            for statements in (self.statements, ()):
                diagnostics = Diagnostics()
                page = render_statements(self.examined, statements, language, diagnostics)
                if page is None or (statements and not page):
                    reason = "; ".join(map(str, diagnostics)) or "it gives nothing"
                    yield f"{len(statements)} statements, {language}: {reason}"

    def _find_differences(self) -> Iterator[str]:
        for statement in self.statements:
            if self._lay_out(statement, "en") != self._lay_out(statement, "en"):
                yield f"{statement[0].subject}: laid out twice, it gives two statements"

    def _find_markup(self) -> Iterator[str]:
        for explanation, blocks in self.statements[:1]:
            odd = evolve(explanation, subject=_ODD), [Block(_ODD, (_ODD,), (_ODD,), ((_ODD,),)), *blocks]
            page, fault = self._lay_out(odd, "zh")
            text = page.decode("utf-8", "replace") if isinstance(page, bytes) else page or ""
            if not page:
                yield f"a name with signs of markup: {fault or 'it gives nothing'}"
            elif any(mark in text[:1000].lower() for mark in _MARKUP) and "<script>alert('张三')" in text:
                yield "a name with signs of markup is markup in the page; escape it"


def make_blocks(explanation: Explanation) -> Sequence[Block]:
    """A statement in words, as short as it can be."""
    rows = [(pay.result.name, str(pay.result.value)) for pay in explanation.pay]
    net = () if explanation.net is None else (format_decimal(explanation.net),)
    return [
        Block(f"{explanation.program.title} {explanation.period}", (explanation.subject, *net)),
        Block("pay", headings=("line", "amount"), rows=tuple(rows), right=(1,)),
    ]
