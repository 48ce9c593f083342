"""Keep a conversation as it goes on."""

from rag.schema import Answer
from ui.conversations.models import Place
from ui.conversations.store import Conversations


def keep(
    kept: Conversations,
    conversation: str,
    question: str,
    answer: Answer,
    owner: str = "",
    *,
    replaces: str = "",
    begins: bool = False,
) -> Place:
    """Keep one more turn and say where; an empty ``conversation`` is begun, and one that ``begins`` by that very id.

    It takes the place of the turn that asked ``replaces``, where that is given.

    Raises ConversationMissingError where it was removed meanwhile, ConversationsBrokenError where it cannot be written.
    """
    held = kept.create(question, owner, known_as=conversation).id if begins or not conversation else conversation
    if replaces:
        return Place(held, kept.replace(held, replaces, question, answer, owner))
    return Place(held, kept.add(held, question, answer, owner))
