"""Small made-up runs for the tests of reports, scored and summed up by the project's own functions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evals.runner.estimates import estimate_metrics
from evals.runner.records import Result, Run
from evals.runner.summary import summarize

METRICS: dict[str, dict[str, Any]] = {
    "ndcg@10": {"about": "gold documents, graded, high up"},
    "span_recall": {"about": "share of the gold characters that were retrieved"},
    "answer_contained": {"about": "a reference answer stands in the answer"},
    "evidence_covered": {"about": "share of the gold characters that are cited"},
    "novel_words": {
        "about": "share of the words found in none of the cited sources",
        "higher_is_better": False,
    },
}
TEXT = "Opening 😀 words. The mayor resigned on Friday after the vote. She gave no reason. <b>Bold</b> & more."
CITED = "The mayor resigned on Friday after the vote."


def hit(document: str = "doc-1", *, start: int = 100, text: str = TEXT, rank: int = 1) -> dict[str, Any]:
    return {
        "text": text,
        "document": document,
        "title": f"Report {document}",
        "source": f"articles/{document}.txt",
        "metadata": {"date": "2025-02-12", "outlet": "Example Wire"},
        "start": start,
        "end": start + len(text),
        "score": 0.9 / rank,
        "ranks": {"dense": rank, "keyword": rank + 1},
    }


def answer(document: str = "doc-1", *, refused: bool = False, confidence: float = 0.7, **more: Any) -> dict[str, Any]:
    at = 100 + TEXT.index(CITED)
    citation = {**hit(document), "marker": 1, "text": CITED, "start": at, "end": at + len(CITED)}
    for name in ("score", "ranks"):
        del citation[name]
    claim = {"text": CITED, "verdict": "supported", "reason": "quoted", "citations": [1]}
    return {
        "question": "When did the mayor resign?",
        "query": "mayor resign when",
        "answer": "The documents do not say." if refused else f"{CITED} [1]",
        "refused": refused,
        "reason": "The documents do not say." if refused else "",
        "confidence": confidence,
        "answerer": "quoted",
        "claims": [] if refused else [claim],
        "citations": [] if refused else [citation],
        "hits": [hit(f"{document}-other", text="Something else.", rank=1), hit(document, rank=2)],
        "timings": {"retrieve": 0.02, "answer": 0.05},
        **more,
    }


def result(number: int, *, right: bool = True, crashed: bool = False, refused: bool = False, **more: Any) -> Result:
    document = f"doc-{number % 12}"
    at = 100 + TEXT.index(CITED)
    worth = None if refused and right else float(right)
    scores: Mapping[str, float | None] = {
        "ndcg@10": 0.63 if not crashed else 0.0,
        "span_recall": 0.5 + 0.5 * right,
        "answer_contained": worth,
        "evidence_covered": worth,
        "novel_words": None if worth is None else 0.0 if right else 0.25 + 0.75 * crashed,
    }
    made = Result(
        case_id=f"case-{number:03}",
        group=document,
        tags=("when", "paraphrase") if number % 3 else ("who",),
        status="crashed" if crashed else "answered",
        seconds=0.05 + 0.01 * (number % 7),
        case={
            "id": f"case-{number:03}",
            "question": f"When did mayor {number} resign?",
            "history": [{"question": "Who resigned?", "answer": "The mayor."}] if number % 4 == 1 else [],
            "answers": [] if refused and right else ["on Friday", "Friday"],
            "evidence": [] if refused and right else [{"document": f"{document}.txt", "quote": CITED}],
            "answerable": not (refused and right),
        },
        gold=() if refused and right else ((document, at, at + len(CITED)),),
        answer={}
        if crashed
        else answer(document, refused=refused, confidence=0.1 if refused else 0.4 + (number * 37 % 60) / 100),
        scores=scores,
        error="ValueError: the model gave nothing" if crashed else "",
        why="" if right or crashed else "The gold passage was retrieved at rank 2, but another sentence was cited.",
    )
    return replace(made, **more)


def a_run(*results: Result, **more: Any) -> Run:
    found = results or tuple(result(i, right=i % 6 != 2, crashed=i == 8, refused=i % 10 in (3, 4)) for i in range(60))
    made = Run(
        id="20250301-120000-ab12",
        set_name="mayors",
        set_sha256="5f" * 32,
        answerer="onrecord",
        started="2025-03-01T12:00:00Z",
        finished="2025-03-01T12:04:10Z",
        conditions={
            "settings": {"top_k": 8, "refuse_below": 0.2},
            "metrics": METRICS,
            "commit": "0123456789abcdef0123456789abcdef01234567",
            "seed": 0,
        },
        results=found,
        estimates=estimate_metrics(found, METRICS),
        summary=summarize(found),
    )
    return replace(made, **more)
