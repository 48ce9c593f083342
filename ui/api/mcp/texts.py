"""The text of the tools' results, for a model to read: exact words, and where they stand."""

from collections.abc import Iterable, Sequence
from typing import Any

from index.reading.stored_path import shown_path
from index.schema import Hit, Passage
from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.prompts import CLOSEST_PASSAGES
from rag.schema import Answer, Citation

_MAX_CLOSEST = 3


def answer_text(answer: Answer) -> str:
    """Return the answer with its sources; for a refusal the closest passages."""
    note = [answer.note] if answer.note else []
    if answer.refused:
        closest = [_found(number, hit) for number, hit in enumerate(answer.hits[:_MAX_CLOSEST], 1)]
        perhaps = [] if answer.perhaps is None else [f"Perhaps: “{answer.perhaps.text}”"]
        heading = [f"{CLOSEST_PASSAGES}:"] if closest else []
        return "\n\n".join([answer.reason, *note, *perhaps, *heading, *closest])
    checks = [
        f"Checked, {claim.verdict}: {claim.text} {claim.reason}".strip()
        for claim in answer.claims
        if claim.verdict != "supported"
    ]
    sources = ["Sources:", *map(_source, answer.citations)] if answer.citations else []
    return "\n\n".join([answer.text, *note, *checks, *sources])


def hits_text(hits: Sequence[Hit]) -> str:
    """Return the passages, best first."""
    return "\n\n".join(_found(number, hit) for number, hit in enumerate(hits, 1)) or "No passage was found."


def document_page_text(page: dict[str, Any]) -> str:
    """Return a part of a document under a line that says which."""
    more = f"; go on at start={page['next']}" if page["next"] is not None else ""
    head = _joined((page["title"], page["outlet"], page["date"]))
    return f"{head}\nCharacters {page['start']}–{page['end']} of {page['size']}{more}\n\n{page['text']}"


def _source(citation: Citation) -> str:
    about = _joined((describe_speaker(citation), carried_by(citation)))
    place = _place(citation.passage, citation.start, citation.end)
    return f"[{citation.marker}] “{citation.text}”\n{place}" + (f"\n{about}" if about else "")


def _found(number: int, hit: Hit) -> str:
    passage = hit.passage
    return f"{number}. {_place(passage, passage.start, passage.end)}\n{passage.text}"


def _place(passage: Passage, start: int, end: int) -> str:
    metadata = (passage.metadata.get(key, "") for key in ("outlet", "date"))
    origin = _joined((passage.title or shown_path(passage.source), *metadata))
    return f"{origin} (document {passage.document_id}, characters {start}–{end})"


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
