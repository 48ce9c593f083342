"""Answers as plain data, for JSON, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from index.errors import OnrecordError
from index.reading.stored_path import shown_path
from index.schema import Hit, Passage, Section
from rag.answer.syndication import carriers
from rag.question.scope import scope_from_dict, scope_to_dict
from rag.schema import Answer, Citation, Claim


class AnswerRecordError(OnrecordError):
    """Plain data is not an answer that ``to_dict`` made."""


def to_dict(answer: Answer) -> dict[str, Any]:
    """Return the whole answer as plain data.

    It holds text, claims, citations and hits, with offsets into the documents' texts.
    """
    return {
        "question": answer.question,
        "query": answer.query,
        "kind": answer.kind,
        "lead": answer.lead,
        "perhaps": None if answer.perhaps is None else {"start": answer.perhaps.start, "end": answer.perhaps.end},
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
        "citations": [
            citation_to_dict(citation) | _whole_passage(citation, answer.hits) for citation in answer.citations
        ],
        "hits": [hit_to_dict(hit) for hit in answer.hits],
        "timings": {step: round(seconds, 4) for step, seconds in answer.timings.items()},
    }


def citation_to_dict(citation: Citation) -> dict[str, Any]:
    """Return the cited words with their place, where else they stand, and the outlets that carry them there."""
    place = {"start": citation.start, "end": citation.end}
    return {
        "marker": citation.marker,
        "text": citation.text,
        "speaker": citation.speaker,
        "manner": citation.manner,
        "answer": {"text": citation.answer_text, "start": citation.answer[0], "end": citation.answer[1]}
        if citation.answer
        else None,
        **_origin(citation.passage),
        **place,
        "page": citation.page,
        "heading": citation.heading,
        "also_in": [{"text": passage.text, **_place(passage)} for passage in citation.also_in],
        "carriers": list(carriers(citation)),
    }


def hit_to_dict(hit: Hit) -> dict[str, Any]:
    """Return a found passage with its score, its ranks, and the places of its copies."""
    return {
        "text": hit.passage.text,
        **_place(hit.passage),
        "score": round(hit.score, 4),
        "ranks": dict(hit.ranks),
        "copies": [{"text": copy.text, **_place(copy)} for copy in hit.copies],
    }


def without_folders(record: Any) -> Any:
    """Return plain data with every path under ``"source"`` cut to the name of its file.

    >>> without_folders({"hits": [{"source": "/srv/files/may.txt", "start": 4}]})
    {'hits': [{'source': 'may.txt', 'start': 4}]}
    """
    if isinstance(record, list):
        return [without_folders(each) for each in record]
    if not isinstance(record, dict):
        return record
    return {
        key: shown_path(value) if key == "source" and isinstance(value, str) else without_folders(value)
        for key, value in record.items()
    }


def from_dict(record: Mapping[str, Any]) -> Answer:
    """Return the finished answer that ``to_dict`` made ``record`` of, with numbers as they were rounded there.

    Raises AnswerRecordError when ``record`` is anything else.
    """
    try:
        return _answer(record)
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        raise AnswerRecordError(f"A stored answer cannot be read: {type(error).__name__} ({error}).") from error


def _answer(record: Mapping[str, Any]) -> Answer:
    hits = tuple(_hit(data) for data in record["hits"])
    citations = {data["marker"]: _citation(data, hits) for data in record["citations"]}
    return Answer(
        question=str(record["question"]),
        query=str(record["query"]),
        claims=tuple(
            Claim(
                data["text"], tuple(citations[marker] for marker in data["citations"]), data["verdict"], data["reason"]
            )
            for data in record["claims"]
        ),
        hits=hits,
        refused=bool(record["refused"]),
        reason=str(record["reason"]),
        confidence=float(record["confidence"]),
        answerer=str(record["answerer"]),
        where=str(record.get("where", "")),
        timings={str(step): float(seconds) for step, seconds in record["timings"].items()},
        scope=scope_from_dict(record["scope"]),
        note=str(record["note"]),
        kind=record.get("kind", "fact"),  # answers kept before kinds were told apart have none
        lead=str(record.get("lead", "")),
        perhaps=_perhaps(record.get("perhaps"), hits),
    )


def _whole_passage(citation: Citation, hits: Sequence[Hit]) -> dict[str, Any]:
    """Return where the cited passage begins and ends, and its text where no hit holds it."""
    passage = citation.passage
    place: dict[str, Any] = {"start": passage.start, "end": passage.end}
    return {"passage": place if passage in _all_passages(hits) else {**place, "text": passage.text}}


def _citation(data: Mapping[str, Any], hits: Sequence[Hit]) -> Citation:
    place = data["passage"]
    passage = _passage({**data, "text": "", **place})
    if "text" not in place:
        passage = next(found for found in _all_passages(hits) if found.id == passage.id)
    also_in = tuple(_passage(other) for other in data["also_in"])
    answer = data.get("answer")  # answers stored by earlier versions have none
    return Citation(
        data["marker"],
        passage,
        data["start"],
        data["end"],
        data["speaker"],
        data["manner"],
        also_in,
        (answer["start"], answer["end"]) if answer else None,
    )


def _all_passages(hits: Sequence[Hit]) -> list[Passage]:
    return [passage for hit in hits for passage in (hit.passage, *hit.copies)]


def _perhaps(held: Mapping[str, int] | None, hits: Sequence[Hit]) -> Citation | None:
    return Citation(1, hits[0].passage, held["start"], held["end"]) if held else None


def _hit(data: Mapping[str, Any]) -> Hit:
    ranks = {str(side): int(rank) for side, rank in data["ranks"].items()}
    return Hit(_passage(data), float(data["score"]), ranks, tuple(_passage(copy) for copy in data["copies"]))


def _passage(data: Mapping[str, Any]) -> Passage:
    return Passage(
        document_id=data["document"],
        start=data["start"],
        end=data["end"],
        text=data["text"],
        title=data["title"],
        source=data["source"],
        metadata=dict(data["metadata"]),
        # Answers stored by earlier versions have no pages or headings.
        pages=tuple(Section(int(start), "page", str(label)) for start, label in data.get("pages", ())),
        headings=tuple(
            Section(int(start), "heading", str(label), int(level)) for start, label, level in data.get("headings", ())
        ),
    )


def _place(passage: Passage) -> dict[str, Any]:
    return {**_origin(passage), "start": passage.start, "end": passage.end}


def _origin(passage: Passage) -> dict[str, Any]:
    return {
        "document": passage.document_id,
        "title": passage.title,
        "source": passage.source,
        "metadata": dict(passage.metadata),
        "pages": [[page.start, page.label] for page in passage.pages],
        "headings": [[heading.start, heading.label, heading.level] for heading in passage.headings],
    }
