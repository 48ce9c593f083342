"""Find the conversation that a few typed words mean, or the one to continue."""

from ui.conversations.models import Conversation, ConversationMissingError
from ui.conversations.store import ConversationStore
from ui.conversations.titles import printable_line

_MIN_PREFIX = 4  # characters of an id's beginning


def find_conversation(store: ConversationStore, name: str, owner: str = "") -> Conversation:
    """Return the conversation with this id, this title, or an id that begins with ``name``.

    Raises ConversationMissingError when there is none, or more than one.
    """
    found = matching_conversations(store, name, owner)
    if not found:
        raise ConversationMissingError(f"There is no conversation {name!r}. `onrecord conversations list` shows them.")
    if len(found) > 1:
        raise ConversationMissingError(
            f"{name!r} names {len(found)} conversations: {', '.join(c.id for c in found)}. Use an id."
        )
    return found[0]


def matching_conversations(store: ConversationStore, name: str, owner: str = "") -> list[Conversation]:
    """Return every conversation that ``name`` can mean: by id, else by title, else by the beginning of an id."""
    conversations = store.list(owner)
    query = name.strip()
    by_rank = (
        [c for c in conversations if c.id == query],
        [c for c in conversations if c.title.casefold() == printable_line(query).casefold()],
        [c for c in conversations if len(query) >= _MIN_PREFIX and c.id.startswith(query)],
    )
    return next((found for found in by_rank if found), [])


def conversation_to_continue(store: ConversationStore, name: str, *, latest: bool) -> Conversation | None:
    """Return the conversation ``name``, or the ``latest``; None where the named one does not exist yet.

    Raises ConversationMissingError when there is no latest one, or ``name`` means several.
    """
    if name:
        return find_conversation(store, name) if matching_conversations(store, name) else None
    if not latest:
        return None
    conversations = store.list()
    if not conversations:
        raise ConversationMissingError("There is no conversation to continue. Begin one with --conversation NAME.")
    return conversations[0]
