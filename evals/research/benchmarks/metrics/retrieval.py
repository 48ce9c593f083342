"""How well each system finds: the gold document in its ranking, or gold spans in equally much text."""

from collections.abc import Callable, Mapping, Sequence

from evals.research.benchmarks.measure import Measurements
from evals.research.benchmarks.metrics.figures import Difference, Figure, Scores, differences_to_baselines, mean_figure
from evals.research.benchmarks.systems.llamaindex import DEFAULT_TOP_K
from evals.schema import Case
from evals.scoring.metrics.retrieval import distinct, hit, ndcg, reciprocal_rank
from evals.scoring.metrics.spans import Interval, span_iou, span_precision, span_recall
from evals.stats.interval import CaseScore

BUDGETS = (2_000, 4_000, 8_000)
"""Characters read when systems are compared by spans."""

Score = Callable[[Case, Sequence[Interval]], float | None]
Relevance = Mapping[str, Mapping[str, int]]


def retrieval_figures(measured: Measurements, ours: str) -> tuple[list[Figure], list[Difference]]:
    """Measure every system, and the difference of ``ours`` from each of the others."""
    given = measured.given
    measures = span_measures(measured) if given.by_spans else document_measures(given.relevance)
    figures: list[Figure] = []
    apart: list[Difference] = []
    for name, score in measures.items():
        scores = _scores(measured, score)
        figures += [mean_figure(name, system, scores[system]) for system in scores]
        apart += differences_to_baselines(name, ours, scores)
    return figures, apart


def document_measures(relevance: Relevance) -> dict[str, Score]:
    """Return rank measures over documents, each counted where its first passage stands.

    The last one asks whether a gold document is among as many passages as LlamaIndex hands on by default.
    """

    def hit_at(k: int) -> Score:
        return lambda case, found: hit(_documents(found), relevance[case.id], k)

    return {
        "hit@1": hit_at(1),
        "hit@4": hit_at(4),
        "hit@10": hit_at(10),
        "MRR@10": lambda case, found: reciprocal_rank(_documents(found), relevance[case.id], 10),
        "nDCG@10": lambda case, found: ndcg(_documents(found), relevance[case.id], 10),
        f"hit in {DEFAULT_TOP_K} passages": lambda case, found: hit(
            _documents(found[:DEFAULT_TOP_K]), relevance[case.id], DEFAULT_TOP_K
        ),
    }


def span_measures(measured: Measurements) -> dict[str, Score]:
    """Return span recall, precision and IoU once each budget of characters is read in the order found."""
    gold = {
        name: [(span.document_id, span.start, span.end) for span in spans]
        for name, spans in measured.given.gold.items()
    }
    metrics = {"recall": span_recall, "precision": span_precision, "IoU": span_iou}

    def at(metric: Callable[..., float | None], budget: int) -> Score:
        return lambda case, found: metric(first_characters(found, budget), gold[case.id])

    return {
        f"span {name} in {budget:,} characters": at(metric, budget)
        for budget in BUDGETS
        for name, metric in metrics.items()
    }


def first_characters(found: Sequence[Interval], budget: int) -> list[Interval]:
    """Return the first ``budget`` characters of the found passages: whole ones, then the beginning of the next."""
    taken: list[Interval] = []
    for document, start, end in found:
        if budget <= 0:
            break
        taken.append((document, start, min(end, start + budget)))
        budget -= end - start
    return taken


def _documents(found: Sequence[Interval]) -> tuple[str, ...]:
    return distinct(name for name, _, _ in found)


def _scores(measured: Measurements, score: Score) -> Scores:
    return {
        system: [_case_score(case, searches[case.id].value, score) for case in measured.given.answerable]
        for system, searches in measured.searches.items()
    }


def _case_score(case: Case, found: Sequence[Interval] | None, score: Score) -> CaseScore:
    if found is None:
        return CaseScore(case.id, case.group, None, crashed=True)
    return CaseScore(case.id, case.group, score(case, found))
