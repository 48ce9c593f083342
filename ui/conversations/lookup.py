"""The conversation that a few typed words mean."""

from ui.conversations.models import Conversation, ConversationMissingError
from ui.conversations.store import Conversations
from ui.conversations.titles import one_line

_SHORTEST = 4  # characters of an id's beginning


def named(kept: Conversations, name: str, owner: str = "") -> Conversation:
    """The one with this id, this title, or an id that begins so.

    Raises ConversationMissingError when there is none, or more than one.
    """
    found = matches(kept, name, owner)
    if not found:
        raise ConversationMissingError(f"There is no conversation {name!r}. `onrecord conversations list` shows them.")
    if len(found) > 1:
        raise ConversationMissingError(
            f"{name!r} names {len(found)} conversations: {', '.join(c.id for c in found)}. Use an id."
        )
    return found[0]


def matches(kept: Conversations, name: str, owner: str = "") -> list[Conversation]:
    """Every one that ``name`` can mean; an id is preferred to a title, and that to the beginning of an id."""
    held = kept.list(owner)
    wanted = name.strip()
    by_rank = (
        [c for c in held if c.id == wanted],
        [c for c in held if c.title.casefold() == one_line(wanted).casefold()],
        [c for c in held if len(wanted) >= _SHORTEST and c.id.startswith(wanted)],
    )
    return next((found for found in by_rank if found), [])
