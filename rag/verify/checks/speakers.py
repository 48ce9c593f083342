"""Check that a claim gives words to the person the source gives them to."""

from collections.abc import Iterator, Mapping, Sequence

from index.text.sentences import sentence_spans
from index.text.terms import terms
from rag.schema import Citation
from rag.speech.asked_speaker import same_person
from rag.speech.reported_speech import Speech, find_speech
from rag.speech.reporting_clauses import find_reporting_clauses
from rag.speech.tokens import MASK, tokenize
from rag.verify.checks.base import Finding
from rag.verify.checks.quoted import CheckedQuotation, shorten

_MAX_WORDS_SHOWN = 8  # of a quotation, in a reason


def claimed_speaker(claim: str) -> str:
    """Return the person the claim gives words to; empty when to nobody, or to a pronoun."""
    said = find_speech(claim, sentence_spans(claim))
    return next((one.speaker for one in said if one is not None and one.speaker), "")


def speaker_findings(
    claim: str,
    citations: Sequence[Citation],
    speeches: Mapping[str, Sequence[Speech]],
    quoted: Sequence[CheckedQuotation] = (),
) -> Iterator[Finding]:
    """Yield that the claim names one speaker where the source has the words of others only.

    ``speeches`` are those of each cited document, in the order of the citations. Quoted words are looked up where they
    stand, everything else in the cited sentences. Where the source leaves the speaker open, nothing is found.
    """
    asked = claimed_speaker(claim)
    if not asked or not citations:
        return
    documents = tuple(speeches.values())
    for one in quoted:
        near = _speaker_of_quotation(claim, one) or asked
        if one.place is not None:
            at = _speech_at(documents[one.source], *one.place)
            if at and not any(_may_fit_any(who, at, documents[one.source]) for who in (near, asked)):
                shown = shorten(one.text, _MAX_WORDS_SHOWN)
                yield Finding("speaker", "wrong", f"“{shown}” is said by {at[0].speaker} there, not {near}")
                return
            if at:
                return
    others = [c for c in citations if not _may_be_said_by(asked, c, speeches)]
    fitting = [c for c in citations if c not in others]
    # Where the cited sentences are several people's, the one that shares most with the claim decides.
    nearest = max(others, key=lambda c: _count_shared_terms(claim, asked, c), default=None)
    if nearest is None or _count_shared_terms(claim, asked, nearest) <= max(
        (_count_shared_terms(claim, asked, c) for c in fitting), default=-1
    ):
        return
    said = _speech_at(speeches[nearest.passage.document_id], nearest.start, nearest.end)
    yield Finding("speaker", "wrong", f"the cited words are {said[0].speaker}’s, not {asked}’s")


def _may_be_said_by(asked: str, citation: Citation, speeches: Mapping[str, Sequence[Speech]]) -> bool:
    """Tell whether the cited words can be those of the person asked for.

    They can unless they are clearly somebody else's.
    """
    held = speeches[citation.passage.document_id]
    said = _speech_at(held, citation.start, citation.end)
    return not said or _may_fit_any(asked, said, held)


def _count_shared_terms(claim: str, asked: str, citation: Citation) -> int:
    """Return how many terms of the claim, without the speaker's name, the cited words hold."""
    return len((set(terms(claim)) - set(terms(asked))) & set(terms(citation.text)))


def _speaker_of_quotation(claim: str, quote: CheckedQuotation) -> str:
    """Return the name in the reporting clause nearest to a quotation of the claim; empty where that has none."""
    masked = claim[: quote.start] + MASK * (quote.end - quote.start) + claim[quote.end :]
    found = tokenize(masked)
    at = next((n for n, token in enumerate(found) if token.is_quoted), 0)
    near = sorted(find_reporting_clauses(found), key=lambda c: min(abs(c.first - at), abs(c.last - at)))
    return near[0].speaker.name if near else ""


def _speech_at(held: Sequence[Speech], start: int, end: int) -> list[Speech]:
    return [said for said in held if said.start < end and start < said.end and said.speaker]


def _may_fit_any(asked: str, said: Sequence[Speech], held: Sequence[Speech]) -> bool:
    others = {one.speaker for one in held if one.speaker}
    return any(_may_be_speaker(asked, one, others) for one in said)


def _may_be_speaker(asked: str, said: Speech, others: set[str]) -> bool:
    """Tell whether both may be the same person: a role, or an unknown spelling of either, proves no difference."""
    if same_person(asked, said.speaker, said.roles, others) or same_person(said.speaker, asked):
        return True
    words, held = set(asked.casefold().split()), set(said.speaker.casefold().split())
    if words & held - {"the", "of", "for", "a"}:
        return True
    if not said.speaker[:1].isupper():
        return not any(same_person(asked, other) for other in others)
    return not asked[:1].isupper() and not any(same_person(asked, other) for other in others if other != said.speaker)
