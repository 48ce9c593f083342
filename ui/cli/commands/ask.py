"""``onrecord ask``: an answer with its citations."""

import json
import sys
from argparse import Namespace

from rag.question.validate import validate_question
from rag.serialize import to_dict
from ui.cli.answer_text import readable
from ui.cli.scope_flags import scope_of, within_collections
from ui.conversations.continue_from import continued
from ui.conversations.models import history_of
from ui.conversations.store import Conversations
from ui.runtime import opened
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the answer; 0 when answered, 3 when refused. Within a conversation, keep it."""
    question, scope = validate_question(arguments.question), scope_of(arguments)
    kept = Conversations(config.index.data_dir, url=config.web.conversations_url)
    earlier = continued(kept, arguments.conversation, latest=arguments.latest)
    history = history_of(kept.read(earlier.id)) if earlier else ()
    with opened(config) as pipeline:
        scope = within_collections(scope, arguments, config.index, pipeline.store.documents())
        answer = pipeline.ask(question, history, scope)
    if arguments.json:
        print(json.dumps(to_dict(answer), ensure_ascii=False, indent=2))
    else:
        print(readable(answer))
    if arguments.conversation and earlier is None:
        earlier = kept.create(question, title=arguments.conversation)
        print(f"Began the conversation {earlier.title!r} ({earlier.id}).", file=sys.stderr)
    if earlier:
        kept.add(earlier.id, question, answer)
    return 3 if answer.refused else 0
