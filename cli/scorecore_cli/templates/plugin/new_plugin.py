"""The scorer `new-plugin`: points for each event."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from scorecore.plugin import Diagnostic, DiagnosticKind, Entry, ItemContext, Scorer, Snippet, Syntax, hookimpl, key

NOTHING = DiagnosticKind("NP101", "an item of 0 points can be given nothing", ("leave the item out",))


@frozen(kw_only=True)
class NewPlugin:
    """Give points for each event. The item opens empty."""

    each: Snippet = key("the table of events")
    as_: str = key("the name by which the other keys read an event", default="e")
    where: Syntax | None = key("which events count; default: all", default=None)
    give: Syntax = key("points for each of them")

    def entries(self, item: ItemContext) -> Iterator[Entry | Diagnostic]:
        if item.points == 0:
            yield Diagnostic(NOTHING, item.place.location, length=item.place.length)
        yield Entry(reason="given", points=self.give, when=self.where, each=self.each, variable=self.as_)


@hookimpl
def scorers() -> Iterable[Scorer]:
    return [Scorer("new-plugin", NewPlugin)]


@hookimpl
def words() -> Mapping[str, Mapping[str, str]]:
    return {
        "zh": {
            "Give points for each event. The item opens empty.": "每个事件给分。项目从零分开始。",
            "the table of events": "事件表",
            "the name by which the other keys read an event": "其他键读取事件时所用的名称",
            "which events count; default: all": "计入哪些事件；不写则全部计入",
            "points for each of them": "每个事件的分值",
            NOTHING.message: "0 分的项目不能给分",
            NOTHING.advice[0]: "请删去该项目",
        }
    }
