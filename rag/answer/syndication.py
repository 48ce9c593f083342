"""Find the other documents that carry the cited words, such as reprints of a wire report, and name them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from index.schema import Hit, Passage
from index.text.terms import fold_words
from rag.answer.near_verbatim import find_near_verbatim
from rag.prompts import ALSO_CARRIED
from rag.schema import Citation, Claim

_MAX_NAMED = 3  # the rest are only counted
_MIN_WORDS = 8  # shorter texts, such as "He did not reply.", are looked for only in copies of the passage


def with_carriers(claim: Claim, hits: Sequence[Hit]) -> Claim:
    """Return the claim with each citation's ``also_in`` filled from the passages found."""
    return replace(claim, citations=tuple(replace(c, also_in=find_carriers(c, hits)) for c in claim.citations))


def find_carriers(citation: Citation, hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """Return the cited words as other documents carry them: one slice of each, copies of the passage first."""
    found: dict[str, Passage] = {}
    for passage in _candidate_passages(citation, hits):
        if passage.document_id != citation.passage.document_id and passage.document_id not in found:
            span = find_near_verbatim(citation.text, passage.text)
            if span:
                found[passage.document_id] = _slice(passage, *span)
    return tuple(found.values())


def carriers(citation: Citation) -> tuple[str, ...]:
    """Return the names of those who carry the cited words beside the cited document's own outlet, each once.

    A carrier is named by the ``outlet`` that its file states, else by the name of the file, else by its title.
    """
    own = _carrier_key(citation.passage)
    by_key = {_carrier_key(passage): _carrier_name(passage) for passage in citation.also_in}
    return tuple(name for key, name in by_key.items() if key != own)


def carried_by(citation: Citation) -> str:
    """Return ``"also carried by 3 other outlets: A, B, C"``; empty when nobody else carries the cited words."""
    names = carriers(citation)
    if not names:
        return ""
    outlets = all(passage.metadata.get("outlet") for passage in citation.also_in)
    noun = ("outlet" if outlets else "source") + ("s" if len(names) > 1 else "")
    rest = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ALSO_CARRIED.format(count=len(names), noun=noun, names=", ".join(names[:_MAX_NAMED]) + rest)


def _candidate_passages(citation: Citation, hits: Iterable[Hit]) -> Iterator[Passage]:
    own = [hit for hit in hits if citation.passage.id in {passage.id for passage in (hit.passage, *hit.copies)}]
    ids = {hit.passage.id for hit in own}
    others = [hit for hit in hits if hit.passage.id not in ids] if len(fold_words(citation.text)) >= _MIN_WORDS else []
    for hit in (*own, *others):
        yield from (hit.passage, *hit.copies)


def _slice(passage: Passage, start: int, end: int) -> Passage:
    return replace(passage, start=passage.start + start, end=passage.start + end, text=passage.text[start:end])


def _carrier_key(passage: Passage) -> str:
    outlet = passage.metadata.get("outlet", "").strip()
    return f"outlet {outlet.casefold()}" if outlet else f"document {passage.document_id}"


def _carrier_name(passage: Passage) -> str:
    said = (passage.metadata.get("outlet", ""), PurePath(passage.source).name, passage.title, passage.document_id)
    return next(name for name in (" ".join(text.split()) for text in said) if name)
