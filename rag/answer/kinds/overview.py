"""Answer "what is this about" and "summarise X": key sentences of the documents meant, each cited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.schema import Document, DocumentInfo, Passage
from index.text.sentences import Span
from rag.answer.caption import caption
from rag.answer.kinds.about_library import described, quoted_title
from rag.answer.kinds.key_sentences import key_sentences
from rag.question.target import subject_terms
from rag.reading.sentence_ranker import Quote

_SIDE_BY_SIDE = 3  # documents that get several sentences each; of more, one line each is shown
_LINES = 7  # documents that are shown with one line each


@dataclass(frozen=True, slots=True)
class Overview:
    """Sentences to cite, and the words said before them."""

    lead: str
    quotes: tuple[Quote, ...]


def overview(
    documents: Sequence[DocumentInfo],
    subject: str,
    *,
    read: Callable[[str], Document],
    passages_of: Callable[[str], Sequence[Passage]],
    idf: Callable[[str], float],
) -> Overview:
    """Say what ``documents`` say: three to seven sentences of one, two or three each of a few, one each of many.

    Of more documents than can be shown the newest come first. Sentences about ``subject`` are preferred.
    """
    few = len(documents) <= _SIDE_BY_SIDE
    shown = documents if few else sorted(documents, key=_date, reverse=True)[:_LINES]
    most = None if len(documents) == 1 else 3 if few else 1
    wanted = subject_terms(subject) if subject else frozenset()
    quotes: list[Quote] = []
    for info in shown:
        document = read(info.id)
        spans = key_sentences(document, idf, most=most, subject=wanted)
        quotes += quotes_at(spans, passages_of(info.id))
    return Overview(_lead(documents, shown), tuple(quotes))


def quotes_at(spans: Sequence[Span], passages: Sequence[Passage]) -> list[Quote]:
    """Give the spans of a document as quotes, each in the first passage that holds it; one cut in two is left out."""
    held = ((next((p for p in passages if p.start <= a and b <= p.end), None), a, b) for a, b in spans)
    return [Quote(passage, a, b, 1.0, ()) for passage, a, b in held if passage is not None]


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
