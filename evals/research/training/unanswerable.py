"""Make questions that a context does not answer, though they sound as if it did.

Native ones are few (SQuAD 2.0's training questions are not at hand), so they are made: a detail of the question is
exchanged, or the question is put to another context that shares its words.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from evals.research.training.questions import Question

_OPPOSITES = [
    pair.split("/")
    for pair in (
        "first/last largest/smallest highest/lowest most/least more/fewer before/after oldest/youngest "
        "best/worst increase/decrease increased/decreased rise/fall rose/fell won/lost win/lose began/ended begin/end "
        "start/stop started/stopped early/late north/south northern/southern east/west eastern/western left/right "
        "inside/outside above/below over/under bought/sold buy/sell like/dislike liked/disliked love/hate loved/hated "
        "male/female man/woman men/women boy/girl son/daughter husband/wife brother/sister mother/father king/queen "
        "old/new good/bad big/small long/short hot/cold open/close opened/closed accept/reject accepted/rejected "
        "support/oppose supported/opposed allow/forbid allowed/forbidden always/never cheap/expensive strong/weak "
        "easy/difficult advantage/disadvantage advantages/disadvantages major/minor maximum/minimum arrive/leave "
        "arrived/left gain/lose gained/lost include/exclude included/excluded same/different public/private rich/poor "
        "morning/evening day/night summer/winter spring/autumn internal/external positive/negative upper/lower"
    ).split()
]
_OPPOSITE = {one: other for pair in _OPPOSITES for one, other in (pair, pair[::-1])}
_NUMBER = re.compile(
    r"\b\d[\d,.]*\d\b|\b\d\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|hundred)\b"
)
_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[A-Z][\w'-]+(?: (?:of |the |de |von )?[A-Z][\w'-]+)*")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|did|does|do|can|could|will|would|has|have|had|should|must)\b", re.IGNORECASE
)
_WORDS = re.compile(r"\w+")
_MANY_NUMBERS = "two three four five six seven eight nine ten twelve twenty hundred".split()
_COMMON = frozenset(
    "the a an of in on at to for and or is are was were did does do what who when where which why how many much that "
    "this with by from as it its be been has have had s not".split()
)


class UnanswerableMaker:
    """A maker of unanswerable questions from answerable ones; the same seed makes the same ones."""

    def __init__(self, questions: Sequence[Question], seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._names = sorted({name for q in questions for name in _NAME.findall(q.text)})
        self._contexts = _Contexts(questions)
        self._ways: list[Callable[[Question], Question | None]] = [
            self._other_number,
            self._other_name,
            self._name_of_the_context,
            self._opposite,
            self._negated,
            self._elsewhere,
            self._elsewhere,
            self._elsewhere,
            self._answer_cut,
            self._answer_cut,
        ]

    def make(self, question: Question) -> Question | None:
        """Make an unanswerable question from ``question`` by an edit that fits it; None where none does."""
        ways = list(self._ways)
        self._rng.shuffle(ways)
        for way in ways:
            made = way(question)
            if made is not None and made.text != "":
                return replace(made, answers=())
        return None

    def _other_number(self, question: Question) -> Question | None:
        found = list(_NUMBER.finditer(question.text))
        if not found:
            return None
        match = self._rng.choice(found)
        return _exchanged(question, match, self._number_unlike(match.group()))

    def _number_unlike(self, number: str) -> str:
        if not number[0].isdigit():
            return self._rng.choice([word for word in _MANY_NUMBERS if word != number.lower()])
        digits = list(number)
        places = [i for i, digit in enumerate(digits) if digit.isdigit()]
        place = self._rng.choice(places[-2:])
        digits[place] = self._rng.choice([d for d in "123456789" if d != digits[place]])
        return "".join(digits)

    def _other_name(self, question: Question) -> Question | None:
        found = list(_NAME.finditer(question.text))
        if not found:
            return None
        match = self._rng.choice(found)
        name = self._rng.choice(self._names)
        return _exchanged(question, match, name) if name.lower() not in question.context.lower() else None

    def _name_of_the_context(self, question: Question) -> Question | None:
        found = list(_NAME.finditer(question.text))
        taken = {word.lower() for word in _WORDS.findall(question.text)}
        around = _around_answer(question)
        others = sorted(
            {
                name
                for name in _NAME.findall(question.context)
                if not taken & {word.lower() for word in _WORDS.findall(name)} and name not in around
            }
        )
        if not found or not others:
            return None
        return _exchanged(question, self._rng.choice(found), self._rng.choice(others))

    def _opposite(self, question: Question) -> Question | None:
        found = [match for match in _WORDS.finditer(question.text) if match.group().lower() in _OPPOSITE]
        if not found:
            return None
        match = self._rng.choice(found)
        return _exchanged(question, match, _OPPOSITE[match.group().lower()])

    def _negated(self, question: Question) -> Question | None:
        match = _AUXILIARY.search(question.text)
        if match is None or " not " in question.text or "n't" in question.text or self._rng.random() < 0.6:  # noqa: PLR2004
            return None
        subject = re.match(r"\s+\w+", question.text[match.end() :])
        after_subject = bool(subject) and match.group().lower() in {"did", "does", "do"}
        end = match.end() + (subject.end() if subject and after_subject else 0)
        return replace(question, text=f"{question.text[:end]} not{question.text[end:]}")

    def _elsewhere(self, question: Question) -> Question | None:
        context = self._contexts.like(question, self._rng)
        if context is None or any(question.context[a:b].lower() in context.lower() for a, b in question.answers):
            return None
        return replace(question, context=context)

    def _answer_cut(self, question: Question) -> Question | None:
        """Take the sentences of the answer out of the context."""
        cut = question.context
        for start, end in sorted(question.answers, reverse=True):
            left = max(cut.rfind(mark, 0, start) for mark in (". ", "! ", "? ", "\n")) + 1
            right = (
                min((p for mark in (". ", "! ", "? ", "\n") if (p := cut.find(mark, end)) >= 0), default=len(cut)) + 1
            )
            cut = cut[:left] + cut[right:]
        gone = any(question.context[a:b].lower() in cut.lower() for a, b in question.answers)
        return replace(question, context=cut) if len(cut.split()) > 20 and not gone else None  # noqa: PLR2004


class _Contexts:
    """The contexts of each source by their words, to find one that shares most of a question's."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._by_word: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._texts = list(dict.fromkeys((q.source, q.context) for q in questions))
        for place, (source, text) in enumerate(self._texts):
            for word in {w.lower() for w in _WORDS.findall(text)} - _COMMON:
                self._by_word[source, word].append(place)

    def like(self, question: Question, rng: random.Random) -> str | None:
        """Find a context that shares the telling words of the question, other than its own."""
        weights: dict[int, float] = defaultdict(float)
        for word in {w.lower() for w in _WORDS.findall(question.text)} - _COMMON:
            places = self._by_word.get((question.source, word), [])
            if 0 < len(places) <= 400:  # noqa: PLR2004  # a word of many contexts tells little
                for place in places:
                    weights[place] += 1 / (1 + len(places)) ** 0.5
        best = sorted(weights, key=weights.__getitem__, reverse=True)[:6]
        others = [self._texts[place][1] for place in best if self._texts[place][1] != question.context]
        return rng.choice(others[:3]) if others else None


def _exchanged(question: Question, match: "re.Match[str]", words: str) -> Question:
    return replace(question, text=question.text[: match.start()] + words + question.text[match.end() :])


def _around_answer(question: Question, reach: int = 120) -> str:
    return " ".join(question.context[max(0, a - reach) : b + reach] for a, b in question.answers)
