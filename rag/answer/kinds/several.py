"""Answer a question that asks for two things, or compares two, by finding the evidence for each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.schema import Hit
from index.text.terms import terms
from rag.answer.kinds.fact import choose_quotes
from rag.prompts import PART_NOT_FOUND
from rag.question.key_terms import topic_words
from rag.question.kind import Kind
from rag.question.parts import Parts, question_parts
from rag.question.scope import Scope
from rag.question.standalone.condense import StandaloneQuestion, condense
from rag.reading.evidence import Evidence, EvidenceFinder, StepTimer
from rag.reading.sentence_ranker import Quote
from rag.schema import Turn

_OF_EACH = 2  # sentences shown for a part
_FEWEST_WORDS = 3  # of a sentence that is shown for a part
_SHORT = 4  # words of a part that hardly names its subject: "who pays"
_TOPIC_WORDS = 3


def find_parts(
    finder: EvidenceFinder, standalone: StandaloneQuestion, scope: Scope, refuse_below: float, clock: StepTimer
) -> Evidence | None:
    """Find the evidence for each part of a question; None where it asks one thing, or where no part is answered.

    The quotes are those to show, in the order of the parts. A comparison is answered only where each side is, or by a
    single sentence that speaks of both.
    """
    asked = standalone.core if standalone.may_stand_alone else standalone.question
    parts = question_parts(asked)
    if len(parts.questions) == 1:
        return None
    found = list(_find_each(finder, parts, scope, refuse_below, clock))
    answered = {part: one for part, one in zip(parts.questions, found, strict=True) if one.is_answer(refuse_below)}
    spoken_of = (_speaks_of(one, part) for part, one in zip(parts.questions, found, strict=True))
    if parts.compared and not (len(answered) == len(found) and all(spoken_of)):
        if parts.single:
            return None
        whole = finder.find(standalone, scope, refuse_below, clock)
        return whole if _names_all_sides(whole, parts) else replace(found[0], confidence=0.0, kind="compare")
    if not answered:
        return None
    kept = [evidence for evidence in found if evidence.is_answer(refuse_below)]
    quotes = [
        quote for part, one in answered.items() for quote in choose_quotes(_sentences(one.quotes), part, _OF_EACH)
    ]
    missing = " ".join(PART_NOT_FOUND.format(part=part) for part in parts.questions if part not in answered)
    notes = dict.fromkeys((*(one.search.note for one in kept), missing))
    search = replace(kept[0].search, query=asked, note=" ".join(filter(None, notes)))
    confidence = min(evidence.confidence for evidence in kept)
    kind: Kind = "compare" if parts.compared else "several"
    return Evidence(search, _hits(kept), _each_once(quotes), confidence, (), kind)


def _find_each(
    finder: EvidenceFinder, parts: Parts, scope: Scope, refuse_below: float, clock: StepTimer
) -> Iterator[Evidence]:
    first: Turn | None = None
    for part in parts.questions:
        asked = StandaloneQuestion(part, part) if first is None or parts.compared else _completed(part, first)
        evidence = finder.find(asked, scope, refuse_below, clock)
        first = first or Turn(part, evidence.quotes[0].text if evidence.quotes else "")
        yield evidence


def _completed(part: str, first: Turn) -> StandaloneQuestion:
    """Complete a later part from the ``first``, to which "it" and "her" refer, and of which a short one is spoken."""
    made = condense(part, [first])
    if made.changed or len(part.split()) >= _SHORT:
        return made
    topic = " ".join(topic_words(first.question, _TOPIC_WORDS))
    return StandaloneQuestion(f"{part} ({topic})", part, "rules") if topic else made


def _names_all_sides(evidence: Evidence, parts: Parts) -> bool:
    """Tell whether the best quote has a word of each side that the others do not share."""
    if not evidence.quotes:
        return False
    sides = [frozenset(terms(part)) for part in parts.questions]
    shared, held = frozenset.intersection(*sides), frozenset(terms(evidence.quotes[0].text))
    return all((side - shared) & held for side in sides)


def _speaks_of(evidence: Evidence, part: str) -> bool:
    """Tell whether the passage of the best quote, its headings and its title have every number and code of a side."""
    if not evidence.quotes:
        return False
    passage = evidence.quotes[0].passage
    labels = (heading.label for heading in passage.headings)
    held = frozenset(terms("\n".join((passage.title, passage.text, *labels))))
    return all(frozenset(terms(word)) <= held for word in part.split() if any(map(str.isdigit, word)))


def _sentences(quotes: Sequence[Quote]) -> Sequence[Quote]:
    """Leave out what is too short to say anything of a side, such as the name under a letter."""
    return [quote for quote in quotes if len(quote.text.split()) >= _FEWEST_WORDS] or quotes


def _hits(found: Sequence[Evidence]) -> tuple[Hit, ...]:
    """Return the hits of all parts, each once, those of each part in turn."""
    most = max(len(evidence.hits) for evidence in found)
    in_turn = (evidence.hits[n] for n in range(most) for evidence in found if n < len(evidence.hits))
    return tuple({hit.passage.id: hit for hit in in_turn}.values())


def _each_once(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    return tuple({(quote.passage.document_id, quote.start): quote for quote in quotes}.values())
