"""A follow-up made a question that stands alone, by rules: what it leaves out is taken from the turns before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.words import folded
from rag.antecedent import with_antecedent
from rag.courtesy import is_courtesy, without_courtesy
from rag.ellipsis import completed
from rag.leaning import open_pronouns, signs
from rag.naming import Idf, topic_words
from rag.prompts import NOTHING_INDEXED, REFUSAL
from rag.question import MAX_LENGTH
from rag.schema import Turn
from rag.when import read_period

_TURNS = 12  # looked back at
_ANSWER = 1_500  # characters looked at
_TOPIC = 6  # words or names taken from the question before
_MARKERS = re.compile(r"\s*\[\d+\]")
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question as it is searched, and how it came from the one that was asked."""

    question: str
    changed: bool = False
    how: Literal["as asked", "rules", "model"] = "as asked"


@dataclass(frozen=True, slots=True)
class _Before:
    question: str
    answer: str


def condense(
    question: str, history: Sequence[Turn], idf: Idf | None = None, today: date | None = None
) -> Standalone:
    """``question`` made whole from ``history``, oldest turn first; as asked where it stands alone."""
    today = today or date.today()
    before: _Before | None = None
    for turn in history[-_TURNS:]:
        if not is_courtesy(turn.question):
            before = _Before(_whole(turn.question, before, idf, today), _said(turn.answer))
    whole = _whole(question, before, idf, today)
    return Standalone(whole, True, "rules") if whole != question else Standalone(question)


def _whole(question: str, before: _Before | None, idf: Idf | None, today: date) -> str:
    if before is None or is_courtesy(question):
        return question
    for _ in range(_ROUNDS):
        longer = _step(question, before, idf, today)
        if longer == question or len(longer) > MAX_LENGTH:
            break
        question = longer
    return question


def _step(question: str, before: _Before, idf: Idf | None, today: date) -> str:
    asked = without_courtesy(question)
    made = completed(asked, before.question, today)
    if made:
        return made
    named = with_antecedent(question, open_pronouns(question), before.question, before.answer)
    if named:
        return named
    if not signs(asked) and not _replies(asked, before):
        return question
    return _with_topic(question, before, idf, today)


def _replies(question: str, before: _Before) -> bool:
    return before.answer.endswith("?") and not question.endswith("?")


def _with_topic(question: str, before: _Before, idf: Idf | None, today: date) -> str:
    timed = read_period(question, today).bounded
    source = read_period(before.question, today).question if timed else before.question
    held = set(folded(question))
    lacking = [piece for piece in topic_words(source, _TOPIC, idf) if not set(folded(piece)) <= held]
    return f"{question} ({' '.join(lacking)})" if lacking else question


def _said(answer: str) -> str:
    text = _MARKERS.sub("", answer).strip()
    return "" if text in (REFUSAL, NOTHING_INDEXED) else text[:_ANSWER]
