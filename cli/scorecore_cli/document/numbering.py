"""Numbers of chapters and articles as regulations write them."""

from scorecore.policy.regulation.markers import write_han
from scorecore_cli.language import _, current


def number_chapter(number: int) -> str:
    return _("Chapter {number}", number=write_ordinal(number))


def number_article(number: int) -> str:
    return _("Article {number}", number=write_ordinal(number))


def write_ordinal(number: int) -> str:
    """A number below 1,000 in the reader's digits: 21, 二十一."""
    return str(number) if current() != "zh" else write_han(number)
