"""Every scorer that needs no model.

Retrieval is scored over ``answer.hits`` as they are given, best first; ``hit@10`` of an answerer that
considers 8 passages is over those 8. Gold in a copy that is listed under a hit counts at that hit's rank
(``evals.scoring.duplicates``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from evals.schema import Case
from evals.scoring.duplicates import cited_spans, retrieved_documents, retrieved_passages
from evals.scoring.gold import Gold
from evals.scoring.metrics import answers, citations, retrieval, spans
from evals.scoring.metrics.citations import ClaimSupport, Verifier
from evals.scoring.metrics.spans import Interval
from evals.scoring.scorer import AnsweredCase, Scorer, answer_text, first_cited_claim
from rag.schema import Answer

_SQUAD = "SQuAD 2.0, Rajpurkar et al. 2018"
_TREC = "trec_eval 9"
_CHROMA = "Smith & Troynikov, Chroma 2024"
_ALCE = "ALCE, Gao et al. 2023"


def deterministic_scorers(verifier: Verifier | None = None) -> tuple[Scorer, ...]:
    """Build all scorers that need no model. ``verifier`` judges support; the default is ``verbatim``.

    >>> [scorer.name for scorer in deterministic_scorers()][:4]
    ['hit@1', 'hit@4', 'hit@10', 'recall@4']
    """
    cited = (*_cited_spans(), *_claims(verifier or verbatim))
    return (*_ranked(), *_passages(), *_characters(), *_words(), *_refusal(), *cited)


def verbatim(claim: str, evidence: str) -> bool:
    """Return whether the claim's words stand in the evidence, white space ignored."""
    return " ".join(claim.split()) in " ".join(evidence.split())


def gold_ranks(passages: Sequence[Interval], gold: Sequence[Interval]) -> tuple[int | None, ...]:
    """Return for each gold span the rank, from 1, of the first passage that holds it; None when none does.

    A passage holds a span when they share at least half the characters of the shorter (``spans_match``), so that
    gold cut in two by the chunking is held by the part with most of it.
    """
    return tuple(
        next((rank for rank, passage in enumerate(passages, 1) if citations.spans_match(passage, span)), None)
        for span in gold
    )


def _ranked() -> Iterable[Scorer]:
    def scorer(name: str, about: str, measure: Callable[[Sequence[str], Mapping[str, float]], float | None]) -> Scorer:
        def score(asked: AnsweredCase) -> float | None:
            ranking = retrieval.distinct(retrieved_documents(asked.answer, asked.gold.documents))
            return measure(ranking, asked.gold.documents)

        return Scorer(name, about, f"{_TREC}, over documents", score, _has_documents)

    for k in (1, 4, 10):
        about = f"a gold document is among the first {k}" if k > 1 else "the first document is a gold one"
        yield scorer(f"hit@{k}", about, partial(retrieval.hit, k=k))
    for k in (4, 10):
        yield scorer(f"recall@{k}", f"share of the gold documents among the first {k}", partial(retrieval.recall, k=k))
    yield scorer("mrr@10", "1 / rank of the first gold document", partial(retrieval.reciprocal_rank, k=10))
    yield scorer("ndcg@10", "gold documents, graded, high up", partial(retrieval.ndcg, k=10))
    yield scorer("map", "precision averaged over the gold documents", retrieval.average_precision)


def _passages() -> Iterable[Scorer]:
    source = "as over documents; a passage holds a gold span that it shares half of the shorter with"

    def scorer(name: str, about: str, measure: Callable[[Sequence[int | None]], float]) -> Scorer:
        def score(asked: AnsweredCase) -> float | None:
            gold = asked.gold.spans
            return measure(gold_ranks(retrieved_passages(asked.answer, gold), gold)) if gold else None

        return Scorer(name, about, source, score, _has_spans)

    for k in (1, 4, 10):
        about = f"gold words are in the first {k} passages" if k > 1 else "gold words are in the first passage"
        yield scorer(f"passage_hit@{k}", about, partial(_rank_hit, k=k))
    for k in (4, 10):
        about = f"share of the gold spans in the first {k} passages"
        yield scorer(f"passage_recall@{k}", about, partial(_rank_recall, k=k))
    yield scorer("passage_mrr@10", "1 / rank of the first passage with gold words", partial(_rank_reciprocal, k=10))


def _rank_hit(ranks: Sequence[int | None], k: int) -> float:
    return float(any(rank is not None and rank <= k for rank in ranks))


def _rank_recall(ranks: Sequence[int | None], k: int) -> float:
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def _rank_reciprocal(ranks: Sequence[int | None], k: int) -> float:
    return max(1 / rank if rank is not None and rank <= k else 0.0 for rank in ranks)


