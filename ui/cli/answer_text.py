"""An answer on the terminal, with its sources."""

import textwrap

from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.schema import Answer, Citation, Claim, text_with_markers
from rag.verify.labels import describe_doubt, describe_writer
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
    by = [describe_writer(answer)] if answer.where else []
    said = " ".join(map(_checked, answer.claims))
    return "\n".join([textwrap.fill(said, _WIDTH), "", *map(_source, answer.citations), *by, *note])


def _checked(claim: Claim) -> str:
    """The sentence with its markers, and what speaks against it."""
    return (
        f"{text_with_markers(claim)} ({describe_doubt(claim)})" if describe_doubt(claim) else text_with_markers(claim)
    )


def _source(citation: Citation) -> str:
    passage = citation.passage
    spoken = f" — {describe_speaker(citation)}" if describe_speaker(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [f"[{citation.marker}] {origin(passage, citation.page)}{spoken}", place, carried_by(citation)]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")
