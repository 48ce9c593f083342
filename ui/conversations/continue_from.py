"""Which conversation a question goes on with."""

from ui.conversations.lookup import matches, named
from ui.conversations.models import Conversation, ConversationMissingError
from ui.conversations.store import Conversations


def continued(kept: Conversations, name: str, *, latest: bool) -> Conversation | None:
    """The conversation called ``name``, or the ``latest`` one; None where one of that name is still to be begun.

    Raises ConversationMissingError when there is no latest one, or ``name`` means several.
    """
    if name:
        return named(kept, name) if matches(kept, name) else None
    if not latest:
        return None
    held = kept.list()
    if not held:
        raise ConversationMissingError("There is no conversation to continue. Begin one with --conversation NAME.")
    return held[0]
