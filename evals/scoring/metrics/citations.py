"""Metrics of citations: whether each resolves, matches gold, and supports its claim.

By support: ALCE (Gao et al., "Enabling Large Language Models to Generate Text with Citations", EMNLP 2023).
By gold: spans of documents, the overlap rule being ``spans_match``.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from evals.scoring.metrics.spans import Interval, merge_intervals, shared_characters
from rag.schema import Answer, Citation

Verifier: TypeAlias = Callable[[str, str], bool]
"""``verifier(claim, evidence)``: does the evidence, by itself, support the claim?"""

_WORD = re.compile(r"[^\W_]+(?:(?<=\d)[.,](?=\d)[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """One statement and the text of each source it cites."""

    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimSupport:
    """Whether the sources together support the claim, and for each source whether citing it was right."""

    supported: bool
    relevant: tuple[bool, ...]


def cited_claims(answer: Answer, *, whole_passages: bool = False) -> tuple[CitedClaim, ...]:
    """List the claims of an answer with the words they cite, or with the whole passages as ALCE reads them."""
    return tuple(
        CitedClaim(claim.text, tuple(c.passage.text if whole_passages else c.text for c in claim.citations))
        for claim in answer.claims
    )


def claim_support(claim: CitedClaim, verifier: Verifier) -> ClaimSupport:
    """Judge one claim as ALCE does.

    Supported: its sources, joined by line breaks, support it. A citation is irrelevant when its source alone
    does not support the claim and the others without it still do; it is right when the claim is supported and
    it is not irrelevant. ALCE's script looks at the first three citations only; here all count.
    """
    sources = claim.sources
    if not sources or not verifier(claim.text, "\n".join(sources)):
        return ClaimSupport(supported=False, relevant=(False,) * len(sources))
    if len(sources) == 1:
        return ClaimSupport(supported=True, relevant=(True,))
    return ClaimSupport(True, tuple(_is_needed(claim, i, verifier) for i in range(len(sources))))


def citation_recall(support: Sequence[ClaimSupport]) -> float | None:
    """Return share of an answer's claims that their citations support; None without claims (ALCE)."""
    return sum(claim.supported for claim in support) / len(support) if support else None


def citation_precision(support: Sequence[ClaimSupport]) -> float | None:
    """Return share of an answer's citations that are right; 0 for claims that cite nothing, None without claims."""
    if not support:
        return None
    judged = [right for claim in support for right in claim.relevant]
    return sum(judged) / len(judged) if judged else 0.0


def spans_match(one: Interval, other: Interval) -> bool:
    """Return whether two spans share at least half the characters of the shorter one.

    A sentence that holds a short gold answer meets it, and so does a sentence out of a long gold passage; a
    span that only grazes the gold does not.
    """
    shorter = min(one[2] - one[1], other[2] - other[1])
    return shorter > 0 and 2 * shared_characters(one, other) >= shorter


def gold_precision(cited: Sequence[Interval], gold: Iterable[Interval]) -> float | None:
    """Return the share of the cited spans that match a gold span; 0 when nothing is cited, None without gold."""
    wanted = _separate(gold)
    if not wanted:
        return None
    return sum(any(spans_match(span, g) for g in wanted) for span in cited) / len(cited) if cited else 0.0


def gold_recall(cited: Sequence[Interval], gold: Iterable[Interval]) -> float | None:
    """Return the share of the gold spans that a cited span matches; None without gold.

    Overlapping gold spans count as one. How many gold *characters* are cited is ``answers.evidence_covered``.
    """
    wanted = _separate(gold)
    if not wanted:
        return None
    return sum(any(spans_match(span, g) for span in cited) for g in wanted) / len(wanted)


def unresolved_citations(answer: Answer, texts: Mapping[str, str]) -> tuple[Citation, ...]:
    """List the citations that do not lead to their words; ``texts`` maps document ids to texts.

    A citation resolves when its document is known, its span is not empty and lies within its passage, and the
    document's text there is exactly the text shown.
    """
    return tuple(c for c in _citations(answer) if not _resolves(c, texts))


def resolved_share(answer: Answer, texts: Mapping[str, str]) -> float | None:
    """Return share of an answer's citations that resolve; None when it cites nothing."""
    total = len(_citations(answer))
    return 1 - len(unresolved_citations(answer, texts)) / total if total else None


def supported_share(answer: Answer) -> float | None:
    """Return share of an answer's claims that were called supported when they were shown; None when there are none."""
    verdicts = [claim.verdict == "supported" for claim in answer.claims]
    return sum(verdicts) / len(verdicts) if verdicts else None


def novel_words(claims: Iterable[CitedClaim]) -> float | None:
    """Return share of the claims' words found in none of the sources their claim cites; lower is better.

    Words are runs of letters and digits, case-folded, a number with its marks being one word ("1,200" is
    "1200"). Every word counts, function words too. None without words. A plain bound on invention rather than
    a published metric: a verbatim quote scores 0.
    """
    total = novel = 0
    for claim in claims:
        known = {word for source in claim.sources for word in _words(source)}
        said = _words(claim.text)
        total += len(said)
        novel += sum(word not in known for word in said)
    return novel / total if total else None


def _is_needed(claim: CitedClaim, position: int, verifier: Verifier) -> bool:
    if verifier(claim.text, claim.sources[position]):
        return True
    others = claim.sources[:position] + claim.sources[position + 1 :]
    return not verifier(claim.text, "\n".join(others))


def _separate(spans: Iterable[Interval]) -> list[Interval]:
    return [(document, start, end) for document, ranges in merge_intervals(spans).items() for start, end in ranges]


def _citations(answer: Answer) -> tuple[Citation, ...]:
    """List every citation of every claim; ``Answer.citations`` would hide two that share a marker."""
    return tuple(citation for claim in answer.claims for citation in claim.citations)


def _resolves(citation: Citation, texts: Mapping[str, str]) -> bool:
    passage, text = citation.passage, texts.get(citation.passage.document_id)
    if text is None or not passage.start <= citation.start < citation.end <= passage.end:
        return False
    return text[citation.start : citation.end] == citation.text


def _words(text: str) -> list[str]:
    return [word.casefold().replace(",", "") for word in _WORD.findall(text)]
