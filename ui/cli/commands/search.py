"""``onrecord search``: the passages found, without an answer."""

import json
import textwrap
from argparse import Namespace

from rag.question.validate import validate_question
from rag.serialize import hit_to_dict
from ui.cli.passage_origin import found_at
from ui.cli.scope_flags import scope_of, within_collections
from ui.runtime import opened
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Print passages best first; 0 when there are any, 3 when there are none."""
    query, scope = validate_question(arguments.query), scope_of(arguments)
    with opened(config) as pipeline:
        scope = within_collections(scope, arguments, config.index, pipeline.store.documents())
        hits = pipeline.search(query, scope=scope)
    if arguments.json:
        print(json.dumps([hit_to_dict(hit) for hit in hits], ensure_ascii=False, indent=2))
    else:
        for number, hit in enumerate(hits, 1):
            ranks = ", ".join(f"{side} {rank}" for side, rank in hit.ranks.items())
            print(f"{number}. {found_at(hit.passage)}  ({hit.score:.2f}; {ranks})")
            print(textwrap.indent(textwrap.shorten(hit.passage.text, 300, placeholder=" …"), "   "))
            print(f"   {hit.passage.source}:{hit.passage.start}-{hit.passage.end}")
    return 0 if hits else 3
