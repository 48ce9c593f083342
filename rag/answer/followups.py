"""Suggest questions to go on with, made by rules from what an answer cites and found nearby.

There are three kinds: what somebody else said whose words the cited documents report, what was written about the
subject at another time, and what a further section of a cited document says. A question is only suggested where the
documents answer it with something new.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.errors import OnrecordError
from index.text.dates import parse_date_range
from index.text.headings import heading_path, without_numbering
from index.text.terms import fold_word, fold_words
from rag.question.key_terms import topic_words
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from rag.speech.asked_speaker import asked_speaker
from rag.speech.reported_speech import Speech

_MAX_SUGGESTIONS = 3  # suggestions returned
_MAX_TRIED = 6  # candidates, each of which costs a search
_MAX_SUBJECT_WORDS = 4  # that say what was asked about
_MAX_HEADING_WORDS = 10  # of a heading that is asked about
_MAX_OF_A_KIND = 3  # so that neither kind crowds out the other


@dataclass(frozen=True, slots=True)
class FollowupCandidate:
    """A question that could be suggested.

    It is for the words of ``speaker``, if ``timed`` for a time, or for what ``document`` says, by its id.
    """

    question: str
    speaker: str = ""
    timed: bool = False
    document: str = ""


AskFunction = Callable[[str, Sequence[Turn], Scope], Answer]
SpeechOfDocument = Callable[[str], Sequence[Speech]]


def suggest_followups(  # noqa: PLR0917  # what asks and reads is bound first, the rest comes from the chat in order
    ask: AskFunction,
    speaking: SpeechOfDocument,
    answer: Answer,
    history: Sequence[Turn] = (),
    scope: Scope = EVERYTHING,
    stop: threading.Event | None = None,
) -> tuple[str, ...]:
    """Return at most three questions to ask after ``history``, whose last turn ``answer`` is.

    There are fewer once ``stop`` is set. ``ask`` answers from the documents' own words; ``speaking`` returns the speech
    of a document by its id.
    """
    found: list[str] = []
    seen = _cited_places(answer)
    for candidate in followup_candidates(answer, speaking)[:_MAX_TRIED]:
        if len(found) == _MAX_SUGGESTIONS or (stop is not None and stop.is_set()):
            break
        try:
            tried = ask(candidate.question, history, scope)
        except OnrecordError:
            continue
        if _is_answered_by(candidate, tried, scope) and _cited_places(tried) - seen:
            seen |= _cited_places(tried)
            found.append(candidate.question)
    return tuple(found)


def followup_candidates(answer: Answer, speaking: SpeechOfDocument) -> tuple[FollowupCandidate, ...]:
    """Return what could be asked after ``answer``, whether or not the documents answer it; the most promising first."""
    spoken = asked_speaker(answer.query)
    subject = _subject(answer.query, spoken)
    sections = list(_further_sections(answer))[:_MAX_OF_A_KIND]
    if not subject:
        return tuple(sections)
    others = [
        FollowupCandidate(f"What did {name} say about {subject}?", name)
        for name in _other_speakers(answer, spoken, speaking)
    ]
    months = [
        FollowupCandidate(f"What was reported about {subject} in {month}?", timed=True)
        for month in _other_months(answer)
    ]
    return (*others[:_MAX_OF_A_KIND], *months[:_MAX_OF_A_KIND], *sections)


def _is_answered_by(candidate: FollowupCandidate, tried: Answer, scope: Scope) -> bool:
    """Tell whether ``tried`` answers exactly the question: its wording, the speaker and the time it asks for."""
    if tried.refused or not set(fold_words(tried.query)) <= set(fold_words(candidate.question)):
        return False
    if candidate.document:
        return all(c.passage.document_id == candidate.document for c in tried.citations)
    if candidate.speaker:
        return any(fold_word(c.speaker) == fold_word(candidate.speaker) for c in tried.citations)
    # Where no document is of that time, everything is searched, which is not what the question asks.
    return not candidate.timed or tried.scope != scope


def _subject(question: str, spoken: str) -> str:
    """Return what is asked about, in the question's own words: all of it after "about", else its key terms."""
    bare = question.strip().rstrip("?!. ")
    _, about, rest = bare.partition(" about ")
    if about and len(rest.split()) <= 2 * _MAX_SUBJECT_WORDS:
        return rest
    names = {fold_word(word) for word in spoken.split()}
    words = [
        w for w in topic_words(bare, _MAX_SUBJECT_WORDS + len(names)) if not names & {fold_word(x) for x in w.split()}
    ]
    return " ".join(words[:_MAX_SUBJECT_WORDS])


def _further_sections(answer: Answer) -> Iterator[FollowupCandidate]:
    """Yield what the sections beside the cited words say; a heading that is a question is asked as it stands."""
    cited = {passage.document_id: passage.title for passage in (c.passage for c in answer.citations)}
    above = {label for c in answer.citations for label in heading_path(c.passage.headings, c.start)}
    passages = [*(c.passage for c in answer.citations), *(hit.passage for hit in answer.hits)]
    told: set[str] = set()
    for passage in passages:
        for heading in passage.headings if passage.document_id in cited else ():
            label = heading.label.strip()
            if label in above | told | {cited[passage.document_id]} or len(label.split()) > _MAX_HEADING_WORDS:
                continue
            told.add(label)
            asked = label if label.endswith("?") else f"Summarise the section “{without_numbering(label)}”"
            yield FollowupCandidate(asked, document=passage.document_id)


def _other_speakers(answer: Answer, spoken: str, speaking: SpeechOfDocument) -> Iterator[str]:
    """Yield who else speaks in the cited documents and in those found nearby, by full name, cited documents first."""
    known = {fold_word(c.speaker) for c in answer.citations if c.speaker}
    last = fold_word(spoken).split()[-1:]
    documents = dict.fromkeys(
        [*(c.passage.document_id for c in answer.citations), *(h.passage.document_id for h in answer.hits)]
    )
    told: set[str] = set()
    for document in documents:
        for said in speaking(document):
            name = fold_word(said.speaker)
            # A single word or a small letter is a role or half a name, which may mean somebody else elsewhere.
            if " " not in name or not all(word[:1].isupper() for word in said.speaker.split()):
                continue
            if name in known | told or name.split()[-1:] == last:
                continue
            told.add(name)
            yield said.speaker


def _other_months(answer: Answer) -> Iterator[str]:
    """Yield the months in which other documents found for it were published, in the order found."""
    cited = {_month(c.passage.metadata.get("date", "")) for c in answer.citations}
    found = dict.fromkeys(_month(hit.passage.metadata.get("date", "")) for hit in answer.hits)
    yield from (month for month in found if month and month not in cited)


def _month(iso: str) -> str:
    days = parse_date_range(iso)
    if days is None or (days[1] - days[0]).days > 31:  # noqa: PLR2004  # a year alone is no month
        return ""
    return f"{days[0]:%B} {days[0].year}"


def _cited_places(answer: Answer) -> set[tuple[str, int, int]]:
    return {(c.passage.document_id, c.start, c.end) for c in answer.citations}
