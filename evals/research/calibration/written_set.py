"""The written documents that no reader was trained on, as sets to fit on: together, and each one alone."""

from collections.abc import Iterator, Sequence

from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.training.written import WrittenDocument, read_written
from evals.schema import Case, Evidence

WRITTEN, ALONE = "written", "written-alone"


def written_sets() -> Iterator[BenchmarkSet]:
    """Yield the documents of the ``evidence`` part with their questions: all as one set, then each as one of its own.

    People ask a single leaflet as well as a shelf of them, and figures such as ranks and similarities differ there.
    """
    kept = [one for one in read_written() if one.part == "evidence"]
    yield _as_set(WRITTEN, kept)
    yield from (_as_set(ALONE, [one]) for one in kept)


def _as_set(name: str, written: Sequence[WrittenDocument]) -> BenchmarkSet:
    cases = [case for one in written for case in _cases(one)]
    return BenchmarkSet(
        name=name,
        documents={one.document.id: one.document for one in written},
        answerable=tuple(case for case in cases if case.answerable),
        unanswerable=tuple(case for case in cases if not case.answerable),
        whole_corpus=True,
    )


def _cases(written: WrittenDocument) -> Iterator[Case]:
    """Yield a case for each question whose answering sentences are found in the text as it was read."""
    document = written.document
    for n, question in enumerate(written.questions):
        spans = written.answering_spans(question)
        if spans is not None:
            yield Case(
                id=f"{document.id}-{n}",
                question=question.text,
                answers=(question.answer,) if question.answer else (),
                evidence=tuple(Evidence(document.id, start=start, end=end) for start, end in spans),
                answerable=bool(spans),
                group=document.source,
            )
