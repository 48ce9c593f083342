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

_CLOSEST = 3
_WIDTH = 100


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the answer; 0 when answered, 3 when refused."""
    question = checked(arguments.question)
    with opened(config) as pipeline:
        answer = pipeline.ask(question)
    if arguments.json:
        print(json.dumps(to_dict(answer), ensure_ascii=False, indent=2))
    else:
        print(_readable(answer))
    return 3 if answer.refused else 0


def _readable(answer: Answer) -> str:
    if answer.refused:
        closest = [f"  · {_shortened(hit.passage.text)}\n    {hit.passage.title}" for hit in answer.hits[:_CLOSEST]]
        heading = ["", "Closest passages, which do not answer it:"] if closest else []
        return "\n".join([answer.reason, *heading, *closest])
    return "\n".join([textwrap.fill(answer.text, _WIDTH), "", *map(_source, answer.citations)])


def _source(citation: Citation) -> str:
    passage = citation.passage
    said = [passage.metadata[key] for key in ("outlet", "author", "date") if passage.metadata.get(key)]
    spoken = f" — {said_by(citation)}" if said_by(citation) else ""
    place = f"{passage.source}:{citation.start}-{citation.end}"
    lines = [f"[{citation.marker}] {', '.join([passage.title, *said])}{spoken}", place, carried_by(citation)]
    return "\n    ".join(line for line in lines if line)


def _shortened(text: str) -> str:
    return textwrap.shorten(text, 2 * _WIDTH, placeholder=" …")
