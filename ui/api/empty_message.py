"""What is said to a question without a letter or a number, such as a thumb up, wherever it is asked."""

import threading
from collections.abc import Iterator

from index.errors import QuestionError
from rag.question.validate import validate_question
from rag.schema import Answer
from ui.core.streaming import Ask, Asked


def has_words(question: str) -> bool:
    """Whether there is anything to look for."""
    return any(map(str.isalnum, question))


def or_wordless(put: Ask) -> Ask:
    """Ask ``put`` what has words; to anything else the answer is a refusal that says why."""
    return lambda asked, stop: put(asked, stop) if has_words(asked.question) else _wordless(asked, stop)


def _wordless(asked: Asked, stop: threading.Event) -> Iterator[Answer]:
    try:
        validate_question(asked.question)
    except QuestionError as error:
        yield Answer(asked.question, asked.question, (), (), refused=True, reason=str(error), scope=asked.scope)
