"""What a new version changes, in words."""

from scorecore_cli.document.model import Article
from scorecore_cli.document.revision import Amendment, Revision
from scorecore_cli.language import _


def summarize_revision(revision: Revision) -> str:
    """How many articles are changed, and how many are not."""
    added = sum(amendment.before is None for amendment in revision.amendments)
    removed = sum(amendment.after is None for amendment in revision.amendments)
    changed = len(revision.amendments) - added - removed
    return _(
        "Articles changed: {changed}; added: {added}; left out: {removed}; the same: {unchanged}.",
        changed=changed,
        added=added,
        removed=removed,
        unchanged=revision.unchanged,
    )


def name_amendment(amendment: Amendment) -> str:
    """The title of an article, and whether it is new or left out."""
    if amendment.before is None:
        return _("{title} (added)", title=amendment.title)
    if amendment.after is None:
        return _("{title} (left out)", title=amendment.title)
    return amendment.title


def list_sides(amendment: Amendment) -> tuple[str, str]:
    """The text of an article before and after."""
    return _text_of(amendment.before), _text_of(amendment.after)


def _text_of(article: Article | None) -> str:
    if article is None:
        return ""
    clause = (_("clause: {clause}", clause=article.clause),) if article.clause else ()
    return "\n".join((article.title, *article.lines, *clause))
