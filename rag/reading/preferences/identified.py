"""Keep to the article, room, order or year that a question names by its number."""

import re
from collections.abc import Callable, Sequence

from index.schema import Document, Passage
from rag.question.identifiers import Identifier, identifiers, unmet
from rag.reading.sentence_ranker import Quote

_ROW = re.compile(r" \| |\S: [^;\n]+; [^;:\n]+: ")  # "a | b" or "column: value; column: value"


def prefer_identified(
    quotes: Sequence[Quote], question: str, read: Callable[[str], Document]
) -> tuple[tuple[Quote, ...], tuple[Identifier, ...]]:
    """Put first the quotes whose passage speaks of every identifier in ``question``, rows that do themselves foremost.

    A passage of a table holds many rows alike, of which only the one with the identifier answers.

    Returns the quotes and, where no passage does and the document of the best quote does not either, the identifiers
    that it lacks: what it says is about something else.
    """
    wanted = identifiers(question)
    if not wanted or not quotes:
        return tuple(quotes), ()
    lacking = {quote.passage.id: bool(unmet(wanted, *_texts(quote.passage))) for quote in quotes}
    ordered = tuple(sorted(quotes, key=lambda quote: (lacking[quote.passage.id], not _is_the_asked_one(quote, wanted))))
    if not lacking[ordered[0].passage.id]:
        return ordered, ()
    best = ordered[0].passage
    return ordered, unmet(wanted, *_texts(best), read(best.document_id).text)


def _is_the_asked_one(quote: Quote, wanted: Sequence[Identifier]) -> bool:
    return is_numbered(quote, wanted) or _is_row_of(wanted, quote.text)


def is_numbered(quote: Quote, wanted: Sequence[Identifier]) -> bool:
    """Tell whether the quote is the very clause, article or step that is asked for: it begins with its number."""
    return any(
        re.match(rf"(?:\w+ )?{re.escape(each.number)}[.:)]?\s", quote.text) is not None for each in wanted if each.noun
    )


def is_row(text: str) -> bool:
    """Tell whether ``text`` is a row of a table as it is stored."""
    return _ROW.search(text) is not None


def _is_row_of(wanted: Sequence[Identifier], text: str) -> bool:
    return is_row(text) and not unmet(wanted, text)


def _texts(passage: Passage) -> tuple[str, ...]:
    return (
        passage.text,
        *(h.label for h in passage.headings),
        passage.title,
        passage.source,
        passage.metadata.get("date", ""),
    )
