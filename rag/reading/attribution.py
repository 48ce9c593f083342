"""Prefer the sentences that report the words of whom a question asks about."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from index.text.terms import terms
from rag.reading.features import take_apart
from rag.reading.sentence_ranker import Quote
from rag.reading.speech_lookup import Speeches
from rag.speech.asked_speaker import asked_speaker, asks_who, by_first_name, first_name, same_person
from rag.speech.reported_speech import Speech

# Added to the log odds that a sentence holds the answer. Round numbers, chosen on the tuning half by
# `python -m evals.research.speakers --half tune`; evals/research/results/SPEAKERS.md has what each is worth.
ASKED = -0.5  # the asked person's words, before what they hold of the subject
OTHERS = -3.5  # somebody else's
UNHEARD = -1.0  # somebody else's, where nobody is known to be the asked person: it may go by another name
UNCLEAR = -0.5  # somebody's, and it is not safe to say whose
NOBODYS = -1.5  # no words of anybody
SOMEBODYS = 1.0  # "Who said …?", and it is known who did
# Whose words they are is settled without the name, so the name in a sentence, which the score has credited, says
# nothing more, and what the sentence holds of the subject asked about says all the more.
NAMED = -2.0
SUBJECT = 3.0  # times the share of the subject's terms, by rarity, that the sentence holds

_LOOKED_AT = 20  # quotes whose documents are read
_CERTAIN = 1e-9


def attribute(quotes: Sequence[Quote], question: str, speeches: Speeches) -> tuple[Quote, ...]:
    """``quotes`` (best first) with their chances weighed by whose words they are, and ordered again.

    Unchanged when the question asks for nobody's words. Chances stay between 0 and 1. Only quotes of the
    documents of the best twenty are weighed.
    """
    asked = asked_speaker(question)
    if not asked and not asks_who(question):
        return tuple(quotes)
    documents = dict.fromkeys(quote.passage.document_id for quote in quotes[:_LOOKED_AT])
    said = [s for document in documents for s in speeches.of_document(document)]
    wanted = _wanted(question, asked, said, quotes)
    weighed = [
        _shifted(quote, wanted.shift(quote, speeches.of_quote(quote)))
        if quote.passage.document_id in documents
        else quote
        for quote in quotes
    ]
    return tuple(sorted(weighed, key=lambda quote: -quote.chance))


def reweighed(confidence: float, found: Sequence[Quote], weighed: Sequence[Quote]) -> float:
    """``confidence`` that there is an answer, with what its best quote gained or lost by being weighed.

    That the asked person did say it is evidence that the documents do say; that only somebody else did is
    evidence that they do not. ``found`` are the quotes as they were.
    """
    if not weighed:
        return confidence
    best = weighed[0]
    before = next(q.chance for q in found if (q.passage.id, q.start) == (best.passage.id, best.start))
    return (
        confidence
        if before == best.chance
        else _chance(_log_odds(confidence) + _log_odds(best.chance) - _log_odds(before))
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Whose words are asked for (``speakers``, as the documents name them), and the subject's terms by rarity."""

    asked: str
    name: frozenset[str]
    speakers: frozenset[str]
    subject: Mapping[str, float]

    def shift(self, quote: Quote, said: Speech | None) -> float:
        """What is added to the log odds of ``quote``, which reports ``said``."""
        if not self.asked:
            return SOMEBODYS if said and said.speaker else 0.0
        if said and said.speaker and said.speaker not in self.speakers:
            return OTHERS if self.speakers else UNHEARD
        if not self.speakers:
            return 0.0
        if said and not said.speaker:
            return UNCLEAR
        held = frozenset(terms(quote.text))
        named = NAMED * len(self.name & held) / len(self.name) if self.name else 0.0
        if said is None:
            return NOBODYS + named
        return ASKED + named + SUBJECT * self._share(held)

    def _share(self, held: Collection[str]) -> float:
        total = sum(self.subject.values())
        return sum(rarity for term, rarity in self.subject.items() if term in held) / total if total else 0.0


def _wanted(question: str, asked: str, said: Sequence[Speech], quotes: Sequence[Quote]) -> _Wanted:
    known = {s.speaker: s.roles for s in said if s.speaker}
    namesakes = by_first_name(known)
    speakers = frozenset(
        name for name, roles in known.items() if same_person(asked, name, roles, namesakes[first_name(name)])
    )
    name = frozenset(terms(asked))
    held = Counter(term for quote in quotes for term in frozenset(terms(quote.text)))
    subject = [term for term in take_apart(question).terms if term not in name]
    rarity = {term: math.log(1 + len(quotes) / (1 + held[term])) for term in subject}
    return _Wanted(asked, name, speakers, rarity)


def _shifted(quote: Quote, shift: float) -> Quote:
    return replace(quote, chance=_chance(_log_odds(quote.chance) + shift)) if shift else quote


def _log_odds(chance: float) -> float:
    kept = min(1 - _CERTAIN, max(_CERTAIN, chance))
    return math.log(kept / (1 - kept))


def _chance(log_odds: float) -> float:
    return min(1 - _CERTAIN, max(_CERTAIN, 1 / (1 + math.exp(-log_odds))))
