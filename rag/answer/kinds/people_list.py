"""Answer "who is quoted" and "which mayors are named": the people of documents, each in a sentence with the name."""

from collections.abc import Callable, Sequence

from index.schema import Document, DocumentInfo, Passage
from index.text.plural import plural
from index.text.sentences import Span, sentence_spans
from index.text.terms import terms
from rag.answer.kinds.overview import Overview, quotes_at
from rag.reading.sentence_ranker import Quote
from rag.speech.people import People, find_people
from rag.speech.reported_speech import find_speech
from rag.speech.tokens import tokenize

_MAX_PEOPLE = 40
_MAX_CHARACTERS = 200_000  # a longer document is a book, and analysing it would delay the answer


def list_people(
    documents: Sequence[DocumentInfo],
    wanted: str,
    read: Callable[[str], Document],
    passages_of: Callable[[str], Sequence[Passage]],
) -> Overview | None:
    """List the people of ``documents``, with the first sentence that introduces or quotes each.

    ``wanted`` is a role in the plural ("mayors"), "quoted" for those whose words are reported, or empty for everybody.
    None where there is nobody.
    """
    quotes: list[Quote] = []
    names: set[str] = set()
    for info in documents:
        if info.size > _MAX_CHARACTERS:
            continue
        text = read(info.id).text
        spans = sentence_spans(text)
        found = _speakers(text, spans) if wanted == "quoted" else _holders(text, spans, wanted)
        new = {_first_with(name, text, spans) or span: None for name, span in found.items() if name not in names}
        names |= found.keys()
        quotes += quotes_at(list(new), passages_of(info.id))
    if not quotes:
        return None
    people = "1 person" if len(names) == 1 else f"{len(names):,} people"
    more = f"; the first {_MAX_PEOPLE}" if len(quotes) > _MAX_PEOPLE else ""
    lead = f"{people}, found in {plural(len(documents), 'document')}{more}:"
    return Overview(lead, tuple(quotes[:_MAX_PEOPLE]))


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
