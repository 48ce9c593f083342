"""Write an answer with a language model from numbered sentences, checking each sentence before it is shown."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from index.schema import Hit
from rag.answer.citation_parser import CitationParser, CitedSentence
from rag.answer.citations import MarkerAssigner
from rag.answer.messages import build_messages, sentence_budget
from rag.answer.numbered_sentences import NumberedSentence, number_sentences
from rag.answer.sanitize import sanitize
from rag.llm.protocol import Model, ModelFailedError
from rag.prompts import CONTEXT_TOO_SMALL, DECLINE_PHRASE
from rag.reading.sentence_ranker import Quote
from rag.schema import Answer, Citation, Claim, Turn

_MIN_BUDGET = 64  # tokens; fewer hold no useful sentence
_DRAFT_INTERVAL = 0.05  # seconds; nobody sees a page redrawn more often
_MAX_REPEATS = 3  # of one sentence, before the model counts as caught in a loop


class ClaimChecker(Protocol):
    """Checks written claims against the documents."""

    @property
    def checks_whole_answers(self) -> bool:
        """Whether claims are best checked together, by ``check_all``, once all of them are written."""
        ...

    def check_all(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        """Return the claims of one answer with their verdicts and the reasons for them."""
        ...

    def check(self, claim: Claim) -> Claim:
        """Return the claim with its verdict and the reason for it."""
        ...

    def support(self, text: str, hits: Sequence[Hit]) -> tuple[Citation, ...]:
        """Return the sentences of ``hits`` that support ``text``; none unless it would then be called supported."""
        ...


class DeclinedError(Exception):
    """The model says that the sentences do not answer the question."""


@dataclass(frozen=True, slots=True)
class PartialAnswer:
    """An answer as far as it is written: checked claims, and a draft that is not checked yet."""

    claims: tuple[Claim, ...]
    draft: str = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """A model with what checks its sentences. A reply holds at most ``max_tokens``."""

    model: Model
    checker: ClaimChecker
    max_tokens: int

    def write(
        self,
        question: str,
        query: str,
        hits: Sequence[Hit],
        quotes: Sequence[Quote],
        *,
        history: Sequence[Turn] = (),
        stop: threading.Event | None = None,
    ) -> Iterator[PartialAnswer]:
        """Yield the answer as it grows, by a piece of draft or a checked claim.

        Only sentences that the model was shown can be cited; markers count from 1 by first use. Ends early once
        ``stop`` is set. Raises ModelFailedError, and DeclinedError where the model says that the sentences hold no
        answer.
        """
        # Half of a small context is kept for the sentences, however long the reply may be.
        length = min(self.max_tokens, self.model.context // 2)
        history, budget = self._room(length, question, query, history)
        offered = number_sentences(hits, quotes, budget)
        pieces = self.model.stream(build_messages(question, query, offered, history), max_tokens=length, stop=stop)
        parser, sheet = CitationParser(), _ClaimCollector(offered, hits, self.checker)
        shown, again = 0, 0.0
        with closing(pieces):  # type: ignore[type-var]  # a generator, so that closing it ends the request
            for piece in pieces:
                sheet.add(parser.feed(piece))
                if sheet.repeating:
                    break  # the rest would be the same again
                if len(sheet.claims) == shown and time.monotonic() < again:
                    continue
                draft = sanitize(parser.draft)
                hidden = not sheet.claims and _may_decline(draft)
                if not hidden:
                    yield sheet.unchecked(draft) if sheet.together else PartialAnswer(sheet.claims, draft)
                    shown = len(sheet.claims)
                if not hidden or len(draft) > len(DECLINE_PHRASE):
                    again = time.monotonic() + _DRAFT_INTERVAL
        stopped = stop is not None and stop.is_set()
        if not (sheet.repeating or stopped):
            sheet.add(parser.close())
        if sheet.together and not stopped:
            yield sheet.unchecked()
            yield PartialAnswer(self.checker.check_all(sheet.claims))
        else:
            yield PartialAnswer(tuple(map(self.checker.check, sheet.claims)) if sheet.together else sheet.claims)

    def _room(self, length: int, question: str, query: str, history: Sequence[Turn]) -> tuple[Sequence[Turn], int]:
        """Return the earlier turns that fit, and the tokens left for sentences."""
        for told in (history, ()):
            budget = sentence_budget(self.model.context, length, question, query, told)
            if budget >= _MIN_BUDGET:
                return told, budget
        raise ModelFailedError(CONTEXT_TOO_SMALL.format(model=self.model.name, context=self.model.context))


class _ClaimCollector:
    """Collects the claims so far, checked where that is done one by one. A repeated sentence is not taken again."""

    def __init__(self, offered: Sequence[NumberedSentence], hits: Sequence[Hit], checker: ClaimChecker) -> None:
        self.claims: tuple[Claim, ...] = ()
        self.repeating = False
        self._offered = {one.number: one for one in offered}
        self._hits = hits
        self._checker = checker
        self.together = checker.checks_whole_answers
        self._numbering = MarkerAssigner()
        self._times: dict[str, int] = {}

    def add(self, sentences: Sequence[CitedSentence]) -> None:
        """Check ``sentences`` and add them as claims. Raises DeclinedError."""
        for sentence in sentences:
            text = sanitize(sentence.text)
            key = text.casefold()
            self._times[key] = self._times.get(key, 0) + 1
            self.repeating = self.repeating or self._times[key] > _MAX_REPEATS
            if key.startswith(DECLINE_PHRASE.casefold()):
                if not self.claims:
                    raise DeclinedError
            elif text and self._times[key] == 1:
                self.claims = (*self.claims, self._claim(text, sentence.numbers))

    def unchecked(self, draft: str = "") -> PartialAnswer:
        """Return all that is written as a draft."""
        return PartialAnswer((), " ".join(filter(None, [*(claim.text for claim in self.claims), draft])))

    def _claim(self, text: str, numbers: Sequence[int]) -> Claim:
        offered = [self._offered[number] for number in numbers if number in self._offered]
        cited = tuple(Citation(0, one.passage, one.start, one.end) for one in offered)
        cited = cited or self._checker.support(text, self._hits)
        claim = Claim(text, self._numbering.assign(cited), "unsupported", "not checked yet")
        return claim if self.together else self._checker.check(claim)


def _may_decline(draft: str) -> bool:
    """Tell whether a draft may turn out to be the declining phrase, which is no part of an answer."""
    begun = draft.casefold()
    return DECLINE_PHRASE.casefold().startswith(begun) or begun.startswith(DECLINE_PHRASE.casefold())


def written_or_quoted(quoted: Answer, written: Iterator[Answer]) -> Iterator[Answer]:
    """Yield what a model writes; ``quoted`` in the end where it declines or nothing that it writes is supported."""
    for answer in written:
        if answer.answerer != "quoted" and not answer.refused:
            yield answer
        elif answer.done:
            yield replace(quoted, note=answer.note, timings=answer.timings)
