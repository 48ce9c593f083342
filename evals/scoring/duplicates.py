"""Passages, documents and spans of an answer, where gold in a duplicate of a passage counts as found.

Copies are listed under the passage that is shown, and where a cited sentence stands elsewhere is listed with its
citation. Gold names one document of those that print the same report, not always the one that was shown. So where
gold lies in a listed copy and not in what it copies, the copy stands in its place, at its rank. Where several members
of a family are gold they follow each other, and what comes after moves down. Nothing else of a copy is counted.
"""

from collections.abc import Callable, Container, Sequence
from functools import partial
from typing import TypeVar

from evals.scoring.metrics.citations import spans_match
from evals.scoring.metrics.spans import Interval
from index.schema import Passage
from rag.answer.near_verbatim import find_near_verbatim
from rag.schema import Answer

_Member = TypeVar("_Member")


def retrieved_passages(answer: Answer, gold: Sequence[Interval] = ()) -> tuple[Interval, ...]:
    """List the passages an answer considered, best first; a copy that holds ``gold`` replaces its original."""
    return tuple(
        _interval(member)
        for hit in answer.hits
        for member in _standing((hit.passage, *hit.copies), partial(_shares_gold, hit.passage, gold))
    )


def retrieved_documents(answer: Answer, gold: Container[str] = ()) -> tuple[str, ...]:
    """List the documents of the passages considered, best first, with repeats; ``gold`` in place of its copies."""
    families = ([passage.document_id for passage in (hit.passage, *hit.copies)] for hit in answer.hits)
    return tuple(document for family in families for document in _standing(family, gold.__contains__))


def cited_spans(answer: Answer, gold: Sequence[Interval] = ()) -> tuple[Interval, ...]:
    """List the spans an answer cites, each once; a ``gold`` span of another document with the same words instead."""
    cited = [c for claim in answer.claims for c in claim.citations]
    families = [((c.passage.document_id, c.start, c.end), *map(_interval, c.also_in)) for c in cited]
    return tuple(dict.fromkeys(span for family in families for span in _standing(family, partial(_is_gold, gold))))


def cited_documents(answer: Answer) -> frozenset[str]:
    """Return every document that holds cited words."""
    cited = [c for claim in answer.claims for c in claim.citations]
    return frozenset(passage.document_id for c in cited for passage in (c.passage, *c.also_in))


def _standing(members: Sequence[_Member], holds_gold: Callable[[_Member], bool]) -> Sequence[_Member]:
    """Return those members of a family that are gold, else the one that is shown."""
    return tuple(filter(holds_gold, members)) or members[:1]


def _shares_gold(shown: Passage, gold: Sequence[Interval], copy: Passage) -> bool:
    """Return whether gold lies in the copy and the passage that is shown says the same words."""
    for span in gold:
        if spans_match(_interval(copy), span):
            words = copy.text[max(0, span[1] - copy.start) : span[2] - copy.start]
            if copy == shown or find_near_verbatim(words, shown.text):
                return True
    return False


def _is_gold(gold: Sequence[Interval], span: Interval) -> bool:
    return any(spans_match(span, wanted) for wanted in gold)


def _interval(passage: Passage) -> Interval:
    return passage.document_id, passage.start, passage.end
