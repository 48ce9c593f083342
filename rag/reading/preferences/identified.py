"""Keep to the article, room, order or year that a question names by its number."""

import re
from collections.abc import Callable, Sequence

from index.schema import Document, Passage
from index.text.headings import heading_path
from rag.question.identifiers import Identifier, identifiers, unmet
from rag.reading.sentence_ranker import Quote

# Every numbered text has sections; articles only one that calls its parts so.
_OF_ANY_DOCUMENT = frozenset("section clause paragraph item rule part chapter step number".split())
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
    named = {quote.passage.id for quote in quotes if not lacking[quote.passage.id] and _names_all(wanted, quote)}
    if named:  # where "Article 5" stands somewhere, a mere 5 elsewhere is another number
        lacking = {id_: id_ not in named for id_ in lacking}
    ordered = tuple(sorted(quotes, key=lambda quote: (lacking[quote.passage.id], not _is_the_asked_one(quote, wanted))))
    if not lacking[ordered[0].passage.id]:
        return ordered, ()
    best = ordered[0].passage
    return ordered, unmet(wanted, *_texts(best), read(best.document_id).text)


def _is_the_asked_one(quote: Quote, wanted: Sequence[Identifier]) -> bool:
    return is_numbered(quote, wanted) or _is_row_of(wanted, quote.text)


def _names_all(wanted: Sequence[Identifier], quote: Quote) -> bool:
    return is_numbered(quote, wanted) or all(
        any(identifier.is_named_in(text) for text in _texts(quote.passage)) for identifier in wanted
    )


def is_numbered(quote: Quote, wanted: Sequence[Identifier]) -> bool:
    """Tell whether the quote is the very clause, article or step that is asked for: it begins with its number.

    What stands under a heading that begins with it is meant too.
    """
    passage = quote.passage
    above = heading_path(passage.headings, quote.start, passage.title)
    spoken = "\n".join((passage.title, passage.text, *above)).casefold()
    return any(
        _begins_with(each, text, bare=each.noun.casefold() in _OF_ANY_DOCUMENT or each.noun.casefold() in spoken)
        for each in wanted
        if each.noun
        for text in (quote.text, *above)
    )


def _begins_with(wanted: Identifier, text: str, *, bare: bool) -> bool:
    """Tell whether ``text`` begins with what is ``wanted``, or with the ``bare`` number."""
    noun = rf"(?:{re.escape(wanted.noun)}|§) ?"
    pattern = rf"(?:{noun}){'?' if bare else ''}{re.escape(wanted.number)}[.:)]?\s"
    return re.match(pattern, text, re.IGNORECASE) is not None


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
