"""``onrecord ask``: an answer with its citations."""

import json
import textwrap
from argparse import Namespace

from rag.carriers import carried_by
from rag.cite import said_by
from rag.question import checked
from rag.record import to_dict
from rag.schema import Answer, Citation
from ui.configuration import Configuration
from ui.opened import opened
from ui.origin import origin
from ui.scoped import scope_of

_CLOSEST = 3
_WIDTH = 100


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the answer; 0 when answered, 3 when refused."""
    question, scope = checked(arguments.question), scope_of(arguments)
    with opened(config) as pipeline:
        answer = pipeline.ask(question, scope=scope)
    if arguments.json:
        print(json.dumps(to_dict(answer), ensure_ascii=False, indent=2))
    else:
        print(_readable(answer))
    return 3 if answer.refused else 0


def _readable(answer: Answer) -> str:
    note = [textwrap.fill(answer.note, _WIDTH)] if answer.note else []
    if answer.refused:
        closest = [f"  · {_shortened(hit.passage.text)}\n    {origin(hit.passage)}" for hit in answer.hits[:_CLOSEST]]
        heading = ["", "Closest passages, which do not answer it:"] if closest else []
        return "\n".join([answer.reason, *note, *heading, *closest])
    return "\n".join([textwrap.fill(answer.text, _WIDTH), "", *map(_source, answer.citations), *note])


def _source(citation: Citation) -> str:
    passage = citation.passage
    spoken = f" — {said_by(citation)}" if said_by(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [f"[{citation.marker}] {origin(passage)}{spoken}", place, carried_by(citation)]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")
