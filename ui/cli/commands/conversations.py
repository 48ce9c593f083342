"""``onrecord conversations``: list, show, rename, remove and export conversations."""

import json
import os
import sys
import tempfile
import textwrap
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import OnrecordError
from index.text.plural import plural
from ui.cli.answer_text import answer_text
from ui.conversations.export.export import export_conversation
from ui.conversations.lookup import find_conversation
from ui.conversations.models import Conversation
from ui.conversations.store import ConversationStore
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names."""
    return _ACTIONS[arguments.action](
        ConversationStore(config.index.data_dir, url=config.web.conversations_url), arguments
    )


def _list(store: ConversationStore, arguments: Namespace) -> int:
    found = store.search(" ".join(arguments.words))
    if arguments.json:
        print(json.dumps([_row(each) for each in found], ensure_ascii=False, indent=2))
        return 0
    for each in found:
        count = plural(each.turns, "question")
        print(f"{each.id}  {each.title}  ({count}, {each.changed[:16].replace('T', ' ')} UTC)")
    return 0


def _show(store: ConversationStore, arguments: Namespace) -> int:
    for turn in store.read(find_conversation(store, arguments.conversation).id):
        print(
            textwrap.fill(f"> {turn.question}", 100, subsequent_indent="  "), "", answer_text(turn.answer), "", sep="\n"
        )
    return 0


def _rename(store: ConversationStore, arguments: Namespace) -> int:
    found = find_conversation(store, arguments.conversation)
    store.rename(found.id, arguments.title)
    print(f"Renamed {found.id}: {store.get(found.id).title}")
    return 0


def _remove(store: ConversationStore, arguments: Namespace) -> int:
    found = find_conversation(store, arguments.conversation)
    store.delete(found.id)
    print(f"Removed {found.title} ({found.id}).")
    return 0


def _export(store: ConversationStore, arguments: Namespace) -> int:
    found = find_conversation(store, arguments.conversation)
    made = export_conversation(arguments.format, found, store.read(found.id))
    if arguments.output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    else:
        _write(arguments.output, made)
    return 0


def _write(file: Path, content: bytes) -> None:
    """Write ``file`` whole or not at all. Raises OnrecordError."""
    try:
        with tempfile.NamedTemporaryFile("wb", dir=file.parent, prefix=file.name, delete=False) as made:
            made.write(content)
        Path(made.name).chmod(0o666 & ~_umask())
        Path(made.name).replace(file)
    except OSError as error:
        raise OnrecordError(f"{file} cannot be written ({error.strerror}). Choose another file with -o.") from error


def _umask() -> int:
    held = os.umask(0)
    os.umask(held)
    return held


def _row(each: Conversation) -> dict[str, str | int]:
    return {
        "id": each.id,
        "title": each.title,
        "created": each.created,
        "changed": each.changed,
        "questions": each.turns,
    }


_ACTIONS: Mapping[str, Callable[[ConversationStore, Namespace], int]] = {
    "list": _list,
    "show": _show,
    "rename": _rename,
    "rm": _remove,
    "export": _export,
}
