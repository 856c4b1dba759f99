"""A branch's own scorer."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, ItemContext, Scorer, Syntax, hookimpl, key


@frozen(kw_only=True)
class Team:
    """Give points for the work of a team."""

    gives: Syntax = key("points for the team")

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        yield Diagnostic(DiagnosticKind("SC999", "a team needs a leader"), item.place.location)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("team", Team)]
