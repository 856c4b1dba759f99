"""Numbers of chapters and articles as regulations write them."""

from scorecore.policy.regulation.markers import write_han
from scorecore_cli.document.model import Article, PolicyDocument
from scorecore_cli.language import _, current


def number_chapter(number: int) -> str:
    return _("Chapter {number}", number=write_ordinal(number))


def number_article(number: int) -> str:
    return _("Article {number}", number=write_ordinal(number))


def write_ordinal(number: int) -> str:
    """A number below 1,000 in the reader's digits: 21, 二十一."""
    return str(number) if current() != "zh" else write_han(number)


def number_chapters(document: PolicyDocument) -> list[tuple[str, list[tuple[str, Article]]]]:
    """The chapters by their headings, with their articles by theirs; articles are numbered through all chapters."""
    headings = iter(f"{number_article(number)} {article.title}" for number, article in document.number_articles())
    return [
        (f"{number_chapter(position)} {chapter.title}", [(next(headings), article) for article in chapter.articles])
        for position, chapter in enumerate(document.chapters, 1)
    ]