def _characters() -> Iterable[Scorer]:
    source = f"{_CHROMA}, over all passages considered"

    def scorer(
        name: str, about: str, measure: Callable[[Sequence[Interval], Sequence[Interval]], float | None]
    ) -> Scorer:
        return Scorer(
            name,
            about,
            source,
            lambda asked: measure(retrieved_passages(asked.answer, asked.gold.spans), asked.gold.spans),
            _has_spans,
        )

    yield scorer("span_recall", "share of the gold characters that were retrieved", spans.span_recall)
    yield scorer("span_precision", "share of the retrieved characters that are gold", spans.span_precision)
    yield scorer("span_iou", "gold characters retrieved over all retrieved or gold", spans.span_iou)


def _words() -> Iterable[Scorer]:
    yield Scorer("exact_match", "the answer is a reference answer", _SQUAD, _exact_match, _has_reference)
    yield Scorer("token_f1", "words shared with the nearest reference answer", _SQUAD, _token_f1, _has_reference)
    for name, where, text in (
        ("answer_contained", "the answer", answer_text),
        ("answer_contained_first", "the first cited sentence", first_cited_claim),
    ):
        about = f"a reference answer stands in {where}"
        yield Scorer(name, about, "whole words in a row, as SQuAD normalises", _contains(text), _has_answers)


def _refusal() -> Iterable[Scorer]:
    yield Scorer(
        "refused_right",
        "answered what the documents answer and refused what they do not",
        "accuracy of refusing",
        lambda asked: float(asked.answer.refused != asked.case.answerable),
        lambda case, gold: True,
    )


def _cited_spans() -> Iterable[Scorer]:
    def scorer(
        name: str, about: str, source: str, measure: Callable[[Sequence[Interval], Sequence[Interval]], float | None]
    ) -> Scorer:
        def score(asked: AnsweredCase) -> float | None:
            return measure(cited_spans(asked.answer, asked.gold.spans), asked.gold.spans)

        return Scorer(name, about, source, score, _has_spans)

    chars, half = "Chroma's span recall, over cited spans", "half of the shorter span shared"
    yield scorer("evidence_covered", "share of the gold characters that are cited", chars, answers.evidence_covered)
    yield scorer("citation_precision", "share of the cited spans that meet gold", half, citations.gold_precision)
    yield scorer("citation_recall", "share of the gold spans that a cited span meets", half, citations.gold_recall)


def _claims(verifier: Verifier) -> Iterable[Scorer]:
    judged = getattr(verifier, "__name__", type(verifier).__name__)
    for name, about, source, score in (
        (
            "citation_resolves",
            "share of the citations whose words stand in the document where they say",
            "exact comparison",
            lambda asked: citations.resolved_share(asked.answer, asked.texts),
        ),
        (
            "citation_support",
            "share of the sentences that what they cite supports",
            f"citation recall of {_ALCE}; verifier: {judged}",
            lambda asked: citations.citation_recall(_support(asked, verifier)),
        ),
        (
            "citation_support_precision",
            "share of the citations that are needed for their sentence",
            f"citation precision of {_ALCE}; verifier: {judged}",
            lambda asked: citations.citation_precision(_support(asked, verifier)),
        ),
        (
            "claims_supported",
            "share of the sentences that were shown as supported",
            "the answerer's own verdicts; an answer without verdicts counts as unsupported",
            lambda asked: citations.supported_share(asked.answer),
        ),
    ):
        yield Scorer(name, about, source, score, _is_answerable)
    yield Scorer(
        "novel_words",
        "share of the words found in none of the cited sources",
        "exact comparison of words",
        lambda asked: citations.novel_words(citations.cited_claims(asked.answer)),
        _is_answerable,
        higher_is_better=False,
    )


def _support(asked: AnsweredCase, verifier: Verifier) -> Sequence[ClaimSupport]:
    return [citations.claim_support(claim, verifier) for claim in citations.cited_claims(asked.answer)]


def _exact_match(asked: AnsweredCase) -> float | None:
    case = asked.case
    return answers.exact_match(answer_text(asked.answer), case.answers) if _has_reference(case, asked.gold) else None


def _token_f1(asked: AnsweredCase) -> float | None:
    case = asked.case
    return answers.token_f1(answer_text(asked.answer), case.answers) if _has_reference(case, asked.gold) else None


def _contains(text: Callable[[Answer], str]) -> Callable[[AnsweredCase], float | None]:
    def score(asked: AnsweredCase) -> float | None:
        return answers.contains(text(asked.answer), asked.case.answers) if asked.case.answerable else None

    return score


def _has_reference(case: Case, gold: Gold) -> bool:
    """Return whether there is a text to compare with; for an unanswerable case it is the empty answer."""
    return bool(case.answers) or not case.answerable


def _has_answers(case: Case, gold: Gold) -> bool:
    return case.answerable and answers.contains("", case.answers) is not None


def _has_spans(case: Case, gold: Gold) -> bool:
    return bool(gold.spans)


def _has_documents(case: Case, gold: Gold) -> bool:
    return bool(gold.documents)


def _is_answerable(case: Case, gold: Gold) -> bool:
    return case.answerable
