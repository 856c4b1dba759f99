"""Points are taken for violations, by a catalogue of codes."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from scorecore.plugin import Diagnostic, Entry, ItemContext, Scorer, Snippet, Syntax, hookimpl, key
from scorecore_scorers.codes import Code, find_code_mistakes, make_code_entries
from scorecore_scorers.occurrences import Occasion


@frozen(kw_only=True)
class Violations:
    """Deduct points for each violation, by its code. The item starts with all points.

    Each code has its own points, words and clause. Where the facts list the codes that are allowed, a code that
    the catalogue forgets is a problem, and so is one that the facts do not know.
    """

    each: Snippet = key("the table of violations")
    as_: str = key("the name by which the other keys read a violation")
    code: Syntax = key("the code of a violation, such as `v.code`")
    codes: tuple[Code, ...] = key("the catalogue: code, points, words and clause")
    ignore: tuple[Snippet, ...] = key("codes that this item leaves to other rules", default=())
    where: Syntax | None = key("which violations count; default: all", default=None)
    waived: Syntax | None = key("when a person with the authority has waived it; the entry is 0", default=None)

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        yield from find_code_mistakes(self.code, self.codes, self.ignore, self.each, item)
        occasion = Occasion(each=self.each, as_=self.as_, where=self.where, waived=self.waived)
        yield from occasion.find_mistakes()
        yield from make_code_entries(occasion, self.code, self.codes)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("violations", Violations, opens_full=True)]
