"""Answers and passages on the terminal, with their sources."""

import textwrap
from itertools import groupby

from index.schema import Passage
from index.text.headings import format_heading
from index.text.pages import format_pages
from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.prompts import CLOSEST_PASSAGES
from rag.schema import Answer, Citation, Claim, text_with_markers
from rag.verify.labels import describe_doubt, describe_writer

_MAX_CLOSEST = 3
_WIDTH = 100


def answer_text(answer: Answer) -> str:
    """Return the answer and where its words stand; for a refusal the closest passages."""
    note = [textwrap.fill(answer.note, _WIDTH)] if answer.note else []
    if answer.refused:
        closest = [
            f"  · {_shortened(hit.passage.text)}\n    {passage_location(hit.passage)}"
            for hit in answer.hits[:_MAX_CLOSEST]
        ]
        perhaps = [] if answer.perhaps is None else ["", f"Perhaps: {answer.perhaps.text}"]
        heading = ["", f"{CLOSEST_PASSAGES}:"] if closest else []
        return "\n".join([answer.reason, *note, *perhaps, *heading, *closest])
    by = [describe_writer(answer)] if answer.where else []
    return "\n".join([*_said(answer), "", *map(_source, answer.citations), *by, *note]).rstrip()


def _said(answer: Answer) -> list[str]:
    """Return the lead and the claims: as one text, or a line for each where they are points of a list."""
    claims = list(map(_checked, answer.claims))
    if answer.is_list:
        points = [textwrap.fill(f"- {claim}", _WIDTH, subsequent_indent="  ") for claim in claims]
        grouped = (line for pair in zip(answer.group_titles, points, strict=True) for line in pair if line)
        return [*answer.lead.splitlines(), *grouped]
    return [*answer.lead.splitlines(), *([_filled(claims)] if claims else [])]


def _filled(claims: list[str]) -> str:
    """Return sentences as one running text, and lists between them line by line."""
    runs = groupby(claims, key=lambda claim: "\n" in claim)
    shown = ("\n".join(some) if listed else textwrap.fill(" ".join(some), _WIDTH) for listed, some in runs)
    return "\n\n".join(shown)


def _checked(claim: Claim) -> str:
    """Return the sentence with its markers, and what speaks against it."""
    return (
        f"{text_with_markers(claim)} ({describe_doubt(claim)})" if describe_doubt(claim) else text_with_markers(claim)
    )


def _source(citation: Citation) -> str:
    passage = citation.passage
    spoken = f" — {describe_speaker(citation)}" if describe_speaker(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [
        f"[{citation.marker}] {passage_origin(passage, _place_in_file(citation.heading, citation.page))}{spoken}",
        place,
        carried_by(citation),
    ]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")


def passage_origin(passage: Passage, page: str = "") -> str:
    """Return title, outlet, author, date and page, where known: ``"Bridge to close, Reuters, p. 3"``."""
    file_date = passage.metadata.get("file_date", "")
    words = (
        *(passage.metadata.get(key, "") for key in ("outlet", "author", "date")),
        f"file date {file_date}" if file_date else "",
    )
    return ", ".join(part for part in (passage.title, *words, page) if part)


def _place_in_file(heading: str, page: str) -> str:
    return ", ".join(filter(None, (heading, page)))


def passage_location(passage: Passage) -> str:
    """Return the origin of the passage with the headings it begins under and its pages."""
    pages = format_pages(passage.pages, passage.start, passage.end)
    return passage_origin(passage, _place_in_file(format_heading(passage, passage.start), pages))
