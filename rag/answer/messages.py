"""The messages a model is sent to write an answer: the rules, the numbered sentences, the question."""

import re
from collections.abc import Sequence

from rag.answer.markers import without_brackets
from rag.answer.numbered_sentences import Offered, tokens_of
from rag.llm.protocol import Message
from rag.prompts import EARLIER, QUESTION, SOURCE, SOURCES_BEGIN, SOURCES_END, STANDS_FOR, WRITING
from rag.schema import Turn

_TURNS = 3  # earlier turns that are told
_LONGEST_TURN = 300  # characters of an earlier question or answer
_TAG = re.compile(r"<(?=[/|!<a-zA-Z])")
_INSTRUCT = re.compile(r"\[(/?INST)\]", re.IGNORECASE)


def brief(question: str, query: str, offered: Sequence[Offered], history: Sequence[Turn] = ()) -> tuple[Message, ...]:
    """The messages for ``question``, which ``query`` says so that it stands alone.

    Text of documents, of the question and of earlier turns is put so that it cannot pass for a marker, for the end of
    the material or for a message of its own.
    """
    parts = [
        SOURCES_BEGIN,
        *_sources(offered),
        SOURCES_END,
        *_earlier(history),
        QUESTION.format(question=as_material(question)),
    ]
    if query != question:
        parts.append(STANDS_FOR.format(query=as_material(query)))
    return (Message("system", WRITING), Message("user", "\n".join(parts)))


def room(context: int, max_tokens: int, question: str, query: str, history: Sequence[Turn] = ()) -> int:
    """How many tokens are left for sentences where request and reply may hold ``context`` together."""
    fixed = sum(tokens_of(message.text) for message in brief(question, query, (), history))
    return context - max_tokens - fixed


def as_material(text: str) -> str:
    """``text`` on one line, without anything a model or its chat format could take for more than words."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return _TAG.sub("‹", _INSTRUCT.sub(r"(\1)", without_brackets(" ".join(line.split()))))


def _sources(offered: Sequence[Offered]) -> list[str]:
    lines: list[str] = []
    before = ""
    for one in offered:
        if one.passage.document_id != before:
            before = one.passage.document_id
            lines.append(SOURCE.format(name=_named(one)))
        lines.append(f"[{one.number}] {as_material(one.text)}")
    return lines


def _named(one: Offered) -> str:
    said = (one.passage.title or one.passage.source, *map(one.passage.metadata.get, ("outlet", "date")))
    return as_material(", ".join(part for part in said if part))


def _earlier(history: Sequence[Turn]) -> list[str]:
    told = [line for turn in history[-_TURNS:] for line in (f"Q: {_cut(turn.question)}", f"A: {_cut(turn.answer)}")]
    return [EARLIER, *told] if told else []


def _cut(text: str) -> str:
    line = as_material(text)
    return line if len(line) <= _LONGEST_TURN else line[:_LONGEST_TURN].rstrip() + " …"
