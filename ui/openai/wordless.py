"""What is said to a message without a word, such as a thumb up, in a chat that goes on."""

import threading
from collections.abc import Iterator, Sequence

from index.errors import BadQuestion
from rag.question import checked
from rag.schema import Answer, Turn
from rag.scope import EVERYTHING, Scope


class Wordless:
    """Answers with why there is nothing to answer."""

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """One answer: the reason, as a refusal."""
        try:
            checked(question)
        except BadQuestion as error:
            yield Answer(question, question, (), (), refused=True, reason=str(error), scope=scope)
