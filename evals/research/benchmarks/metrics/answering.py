"""How well Onrecord quotes: the answer inside what it cites, and how much it cites."""

from collections.abc import Callable, Iterable
from functools import partial

from evals.research.benchmarks.measure import Measurements
from evals.research.benchmarks.metrics.figures import Figure, mean_figure
from evals.schema import Case, Span
from evals.scoring.duplicates import cited_spans
from evals.scoring.metrics.answers import contains
from evals.scoring.metrics.citations import gold_precision, gold_recall
from evals.stats.interval import CaseScore
from rag.schema import Answer


def answer_figures(measured: Measurements, system: str) -> list[Figure]:
    """Measure short answers by containment or longer evidence by sentences cited, whichever the set has more of.

    A refusal counts as 0.
    """
    given = measured.given
    short = [case for case in given.answerable if given.has_short_answer(case)]
    long = [case for case in given.answerable if given.gold[case.id] and not given.has_short_answer(case)]
    figures = []
    if short and len(short) >= len(long):
        for name, count in (
            ("answer in first cited sentence", 1),
            ("… in first two", 2),
            ("… in all cited", None),
        ):
            scores = _scores(measured, short, partial(_inside, count=count))
            figures.append(mean_figure(name, system, scores))
        answered = [case for case in short if (answer := measured.answers[case.id].value) and not answer.refused]
        kept = _scores(measured, answered, partial(_inside, count=None))
        figures.append(mean_figure("… in all cited, of those answered", system, kept))
    if len(long) > len(short):
        f1 = _scores(measured, long, lambda case, answer: evidence_f1(answer, given.gold[case.id]))
        figures.append(mean_figure("evidence-sentence F1", system, f1))
    counted = [
        CaseScore(case.id, case.group, float(len(answer.citations)))
        for case in given.answerable
        if (answer := measured.answers[case.id].value) and not answer.refused
    ]
    return [*figures, mean_figure("sentences cited when answering", system, counted, share=False)]


def _inside(case: Case, answer: Answer, count: int | None) -> float:
    return answer_inside(answer, case, count)


def answer_inside(answer: Answer, case: Case, count: int | None) -> float:
    """Return 1 when a reference answer stands in one of the first ``count`` cited sentences, in all if None."""
    cited = answer.citations[:count]
    return max((contains(citation.text, case.answers) or 0.0 for citation in cited), default=0.0)


def evidence_f1(answer: Answer, gold: Iterable[Span]) -> float:
    """Return F1 of cited sentences against gold ones, which match by ``spans_match``."""
    wanted = [(span.document_id, span.start, span.end) for span in gold]
    cited = cited_spans(answer, wanted)
    precision, recall = gold_precision(cited, wanted) or 0.0, gold_recall(cited, wanted) or 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _scores(measured: Measurements, cases: Iterable[Case], score: Callable[[Case, Answer], float]) -> list[CaseScore]:
    found = [(case, measured.answers[case.id].value) for case in cases]
    return [
        CaseScore(case.id, case.group, None, crashed=True)
        if answer is None
        else CaseScore(case.id, case.group, score(case, answer))
        for case, answer in found
    ]
