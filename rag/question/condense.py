"""A follow-up made a question that stands alone, by rules: what it leaves out is taken from the turns before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from index.text.terms import folded
from rag.prompts import NOTHING_INDEXED, REFUSAL
from rag.question.ellipsis import completed
from rag.question.followup_signals import open_pronouns, signs
from rag.question.key_terms import topic_words
from rag.question.pronouns import with_antecedent
from rag.question.smalltalk import is_courtesy, without_courtesy
from rag.question.time_expressions import read_period
from rag.question.validate import MAX_LENGTH
from rag.schema import Turn

_TURNS = 12  # looked back at
_ANSWER = 1_500  # characters looked at
_TOPIC = 6  # words or names taken from the question before
_MARKERS = re.compile(r"\s*\[\d+\]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question as it is searched, and how it came from the one that was asked.

    ``core`` is the same without words that were only added for searching: an article names its subject, but each of
    its sentences does not.
    """

    question: str
    core: str
    how: Literal["as asked", "rules", "model"] = "as asked"

    @property
    def changed(self) -> bool:
        """Whether it is not what was asked."""
        return self.how != "as asked"


@dataclass(frozen=True, slots=True)
class _Before:
    question: str
    answer: str


def condense(question: str, history: Sequence[Turn], today: date | None = None) -> Standalone:
    """``question`` made whole from ``history``, oldest turn first; as asked where it stands alone.

    What is left out comes from the last turn that asked something, itself made whole: "he" and "she" where one person
    can be meant, the rest of the question for a fragment ("and in 2024?"), else the words it was about, in brackets.
    """
    today = today or date.today()
    before: _Before | None = None
    for turn in history[-_TURNS:]:
        asked = " ".join(turn.question.split())[:MAX_LENGTH]
        if not is_courtesy(asked):
            before = _Before(_whole(asked, before, today).question, _said(turn.answer))
    return _whole(question, before, today)


def _whole(question: str, before: _Before | None, today: date) -> Standalone:
    if before is None or is_courtesy(question):
        return Standalone(question, question)
    core = question
    for _ in range(_ROUNDS):
        made = _completed(core, before, today)
        if not made or made == core:
            break
        core = made
    whole = _with_topic(core, before, today) if _leans(core, before) else core
    if whole == question or len(whole) > MAX_LENGTH:
        return Standalone(question, question)
    return Standalone(whole, core, "rules")


def _completed(question: str, before: _Before, today: date) -> str:
    return completed(without_courtesy(question), before.question, today) or with_antecedent(
        question, open_pronouns(question), before.question, before.answer
    )


def _leans(question: str, before: _Before) -> bool:
    # Who is asked something back answers with less than a question.
    return bool(signs(without_courtesy(question))) or (before.answer.endswith("?") and not question.endswith("?"))


def _with_topic(question: str, before: _Before, today: date) -> str:
    earlier = read_period(before.question, today)
    # "Last year" would be read as a wish for documents of last year; a date is but a word among the others.
    stale = earlier.relative or earlier.latest or read_period(question, today).bounded
    source = earlier.question if stale else before.question
    held = set(folded(question))
    lacking = [piece for piece in topic_words(source, _TOPIC) if not set(folded(piece)) <= held]
    return f"{question} ({' '.join(lacking)})" if lacking else question


def _said(answer: str) -> str:
    """What an answer tells; quoted words are somebody's own and name nobody that is talked about."""
    text = _MARKERS.sub("", answer[:_ANSWER]).strip()
    return "" if text in (REFUSAL, NOTHING_INDEXED) else _QUOTED.sub(" ", text).strip()
