"""Answer "which documents mention X": every document that does, with the first sentence where it stands."""

import re
from collections.abc import Callable, Sequence

from index.schema import Passage
from index.text.sentences import sentence_spans
from index.text.terms import fold_word, terms
from rag.answer.kinds.key_sentences import is_prose
from rag.answer.kinds.listing import Overview
from rag.reading.sentence_ranker import Quote

_ARTICLE = re.compile(r"^(?:the|a|an|any|some) ", re.IGNORECASE)
MOST_PASSAGES = 20_000  # looked through for one answer
_SHOWN = 30  # documents that are listed


def mentions(subject: str, passages: Sequence[Passage]) -> Overview | None:
    """List the documents among ``passages`` that mention ``subject``, with the first sentence of each that does.

    Those with its very words count; where there are none, those with all its terms in one sentence. None where
    nothing does.
    """
    words = _ARTICLE.sub("", subject).strip(" \"“”'")
    found = _first_by_document(passages, _with_words(words)) or _first_by_document(passages, _with_terms(words))
    if not found:
        return None
    noun = "One document mentions" if len(found) == 1 else f"{len(found):,} documents mention"
    more = f" The first {_SHOWN}:" if len(found) > _SHOWN else ":"
    return Overview(f"{noun} {subject}{more}", tuple(found.values())[:_SHOWN])


def _with_words(words: str) -> Callable[[str], bool]:
    pattern = re.compile(rf"(?<!\w){re.escape(fold_word(words))}(?:['’]?s|es)?(?!\w)")
    return lambda text: pattern.search(fold_word(text)) is not None


def _with_terms(words: str) -> Callable[[str], bool]:
    wanted = frozenset(terms(words))
    return lambda text: bool(wanted) and wanted <= frozenset(terms(text))


def _first_by_document(passages: Sequence[Passage], holds: Callable[[str], bool]) -> dict[str, Quote]:
    found: dict[str, Quote] = {}
    for passage in sorted(passages, key=lambda p: (p.document_id, p.start)):
        if passage.document_id in found or not holds(passage.text):
            continue
        spans = [(a, b) for a, b in sentence_spans(passage.text) if holds(passage.text[a:b])]
        if spans:
            # A sentence of the text says more than a title or a by-line.
            start, end = next((span for span in spans if is_prose(passage.text[slice(*span)])), spans[0])
            found[passage.document_id] = Quote(passage, passage.start + start, passage.start + end, 1.0, ())
    return found
