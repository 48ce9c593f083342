"""Complete a follow-up by rules, so that it stands alone: what it leaves out is taken from the earlier turns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from index.text.terms import fold_words
from rag.prompts import is_refusal
from rag.question.key_terms import content_words, topic_words
from rag.question.smalltalk import is_smalltalk, strip_smalltalk
from rag.question.standalone.ellipsis import complete_fragment
from rag.question.standalone.followup_signals import followup_signals, unresolved_pronouns
from rag.question.standalone.own_subject import begins_subject
from rag.question.standalone.pronouns import resolve_pronoun
from rag.question.time_expressions import parse_period
from rag.question.validate import MAX_LENGTH
from rag.schema import Turn

_MAX_TURNS = 12  # earlier turns that are read
_MAX_ANSWER_CHARACTERS = 1_500  # that are read
_MAX_TOPIC_WORDS = 6  # words or names taken from the question before
_MARKERS = re.compile(r"\s*\[\d+\]")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_MAX_ROUNDS = 4
_TELLING_WORDS = 3  # content words from which a question may be understood without those of an earlier turn


@dataclass(frozen=True, slots=True)
class StandaloneQuestion:
    """A question as it is searched, and how it was made from the one that was asked.

    ``core`` is the question without words that were added only for searching: an article names its subject, but not
    each of its sentences does. ``may_stand_alone`` is true where it says much itself, or leans on an earlier turn only
    by being short or by speaking of "the bridge" as of something known: a question on a new subject does that too.
    ``begins_subject`` is true where it most likely is on one. ``answered`` is the answer of the turn before, from which
    words may have been added.
    """

    question: str
    core: str
    method: Literal["as asked", "rules", "model"] = "as asked"
    may_stand_alone: bool = False
    begins_subject: bool = False
    answered: str = ""

    @property
    def changed(self) -> bool:
        """Whether it differs from what was asked."""
        return self.method != "as asked"


@dataclass(frozen=True, slots=True)
class _PreviousTurn:
    question: str
    answer: str


def condense(question: str, history: Sequence[Turn], today: date | None = None) -> StandaloneQuestion:
    """Complete ``question`` from ``history``, oldest turn first; a question that stands alone is returned as asked.

    What is left out comes from the last turn that asked something, which is completed first: a person for "he" and
    "she" where only one can be meant, the rest of the question for a fragment ("and in 2024?"), and otherwise the words
    that the earlier question was about, in brackets.

    >>> turns = [Turn("What did Varga say about the tram in 2023?", "It is late.")]
    >>> condense("And in 2024?", turns, today=date(2025, 1, 1)).question
    'What did Varga say about the tram in 2024?'
    """
    today = today or date.today()
    before: _PreviousTurn | None = None
    answered = ""
    for turn in history[-_MAX_TURNS:]:
        asked = " ".join(turn.question.split())[:MAX_LENGTH]
        if not is_smalltalk(asked):
            made = _make_standalone(asked, before, today)
            told = made.core if _began_subject(made, turn.answer) else made.question
            before = _PreviousTurn(told, _reported_text(turn.answer))
            answered = turn.answer
    made = _make_standalone(question, before, today)
    return replace(made, answered=_MARKERS.sub("", answered)) if made.changed else made


def _make_standalone(question: str, before: _PreviousTurn | None, today: date) -> StandaloneQuestion:
    if before is None or is_smalltalk(question):
        return StandaloneQuestion(question, question)
    core, completed = question, False
    for _ in range(_MAX_ROUNDS):
        fragment = complete_fragment(strip_smalltalk(core), before.question, today)
        made = fragment or resolve_pronoun(core, unresolved_pronouns(core), before.question, before.answer)
        if not made or made == core:
            break
        core, completed = made, completed or bool(fragment)
    signals = followup_signals(strip_smalltalk(core))
    if completed and _is_rid_of(before.question, core):
        signals -= {"definite", "short"}
    # When the assistant asked something back, the reply may be less than a question.
    replies = before.answer.endswith("?") and not core.endswith("?")
    whole = _with_topic(core, before, today) if signals or replies else core
    if whole == question or len(whole) > MAX_LENGTH:
        return StandaloneQuestion(question, question)
    told = len(content_words(question))
    clear = told >= _TELLING_WORDS or (told and signals <= {"definite", "short"})
    alone = core == question and bool(clear) and not replies
    begins = alone and begins_subject(question, signals)
    return StandaloneQuestion(whole, core, "rules", may_stand_alone=alone, begins_subject=begins)


def _began_subject(made: StandaloneQuestion, answer: str) -> bool:
    """Tell whether an earlier question was on a subject of its own, so that words of the one before go no further.

    One that may have been is told by its ``answer``, which has few of the words that were added.
    """
    added = set(content_words(made.question)) - set(content_words(made.core))
    held = set(content_words(answer[:_MAX_ANSWER_CHARACTERS]))
    return made.begins_subject or (made.may_stand_alone and 2 * len(added & held) < len(added))


def _is_rid_of(before: str, core: str) -> bool:
    """Tell whether ``core`` has another thing where ``before`` names one, which must not be searched beside it."""
    return not set(content_words(before)) <= set(content_words(core))


def _with_topic(question: str, before: _PreviousTurn, today: date) -> str:
    earlier = parse_period(before.question, today)
    # "Last year" would be read as asking for documents of last year; a date is a word like any other.
    stale = earlier.relative or earlier.latest or parse_period(question, today).bounded
    source = earlier.question if stale else before.question
    held = set(fold_words(question))
    lacking = [piece for piece in topic_words(source, _MAX_TOPIC_WORDS) if not set(fold_words(piece)) <= held]
    return f"{question} ({' '.join(lacking)})" if lacking else question


def _reported_text(answer: str) -> str:
    """Return what an answer tells, without quoted words, because those name nobody that the conversation is about."""
    text = _MARKERS.sub("", answer[:_MAX_ANSWER_CHARACTERS]).strip()
    return "" if is_refusal(text) else _QUOTED.sub(" ", text).strip()
