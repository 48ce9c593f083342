"""What is said to a message without a word, such as a thumb up, in a chat that goes on."""

import threading
from collections.abc import Iterator

from index.errors import BadQuestion
from rag.question.validate import checked
from rag.schema import Answer
from ui.core.streaming import Asked


def wordless(asked: Asked, stop: threading.Event) -> Iterator[Answer]:
    """One answer: why there is nothing to answer, as a refusal."""
    try:
        checked(asked.question)
    except BadQuestion as error:
        yield Answer(asked.question, asked.question, (), (), refused=True, reason=str(error), scope=asked.scope)
