"""Answers as plain data, for JSON."""

from typing import Any

from index.schema import Hit, Passage
from rag.carriers import carriers
from rag.schema import Answer, Citation
from rag.scope import scope_to_dict


def to_dict(answer: Answer) -> dict[str, Any]:
    """The whole answer: text, claims, citations and hits, with offsets into the documents' texts."""
    return {
        "question": answer.question,
        "query": answer.query,
        "answer": answer.text,
        "refused": answer.refused,
        "reason": answer.reason,
        "confidence": round(answer.confidence, 4),
        "answerer": answer.answerer,
        "where": answer.where,
        "scope": scope_to_dict(answer.scope),
        "note": answer.note,
        "claims": [
            {
                "text": claim.text,
                "verdict": claim.verdict,
                "reason": claim.reason,
                "citations": [citation.marker for citation in claim.citations],
            }
            for claim in answer.claims
        ],
        "citations": [citation_to_dict(citation) for citation in answer.citations],
        "hits": [hit_to_dict(hit) for hit in answer.hits],
        "timings": {step: round(seconds, 4) for step, seconds in answer.timings.items()},
    }


def citation_to_dict(citation: Citation) -> dict[str, Any]:
    """The cited words and where they stand; where else they do, and the outlets that carry them there."""
    place = {"start": citation.start, "end": citation.end}
    return {
        "marker": citation.marker,
        "text": citation.text,
        "speaker": citation.speaker,
        "manner": citation.manner,
        **_origin(citation.passage),
        **place,
        "also_in": [{"text": passage.text, **_place(passage)} for passage in citation.also_in],
        "carriers": list(carriers(citation)),
    }


def hit_to_dict(hit: Hit) -> dict[str, Any]:
    """A found passage, its score and its ranks, and where its copies stand."""
    return {
        "text": hit.passage.text,
        **_place(hit.passage),
        "score": round(hit.score, 4),
        "ranks": dict(hit.ranks),
        "copies": [_place(copy) for copy in hit.copies],
    }


def _place(passage: Passage) -> dict[str, Any]:
    return {**_origin(passage), "start": passage.start, "end": passage.end}


def _origin(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document_id,
        "title": passage.title,
        "source": passage.source,
        "metadata": dict(passage.metadata),
    }
