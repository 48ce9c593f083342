"""Answer from the newest version of a text, and say what an older one says otherwise."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from functools import cmp_to_key
from itertools import pairwise

from index.duplicates.versions import are_versions, compare_versions, in_force, same_subject, version_words
from index.schema import Document, Hit, Passage
from index.text.lists import list_spans
from index.text.sentences import Span, sentence_spans
from index.text.terms import fold_words, terms
from rag.prompts import version_note
from rag.reading.preferences.identified import is_row
from rag.reading.sentence_ranker import Quote

_SAME_STATEMENT = 0.6  # share of words in common, numbers counted as equal
_MOST_VERSIONS = 8  # documents compared with that of the best quote
_CELL_END = re.compile(r" \| |; ")
_ASKS_FOR_OLDER = re.compile(
    r"\b(?:old|older|previous|previously|former|formerly|earlier|used to|last year['’]s)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Versions:
    """Quotes of one version of a text, with what is to be said of the others.

    ``note`` says in words what another version says otherwise, ``dated`` is the sentence that says from which day the
    quoted one holds, and ``superseded`` are the ids of the other versions.
    """

    quotes: tuple[Quote, ...]
    note: str = ""
    dated: Quote | None = None
    superseded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VersionPreference:
    """Reads documents and passages to compare versions; those that hold from a day after ``today`` are not in force."""

    read: Callable[[str], Document]
    passages_of: Callable[[str], Sequence[Passage]]
    today: date

    def prefer_newest(self, quotes: Sequence[Quote], hits: Sequence[Hit], question: str) -> Versions:
        """Put what the newest version in force says in the place of the best quote, and drop quotes of the others.

        Where the question names a version, by its year or number or as the old one, that one answers. Where it cannot
        be told which is newer the best quote stays, and the note says what another version says.
        """
        family = self._family(quotes[0].passage, hits) if quotes else []
        if not family:
            return Versions(tuple(quotes))
        best = quotes[0]
        ordered = _newest_first(family)
        named = _named_in(question, family)
        if not ordered and named is None:
            return Versions(tuple(quotes), self._difference(best, family[1:], "", question))
        chosen = named or self._current(ordered, question)
        found = best if chosen.id == best.passage.document_id else self._counterpart(best, chosen.id, question)
        if found is None:
            return Versions(tuple(quotes), version_note(chosen.title, _stated(chosen), "newer"))
        others = frozenset(document.id for document in family) - {chosen.id}
        kept = [q for q in quotes if q.passage.document_id not in others and not _overlap(q, found)]
        note = "" if named else self._differences(found, ordered, chosen, question)
        return Versions((found, *kept), note, self._dated(chosen, found) if note or named else None, others)

    def _family(self, passage: Passage, hits: Sequence[Hit]) -> list[Document]:
        """Read the document of ``passage`` and its other versions among the hits; nothing where it has none."""
        found = {one.document_id: one for hit in hits for one in (hit.passage, *hit.copies)}
        alike = [id_ for id_, one in found.items() if id_ != passage.document_id and same_subject(passage, one)]
        if not alike:
            return []
        own = self.read(passage.document_id)
        others = [other for other in map(self.read, alike[:_MOST_VERSIONS]) if are_versions(own, other)]
        return [own, *others] if others else []

    def _current(self, ordered: Sequence[Document], question: str) -> Document:
        """Return the newest of the versions that is in force; the one before it where the old one is asked for."""
        held = [document for document in ordered if (d := in_force(document)) is None or d.day <= self.today]
        usable = held or list(ordered)
        return usable[1] if _ASKS_FOR_OLDER.search(question) and len(usable) > 1 else usable[0]

    def _differences(self, quote: Quote, ordered: Sequence[Document], chosen: Document, question: str) -> str:
        """Say what the version next to the chosen one says otherwise: the older ones, and one not yet in force."""
        at = [document.id for document in ordered].index(chosen.id)
        older = self._difference(quote, ordered[at + 1 :], "older", question)
        newer = self._difference(quote, ordered[:at][-1:], "newer", question)
        return f"{older} {newer}".strip()

    def _difference(self, quote: Quote, others: Sequence[Document], age: str, question: str) -> str:
        """Say what the first of ``others`` that says it otherwise says; empty where none does."""
        for other in others:
            found = self._counterpart(quote, other.id, question)
            if found is not None and fold_words(found.text) != fold_words(quote.text):
                return version_note(other.title, _stated(other), age, found.text)
        return ""

    def _counterpart(self, quote: Quote, document_id: str, question: str) -> Quote | None:
        """Find the same statement in another version; None where it is not there."""
        asked = frozenset(word for word in terms(question) if not word[0].isdigit())
        meant, said = asked & frozenset(terms(quote.text)), _without_numbers(quote.text)
        best, found = _SAME_STATEMENT, None
        for passage in self.passages_of(document_id):
            for start, end in _statements(passage, whole_lists=quote.is_list):
                text = passage.text[start:end]
                if _first_cell(text) != _first_cell(quote.text) or not meant <= frozenset(terms(text)):
                    continue
                matcher = SequenceMatcher(None, said, _without_numbers(text), autojunk=False)
                if matcher.real_quick_ratio() >= best and (share := matcher.ratio()) >= best:
                    best = share
                    place = (passage.start + start, passage.start + end)
                    found = replace(quote, passage=passage, start=place[0], end=place[1], answer=None)
        return found

    def _dated(self, document: Document, quote: Quote) -> Quote | None:
        """Return the sentence that says from which day ``document`` holds; None where ``quote`` says it."""
        held = in_force(document)
        if held is None or quote.start <= held.at < quote.end:
            return None
        for passage in self.passages_of(document.id):
            for start, end in sentence_spans(passage.text):
                if passage.start + start <= held.at < passage.start + end:
                    place = (passage.start + start, passage.start + end)
                    return replace(quote, passage=passage, start=place[0], end=place[1], answer=None, is_list=False)
        return None


def _newest_first(family: Sequence[Document]) -> list[Document]:
    """Return the versions, the newest first; nothing where it cannot be told of two of them which is newer."""
    ordered = sorted(family, key=cmp_to_key(compare_versions), reverse=True)
    return ordered if all(compare_versions(a, b) > 0 for a, b in pairwise(ordered)) else []


def _named_in(question: str, family: Sequence[Document]) -> Document | None:
    """Return the version that ``question`` names by what marks it alone; None where it names none, or several."""
    asked = frozenset(fold_words(question))
    marks = [version_words(document) | _years_stated(document) for document in family]
    own = [mark.difference(*(other for other in marks if other is not mark)) for mark in marks]
    named = [document for document, mark in zip(family, own, strict=True) if mark & asked]
    return named[0] if len(named) == 1 else None


def _years_stated(document: Document) -> frozenset[str]:
    held = in_force(document)
    return frozenset([str(held.day.year)] if held else [])


def _stated(document: Document) -> date | None:
    held = in_force(document)
    return held.day if held else None


def _statements(passage: Passage, *, whole_lists: bool) -> Iterator[Span]:
    spans = sentence_spans(passage.text)
    yield from (found.span for found in list_spans(passage.text, spans)) if whole_lists else spans


def _without_numbers(text: str) -> list[str]:
    return ["0" if word[0].isdigit() else word for word in fold_words(text)]


def _first_cell(text: str) -> str:
    """Return the first cell of a row, by which it is the same row in another version; empty for a sentence."""
    return _CELL_END.split(text, maxsplit=1)[0] if is_row(text) else ""


def _overlap(one: Quote, other: Quote) -> bool:
    same = one.passage.document_id == other.passage.document_id
    return same and one.start < other.end and other.start < one.end
