"""Prefer sentences that report the words of the person a question asks about."""

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from index.text.terms import terms
from rag.reading.evidence_model import sigmoid
from rag.reading.features import analyze_question
from rag.reading.sentence_ranker import Quote
from rag.reading.speech_lookup import SpeechLookup
from rag.speech.asked_speaker import asked_speaker, asks_who, first_name, group_by_first_name, same_person
from rag.speech.reported_speech import Speech

# Added to the log odds that a sentence holds the answer. Round numbers, chosen on the tuning half by
# `python -m evals.research.speakers --half tune`; evals/research/results/SPEAKERS.md has what each is worth.
ASKED_SPEAKER = -0.5  # the asked person's words, before SUBJECT_COVERAGE
OTHER_SPEAKER = -3.5  # somebody else's
ASKED_NEVER_SPEAKS = -1.0  # somebody else's, where no speaker is the asked person, who may go by another name
UNCLEAR_SPEAKER = -0.5  # somebody's, but it is not clear whose
NO_SPEAKER = -1.5  # reports nobody's words
ANY_SPEAKER = 1.0  # "Who said …?", and the speaker is known
# The speaker is settled without the name in the sentence, which the score has already credited, so the name counts
# less, and the subject asked about counts more.
NAME_IN_SENTENCE = -2.0
SUBJECT_COVERAGE = 3.0  # times the share of the subject's terms, by rarity, that the sentence holds
# In the place of that share where nothing is asked about ("What did the mayor say?"): then all they said answers it.
ANY_SUBJECT = 2.5

_MAX_QUOTES_READ = 20  # the documents of these are read
_MIN_PROBABILITY = 1e-9


def prefer_asked_speaker(quotes: Sequence[Quote], question: str, speeches: SpeechLookup) -> tuple[Quote, ...]:
    """Return ``quotes`` (best first) with their probabilities changed by whose words they are, and sorted again.

    Unchanged when the question asks for nobody's words. Probabilities stay between 0 and 1. Only quotes from the
    documents of the best twenty are changed.
    """
    asked = asked_speaker(question)
    if not asked and not asks_who(question):
        return tuple(quotes)
    documents = dict.fromkeys(quote.passage.document_id for quote in quotes[:_MAX_QUOTES_READ])
    said = [s for document in documents for s in speeches.of_document(document)]
    wanted = _find_asked_speaker(question, asked, said, quotes)
    weighed = [
        shift_log_odds(quote, wanted.shift(quote, speeches.of_quote(quote)))
        if quote.passage.document_id in documents
        else quote
        for quote in quotes
    ]
    return tuple(sorted(weighed, key=lambda quote: -quote.probability))


def adjust_confidence(confidence: float, found: Sequence[Quote], weighed: Sequence[Quote]) -> float:
    """Return ``confidence`` that there is an answer, changed by as much as its best quote was.

    That the asked person said it is evidence that the documents answer; that only somebody else did is evidence that
    they do not. ``found`` are the quotes before ``prefer_asked_speaker``, ``weighed`` those after it.
    """
    if not weighed:
        return confidence
    best = weighed[0]
    before = next(q.probability for q in found if (q.passage.id, q.start) == (best.passage.id, best.start))
    return (
        confidence
        if before == best.probability
        else _probability(_log_odds(confidence) + _log_odds(best.probability) - _log_odds(before))
    )


@dataclass(frozen=True, slots=True)
class _AskedSpeaker:
    """The ``speakers`` whose words are asked for, as the documents name them; the subject's terms with their rarity."""

    asked: str
    name: frozenset[str]
    speakers: frozenset[str]
    subject: Mapping[str, float]

    def shift(self, quote: Quote, said: Speech | None) -> float:
        """Return what is added to the log odds of ``quote``, which reports ``said``."""
        if not self.asked:
            return ANY_SPEAKER if said and said.speaker else 0.0
        if said and said.speaker and said.speaker not in self.speakers:
            return OTHER_SPEAKER if self.speakers else ASKED_NEVER_SPEAKS
        if not self.speakers:
            return 0.0
        if said and not said.speaker:
            return UNCLEAR_SPEAKER
        held = frozenset(terms(quote.text))
        named = NAME_IN_SENTENCE * len(self.name & held) / len(self.name) if self.name else 0.0
        if said is None:
            return NO_SPEAKER + named
        return ASKED_SPEAKER + named + SUBJECT_COVERAGE * self._share(held)

    def _share(self, held: Collection[str]) -> float:
        total = sum(self.subject.values())
        if not total:
            return ANY_SUBJECT
        return sum(rarity for term, rarity in self.subject.items() if term in held) / total


def _find_asked_speaker(question: str, asked: str, said: Sequence[Speech], quotes: Sequence[Quote]) -> _AskedSpeaker:
    known = {s.speaker: s.roles for s in said if s.speaker}
    namesakes = group_by_first_name(known)
    speakers = frozenset(
        name for name, roles in known.items() if same_person(asked, name, roles, namesakes[first_name(name)])
    )
    name = frozenset(terms(asked))
    held = Counter(term for quote in quotes for term in frozenset(terms(quote.text)))
    subject = [term for term in analyze_question(question).terms if term not in name]
    rarity = {term: math.log(1 + len(quotes) / (1 + held[term])) for term in subject}
    return _AskedSpeaker(asked, name, speakers, rarity)


def shift_log_odds(quote: Quote, shift: float) -> Quote:
    """Return the quote with ``shift`` added to the log odds of its probability, which stays between 0 and 1."""
    return replace(quote, probability=_probability(_log_odds(quote.probability) + shift)) if shift else quote


def _log_odds(chance: float) -> float:
    kept = min(1 - _MIN_PROBABILITY, max(_MIN_PROBABILITY, chance))
    return math.log(kept / (1 - kept))


def _probability(log_odds: float) -> float:
    return min(1 - _MIN_PROBABILITY, max(_MIN_PROBABILITY, sigmoid(log_odds)))
