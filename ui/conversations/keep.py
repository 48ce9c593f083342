"""Keep a conversation as it goes on."""

from rag.schema import Answer
from ui.conversations.store import Conversations


def keep(
    kept: Conversations, conversation: str, question: str, answer: Answer, owner: str = "", *, replaces: str = ""
) -> str:
    """Keep one more turn and give back the conversation's id; an empty ``conversation`` is begun.

    It takes the place of the turn that asked ``replaces``, where that is given.

    Raises ConversationMissing where it was removed meanwhile, ConversationsBroken where it cannot be written.
    """
    held = conversation or kept.create(question, owner).id
    if replaces:
        kept.replace(held, replaces, question, answer, owner)
    else:
        kept.add(held, question, answer, owner)
    return held
