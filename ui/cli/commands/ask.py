"""``onrecord ask`` and ``onrecord search``: an answer with its citations, or passages alone."""

import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Sequence

from index.config import IndexConfig
from index.schema import DocumentInfo
from rag.pipeline import open_pipeline
from rag.question.scope import Scope, parse_scope
from rag.question.validate import validate_question
from rag.serialize import hit_to_dict, to_dict
from ui.cli.answer_text import answer_text, passage_location
from ui.conversations.lookup import conversation_to_continue
from ui.conversations.models import history_of
from ui.conversations.store import ConversationStore
from ui.core.scope import within
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the answer; return 0 when answered, 3 when refused. Within a conversation, keep it."""
    question, scope = validate_question(arguments.question), read_scope_flags(arguments)
    store = ConversationStore(config.index.data_dir, url=config.web.conversations_url)
    earlier = conversation_to_continue(store, arguments.conversation, latest=arguments.latest)
    history = history_of(store.read(earlier.id)) if earlier else ()
    with open_pipeline(config.index, config.rag, config.model) as pipeline:
        scope = within_collections(scope, arguments, config.index, pipeline.store.documents())
        answer = pipeline.ask(question, history, scope)
    if arguments.json:
        print(json.dumps(to_dict(answer), ensure_ascii=False, indent=2))
    else:
        print(answer_text(answer))
    if arguments.conversation and earlier is None:
        earlier = store.create(question, title=arguments.conversation)
        print(f"Began the conversation {earlier.title!r} ({earlier.id}).", file=sys.stderr)
    if earlier:
        store.add(earlier.id, question, answer)
    return 3 if answer.refused else 0


def run_search(config: Configuration, arguments: Namespace) -> int:
    """Print passages best first; return 0 when there are any, 3 when there are none."""
    query, scope = validate_question(arguments.query), read_scope_flags(arguments)
    with open_pipeline(config.index, config.rag, config.model) as pipeline:
        scope = within_collections(scope, arguments, config.index, pipeline.store.documents())
        hits = pipeline.search(query, scope=scope)
    if arguments.json:
        print(json.dumps([hit_to_dict(hit) for hit in hits], ensure_ascii=False, indent=2))
    else:
        for number, hit in enumerate(hits, 1):
            ranks = ", ".join(f"{side} {rank}" for side, rank in hit.ranks.items())
            print(f"{number}. {passage_location(hit.passage)}  ({hit.score:.2f}; {ranks})")
            print(textwrap.indent(textwrap.shorten(hit.passage.text, 300, placeholder=" …"), "   "))
            print(f"   {hit.passage.source}:{hit.passage.start}-{hit.passage.end}")
    return 0 if hits else 3


def read_scope_flags(arguments: Namespace) -> Scope:
    """Return the scope of ``--since``, ``--until``, ``--as-of`` and ``--outlet``. Raises ScopeError for a bad date."""
    return parse_scope(arguments.since, arguments.until, arguments.as_of, arguments.outlet)


def within_collections(
    scope: Scope, arguments: Namespace, index: IndexConfig, documents: Sequence[DocumentInfo]
) -> Scope:
    """Return the part of ``scope`` in the collections that ``--in`` names, if any. Raises ScopeError."""
    return within(scope, arguments.collections, Collections(library_folder(index), lambda: documents))
