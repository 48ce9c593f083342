"""Answer "who is quoted" and "which mayors are named": the people of documents, each in a sentence with the name."""

import re
from collections.abc import Sequence

from index.schema import DocumentInfo
from index.storage.store import Store
from index.text.plural import plural
from index.text.sentences import Span, sentence_spans
from index.text.terms import terms
from rag.answer.kinds.listing import Overview, quotes_at
from rag.reading.sentence_ranker import Quote
from rag.speech.people import People, find_people
from rag.speech.reported_speech import find_speech
from rag.speech.tokens import tokenize

_MAX_PEOPLE = 40
_ATTENDANCE = {
    "present": re.compile(
        r"\W*(?:(?:members |also |others? )?present|(?:in )?attendance|attendees|attending|attended(?: by)?"
        r"|participants)\b[^.]{0,30}?:",
        re.IGNORECASE,
    ),
    "absent": re.compile(r"\W*(?:absent|absences?|apologies|excused|regrets)\b[^.]{0,30}?:", re.IGNORECASE),
}
_MAX_CHARACTERS = 200_000  # a longer document is a book, and analysing it would delay the answer


def list_people(documents: Sequence[DocumentInfo], wanted: str, store: Store) -> Overview | None:
    """List the people of ``documents``, with the first sentence that introduces or quotes each.

    ``wanted`` is a role in the plural ("mayors"), "quoted" for those whose words are reported, or empty for everybody.
    None where there is nobody.
    """
    quotes: list[Quote] = []
    names: dict[str, None] = {}
    for info in documents:
        if info.size > _MAX_CHARACTERS:
            continue
        text = store.document(info.id).text
        spans = sentence_spans(text)
        found = _speakers(text, spans) if wanted == "quoted" else _holders(text, spans, wanted)
        # Words of hers in a sentence that says "she" are shown by the first sentence that names her.
        named = {
            name: span if _is_named(name, text[slice(*span)]) else _first_with(name, text, spans) or span
            for name, span in found.items()
            if name not in names
        }
        new = dict.fromkeys(sorted(named.values()))
        names |= dict.fromkeys(found)
        quotes += quotes_at(list(new), store.passages_of(info.id))
    if not quotes:
        return None
    people = "1 person" if len(names) == 1 else f"{len(names):,} people"
    more = f"; the first {_MAX_PEOPLE}" if len(quotes) > _MAX_PEOPLE else ""
    in_documents = plural(len({quote.passage.document_id for quote in quotes}), "document")
    lead = f"{people}, found in {in_documents}: {', '.join(list(names)[:_MAX_PEOPLE])}{more}."
    return Overview(lead, tuple(quotes[:_MAX_PEOPLE]))


def list_attendance(documents: Sequence[DocumentInfo], wanted: str, store: Store) -> Overview | None:
    """List the lines of ``documents`` that say who was "present" or "absent"; None where there is none."""
    quotes: list[Quote] = []
    for info in documents:
        text = store.document(info.id).text
        spans = [span for span in sentence_spans(text) if _ATTENDANCE[wanted].match(text[slice(*span)])]
        quotes += quotes_at(spans, store.passages_of(info.id))
    return Overview("", tuple(quotes[:_MAX_PEOPLE])) if quotes else None


def _is_named(name: str, sentence: str) -> bool:
    return name.rsplit(maxsplit=1)[-1] in sentence


def _speakers(text: str, spans: Sequence[Span]) -> dict[str, Span]:
    """Find the people whose words are reported, each with the first sentence that does."""
    found: dict[str, Span] = {}
    for said, span in zip(find_speech(text, spans), spans, strict=True):
        if said is not None and said.speaker[:1].isupper() and " " in said.speaker:
            found.setdefault(said.speaker, span)
    return found


def _holders(text: str, spans: Sequence[Span], role: str) -> dict[str, Span]:
    """Find the people who have ``role``, or any role where it is empty, each with the first sentence of the text."""
    people = find_people([tokenize(text, start, end) for start, end in spans])
    names = [name for name in people.roles if " " in name and (not role or _has_role(people, name, role))]
    return dict.fromkeys(names, spans[0])


def _first_with(name: str, text: str, spans: Sequence[Span]) -> Span | None:
    return next((span for span in spans if name in text[slice(*span)]), None)


def _has_role(people: People, name: str, role: str) -> bool:
    wanted = terms(role)
    return any(set(wanted) <= set(terms(" ".join(held))) for held in people.roles[name])
