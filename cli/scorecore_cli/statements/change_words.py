"""What has changed since the period before, in the words of a statement."""

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from scorecore.analysis.period_split import InputChange, NetChange
from scorecore.io.formats import Block
from scorecore.program.model import Program
from scorecore.values.unknown import Maybe, Unknown
from scorecore_cli.language import _, join_sentences
from scorecore_cli.statements.formula_words import FormulaWords
from scorecore_cli.statements.money import format_change
from scorecore_cli.visible_text import make_line


@frozen
class ChangeWords:
    words: FormulaWords
    program: Program
    show_text: Callable[[str], str]
    """A text of the facts as far as the reader may see it."""

    def list_parts(self, change: NetChange, label_before: str) -> Iterator[Block]:
        """Each part with its effect, which add up to the change; nothing where nothing has changed."""
        if not change.parts:
            return
        rows = [(self.describe(part.changes), format_change(part.effect)) for part in change.parts]
        rows.append((_("change of net pay"), format_change(change.after - change.before)))
        headings = (_("what has changed since {period}", period=label_before), _("effect on net pay"))
        yield Block(_("why it has changed"), (), headings, tuple(rows), (1,))

    def describe(self, changes: Sequence[InputChange]) -> str:
        """Changes whose effect is known only together are joined."""
        return make_line(join_sentences(map(self._describe, changes)))

    def _describe(self, change: InputChange) -> str:
        match change.kind:
            case "rules":
                return _("the rules of the policy")
            case "figures":
                return _("the figures of the policy")
            case "fact":
                return self._describe_fact(change)
            case "events":
                return self._describe_events(change.names)
            case "others":
                return _("what others have reached")
            case "earlier periods":
                return _("what earlier periods left")

    def _describe_fact(self, change: InputChange) -> str:
        (name,) = change.names
        before, now = (self._show(name, value) for value in (change.before, change.after))
        label = self.words.label(name)
        return f"{label}: {before} → {now}" if before and now else label

    def _show(self, name: str, value: Maybe | None) -> str:
        if value is None or isinstance(value, Unknown):
            return "—"
        return self.show_text(value) if isinstance(value, str) else self.words.write_figure(name, value)

    def _describe_events(self, names: Sequence[str]) -> str:
        tables = {table.name: table.label or self.words.label(table.name) for table in self.program.schema.events}
        if not names:
            return _("the days of the period")
        return _("events: {tables}", tables=", ".join(tables[name] for name in names))
