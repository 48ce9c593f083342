"""An answer on the terminal, with its sources."""

import textwrap

from rag.answer.citations import said_by
from rag.answer.syndication import carried_by
from rag.schema import Answer, Citation, Claim, marked
from rag.verify.labels import doubt, written_by
from ui.cli.passage_origin import found_at, origin

_CLOSEST = 3
_WIDTH = 100


def readable(answer: Answer) -> str:
    """The answer and where its words stand; for a refusal the closest passages."""
    note = [textwrap.fill(answer.note, _WIDTH)] if answer.note else []
    if answer.refused:
        closest = [f"  · {_shortened(hit.passage.text)}\n    {found_at(hit.passage)}" for hit in answer.hits[:_CLOSEST]]
        heading = ["", "Closest passages, which do not answer it:"] if closest else []
        return "\n".join([answer.reason, *note, *heading, *closest])
    by = [written_by(answer)] if answer.where else []
    said = " ".join(map(_checked, answer.claims))
    return "\n".join([textwrap.fill(said, _WIDTH), "", *map(_source, answer.citations), *by, *note])


def _checked(claim: Claim) -> str:
    """The sentence with its markers, and what speaks against it."""
    return f"{marked(claim)} ({doubt(claim)})" if doubt(claim) else marked(claim)


def _source(citation: Citation) -> str:
    passage = citation.passage
    spoken = f" — {said_by(citation)}" if said_by(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [f"[{citation.marker}] {origin(passage, citation.page)}{spoken}", place, carried_by(citation)]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")
