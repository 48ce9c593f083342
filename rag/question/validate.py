"""Reject questions that are empty or too long."""

from index.errors import QuestionError

MAX_LENGTH = 2_000


def validate_question(question: str) -> str:
    """Return the question on one line, without control characters.

    Raises QuestionError when it is empty or too long.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not any(c.isalnum() for c in line):
        raise QuestionError("The question is empty. Ask something in words, such as: What did the minister say?")
    if len(line) > MAX_LENGTH:
        raise QuestionError(
            f"The question is {len(line):,} characters long; at most {MAX_LENGTH:,} can be asked. Shorten it."
        )
    return line
