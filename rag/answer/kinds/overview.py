"""Answer "what is this about" and "summarise X": key sentences of the documents meant, each cited."""

from collections.abc import Callable, Sequence

from index.schema import Document, DocumentInfo, Passage
from index.text.plural import plural
from index.text.sentences import Span
from rag.answer.caption import caption
from rag.answer.kinds.about_library import described, quoted_title
from rag.answer.kinds.key_sentences import key_sentences
from rag.answer.kinds.listing import Overview, quotes_at
from rag.answer.kinds.tables.rows import MOST_CHARACTERS, find_tables
from rag.question.target import NamedSection, subject_terms
from rag.reading.sentence_ranker import Quote

_SIDE_BY_SIDE = 3  # documents that get several sentences each; of more, one line each is shown
_LINES = 7  # documents that are shown with one line each


def overview(
    documents: Sequence[DocumentInfo],
    subject: str,
    *,
    read: Callable[[str], Document],
    passages_of: Callable[[str], Sequence[Passage]],
    idf: Callable[[str], float],
    most: int | None = None,
    section: NamedSection | None = None,
) -> Overview:
    """Say what ``documents`` say: three to seven sentences of one, two or three each of a few, one each of many.

    Of more documents than can be shown the newest come first. Sentences about ``subject`` are preferred. ``most`` is
    how many sentences are wanted of one document; only those of the ``section`` are shown where it is given.
    """
    few = len(documents) <= _SIDE_BY_SIDE
    shown = documents if few else sorted(documents, key=_date, reverse=True)[:_LINES]
    each = most if len(documents) == 1 else 3 if few else 1
    wanted = subject_terms(subject) if subject else frozenset()
    within = (section.start, section.end) if section else None
    quotes: list[Quote] = []
    tables: list[str] = []
    for info in shown:
        document = read(info.id)
        spans = key_sentences(document, idf, most=each, subject=wanted, within=within)
        if not spans and within is None:
            said, spans = _of_tables(document)
            tables += [said] if said else []
        quotes += quotes_at(spans, passages_of(info.id))
    lead = f"“{section.label}” in {quoted_title(documents[0])}:" if section else _lead(documents, shown)
    if tables and len(documents) == 1:
        return Overview(tables[0], tuple(quotes))
    return Overview("\n".join([*tables, lead]), tuple(quotes))


def _of_tables(document: Document) -> tuple[str, tuple[Span, ...]]:
    """Say of which tables a document without running text consists, and where the first row stands."""
    tables = find_tables(document) if len(document.text) <= MOST_CHARACTERS else ()
    if not tables:
        return "", ()
    first = tables[0]
    rest = f" and {plural(len(tables) - 1, 'further table')}" if len(tables) > 1 else ""
    said = f"“{document.title}” is a table of {plural(len(first.rows), 'row')}{rest}: {', '.join(first.columns)}."
    return said, ((first.rows[0].start, first.rows[0].end),)


def _lead(documents: Sequence[DocumentInfo], shown: Sequence[DocumentInfo]) -> str:
    if len(documents) == 1:
        known = caption(documents[0].metadata)
        return f"{quoted_title(documents[0])}{f' ({known})' if known else ''}, in short:"
    if len(documents) <= _SIDE_BY_SIDE:
        return f"{' and '.join(map(described, documents))}, in short:"
    if len(shown) < len(documents):
        return f"There are {len(documents):,} documents. One sentence from each of the {len(shown)} newest:"
    return f"There are {len(documents):,} documents. One sentence from each:"


def _date(info: DocumentInfo) -> str:
    return info.metadata.get("date", "")
