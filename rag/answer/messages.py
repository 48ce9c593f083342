"""The messages that ask a model to write an answer: the rules, the numbered sentences, the question."""

import re
from collections.abc import Sequence

from rag.answer.markers import escape_markers
from rag.answer.numbered_sentences import NumberedSentence, estimate_tokens
from rag.llm.protocol import Message
from rag.prompts import (
    EARLIER_TURNS_LINE,
    QUESTION_LINE,
    SOURCE_LINE,
    SOURCES_BEGIN,
    SOURCES_END,
    STANDALONE_LINE,
    WRITING_INSTRUCTIONS,
)
from rag.schema import Turn

_MAX_TURNS = 3  # earlier turns that are sent
_MAX_TURN_CHARACTERS = 300  # of an earlier question or answer
_TAG = re.compile(r"<(?=[/|!<a-zA-Z])")
_INSTRUCT = re.compile(r"\[(/?INST)\]", re.IGNORECASE)


def build_messages(
    question: str, query: str, offered: Sequence[NumberedSentence], history: Sequence[Turn] = ()
) -> tuple[Message, ...]:
    """Return the messages for ``question``, which ``query`` completes so that it stands alone.

    Text of documents, of the question and of earlier turns is escaped, so that it cannot pass for a marker, for the end
    of the documents or for a message of its own.
    """
    parts = [
        SOURCES_BEGIN,
        *_source_lines(offered),
        SOURCES_END,
        *_earlier_lines(history),
        QUESTION_LINE.format(question=escape_for_prompt(question)),
    ]
    if query != question:
        parts.append(STANDALONE_LINE.format(query=escape_for_prompt(query)))
    return (Message("system", WRITING_INSTRUCTIONS), Message("user", "\n".join(parts)))


def sentence_budget(context: int, max_tokens: int, question: str, query: str, history: Sequence[Turn] = ()) -> int:
    """Return how many tokens are left for sentences where request and reply may hold ``context`` together."""
    fixed = sum(estimate_tokens(message.text) for message in build_messages(question, query, (), history))
    return context - max_tokens - fixed


def escape_for_prompt(text: str) -> str:
    """Return ``text`` on one line, without anything that a model or its chat format could take for more than words."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return _TAG.sub("‹", _INSTRUCT.sub(r"(\1)", escape_markers(" ".join(line.split()))))


def _source_lines(offered: Sequence[NumberedSentence]) -> list[str]:
    lines: list[str] = []
    before = ""
    for one in offered:
        if one.passage.document_id != before:
            before = one.passage.document_id
            lines.append(SOURCE_LINE.format(name=_source_name(one)))
        lines.append(f"[{one.number}] {escape_for_prompt(one.text)}")
    return lines


def _source_name(one: NumberedSentence) -> str:
    said = (one.passage.title or one.passage.source, *map(one.passage.metadata.get, ("outlet", "date")))
    return escape_for_prompt(", ".join(part for part in said if part))


def _earlier_lines(history: Sequence[Turn]) -> list[str]:
    told = [
        line
        for turn in history[-_MAX_TURNS:]
        for line in (f"Q: {_shorten(turn.question)}", f"A: {_shorten(turn.answer)}")
    ]
    return [EARLIER_TURNS_LINE, *told] if told else []


def _shorten(text: str) -> str:
    line = escape_for_prompt(text)
    return line if len(line) <= _MAX_TURN_CHARACTERS else line[:_MAX_TURN_CHARACTERS].rstrip() + " …"
