"""``onrecord conversations``: list, show, rename, remove and export what was asked and answered."""

import json
import os
import sys
import tempfile
import textwrap
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from index.errors import OnrecordError
from ui.cli.answer_text import readable
from ui.conversations.export.export import exported
from ui.conversations.lookup import named
from ui.conversations.models import Conversation
from ui.conversations.store import Conversations
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names."""
    return _ACTIONS[arguments.action](Conversations(config.index.data_dir, url=config.web.conversations_url), arguments)


def _list(kept: Conversations, arguments: Namespace) -> int:
    found = kept.search(" ".join(arguments.words))
    if arguments.json:
        print(json.dumps([_row(each) for each in found], ensure_ascii=False, indent=2))
        return 0
    for each in found:
        count = f"{each.turns} question" + ("s" if each.turns != 1 else "")
        print(f"{each.id}  {each.title}  ({count}, {each.changed[:16].replace('T', ' ')} UTC)")
    return 0


def _show(kept: Conversations, arguments: Namespace) -> int:
    for turn in kept.read(named(kept, arguments.conversation).id):
        print(textwrap.fill(f"> {turn.question}", 100, subsequent_indent="  "), "", readable(turn.answer), "", sep="\n")
    return 0


def _rename(kept: Conversations, arguments: Namespace) -> int:
    found = named(kept, arguments.conversation)
    kept.rename(found.id, arguments.title)
    print(f"Renamed {found.id}: {kept.get(found.id).title}")
    return 0


def _remove(kept: Conversations, arguments: Namespace) -> int:
    found = named(kept, arguments.conversation)
    kept.delete(found.id)
    print(f"Removed {found.title} ({found.id}).")
    return 0


def _export(kept: Conversations, arguments: Namespace) -> int:
    found = named(kept, arguments.conversation)
    made = exported(arguments.format, found, kept.read(found.id))
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


_ACTIONS: Mapping[str, Callable[[Conversations, Namespace], int]] = {
    "list": _list,
    "show": _show,
    "rename": _rename,
    "rm": _remove,
    "export": _export,
}
