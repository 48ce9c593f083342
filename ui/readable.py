"""An answer on the terminal, with its sources."""

import textwrap

from rag.carriers import carried_by
from rag.cite import said_by
from rag.schema import Answer, Citation
from ui.origin import found_at, origin

_CLOSEST = 3
_WIDTH = 100


def readable(answer: Answer) -> str:
    """The answer and where its words stand; for a refusal the closest passages."""
    note = [textwrap.fill(answer.note, _WIDTH)] if answer.note else []
    if answer.refused:
        closest = [f"  · {_shortened(hit.passage.text)}\n    {found_at(hit.passage)}" for hit in answer.hits[:_CLOSEST]]
        heading = ["", "Closest passages, which do not answer it:"] if closest else []
        return "\n".join([answer.reason, *note, *heading, *closest])
    return "\n".join([textwrap.fill(answer.text, _WIDTH), "", *map(_source, answer.citations), *note])


def _source(citation: Citation) -> str:
    passage = citation.passage
    spoken = f" — {said_by(citation)}" if said_by(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [f"[{citation.marker}] {origin(passage, citation.page)}{spoken}", place, carried_by(citation)]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")
