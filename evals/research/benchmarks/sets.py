"""Question sets cut to what one benchmark asks: one half, a sample, foreign questions."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice, zip_longest
from pathlib import Path
from typing import Literal, TypeVar

from evals.datasets.importers import DatasetImportError, ImportedSet, detect_format, import_set
from evals.datasets.resolve import gold_documents, resolve_all_evidence
from evals.schema import Case, Span
from evals.scoring.metrics.answers import contains
from index.schema import Document

SEED = 2026
_LONG = 10_000  # characters; a set of longer documents is judged by spans, since naming the document is easy
_SHORT_ANSWER = 10  # words
_FOR_GOLD = 0.7  # of a capped corpus, the rest being filled with other documents

Half = Literal["tune", "report"]

T = TypeVar("T")


@dataclass(frozen=True)
class BenchmarkSet:
    """Documents to search and questions to ask of them.

    ``whole_corpus`` says that documents of both halves are searched, because questions share them.
    """

    name: str
    documents: Mapping[str, Document]
    answerable: tuple[Case, ...]
    unanswerable: tuple[Case, ...]
    whole_corpus: bool

    @cached_property
    def gold(self) -> Mapping[str, tuple[Span, ...]]:
        """The evidence of each answerable case, by its id."""
        return resolve_all_evidence(self.answerable, self.documents)

    @cached_property
    def relevance(self) -> Mapping[str, Mapping[str, int]]:
        """The grades of each answerable case's gold documents, by its id."""
        return {case.id: gold_documents(case, self.documents) for case in self.answerable}

    @property
    def by_spans(self) -> bool:
        """Whether retrieval is judged by spans of long documents rather than by documents."""
        characters = sum(len(document.text) for document in self.documents.values())
        return characters > _LONG * len(self.documents) and any(case.evidence for case in self.answerable)

    def has_short_answer(self, case: Case) -> bool:
        """Return whether an answer of at most ten words stands literally in a gold document."""
        short = [answer for answer in case.answers if len(answer.split()) <= _SHORT_ANSWER]
        return any(contains(self.documents[name].text, short) for name in self.relevance[case.id])


def find_sets(data: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each set in ``data``: itself, its folders, or a file in one of those."""
    if _is_set(data):
        yield data.stem, data
        return
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        if _is_set(folder):
            yield folder.name, folder
        else:
            files = (file for file in sorted(folder.iterdir()) if file.suffix in (".json", ".jsonl", ".csv"))
            yield from ((folder.name, file) for file in files if _is_set(file))


def load_set(name: str, path: Path, wanted: Half) -> BenchmarkSet:
    """Load one half of the set at ``path``.

    Where every document belongs to one group of questions, documents go with their questions; otherwise the
    questions are split by group and the whole corpus is searched. Raises DatasetImportError.
    """
    return take_half(name, import_set(path), wanted)


def take_half(name: str, imported: ImportedSet, wanted: Half) -> BenchmarkSet:
    """Take one half of an imported set; see ``load_set``."""
    groups = {case.group for case in imported.cases}
    owners = {d.id: d.title if d.title in groups else d.id for d in imported.documents}
    owned = all(owner in groups for owner in owners.values())
    documents = {d.id: d for d in imported.documents if not owned or half_of(owners[d.id]) == wanted}
    cases = [case for case in imported.cases if half_of(case.group) == wanted]
    return BenchmarkSet(
        name=name,
        documents=documents,
        answerable=tuple(case for case in cases if case.answerable),
        unanswerable=tuple(case for case in cases if not case.answerable),
        whole_corpus=not owned,
    )


def sample(given: BenchmarkSet, questions: int, characters: int | None = None) -> BenchmarkSet:
    """Draw at most ``questions`` answerable and as many unanswerable ones, with a fixed seed.

    With ``characters`` a corpus that questions share is cut to about that size too: gold documents first,
    others as they come in a seeded order, and answerable questions that lose their gold are left out. Where
    documents go with their questions they all stay, since the unanswerable questions are about them.
    """
    answerable = _drawn(given.answerable, questions)
    documents = given.documents
    if characters is not None and given.whole_corpus:
        kept = _gold_part(given, answerable, int(characters * _FOR_GOLD))
        others = _drawn([d for d in given.documents.values() if d.id not in kept], len(given.documents))
        documents = _filled({name: given.documents[name] for name in kept}, others, characters)
        answerable = tuple(case for case in answerable if given.relevance[case.id].keys() <= documents.keys())
    return replace(
        given, documents=documents, answerable=answerable, unanswerable=_drawn(given.unanswerable, questions)
    )


def foreign_questions(sets: Sequence[BenchmarkSet], corpus: BenchmarkSet, questions: int) -> tuple[Case, ...]:
    """Draw questions that the other sets answer, from each in turn, to ask ``corpus`` as unanswerable.

    Only questions that stand alone and have reference answers: topics and follow-ups would be refused for
    reasons of their own. That none is answered in ``corpus`` by chance is not checked.
    """
    sources = [
        [
            Case(id=f"{other.name}/{c.id}", question=c.question, answerable=False, group=f"{other.name}/{c.group}")
            for c in _drawn(other.answerable, len(other.answerable))
            if c.answers and not c.history
        ]
        for other in sets
        if other.name != corpus.name
    ]
    in_turn = (case for cases in zip_longest(*sources) for case in cases if case)
    return tuple(islice(in_turn, questions))


def _is_set(path: Path) -> bool:
    try:
        detect_format(path)
    except DatasetImportError:
        return False
    return True


def _drawn(given: Sequence[T], count: int) -> tuple[T, ...]:
    return tuple(random.Random(SEED).sample(list(given), min(count, len(given))))


def _gold_part(given: BenchmarkSet, cases: Iterable[Case], characters: int) -> dict[str, None]:
    """Choose gold documents of the first questions that fit, and always those of the very first."""
    kept: dict[str, None] = {}
    filled = 0
    for case in cases:
        new = [name for name in given.relevance[case.id] if name not in kept]
        size = sum(len(given.documents[name].text) for name in new)
        if not kept or filled + size <= characters:
            kept |= dict.fromkeys(new)
            filled += size
    return kept


def _filled(kept: Mapping[str, Document], others: Iterable[Document], characters: int) -> dict[str, Document]:
    documents = dict(kept)
    filled = sum(len(document.text) for document in kept.values())
    for document in others:
        if filled + len(document.text) <= characters:
            documents[document.id] = document
            filled += len(document.text)
    return documents


def half_of(group: str) -> Half:
    """Return the half that everything of ``group`` (a document, an article, a conversation) belongs to.

    It depends on the name of the group alone, so it never changes, whatever else is in the set.
    """
    digest = hashlib.sha256(f"onrecord:{group}".replace("_", " ").encode()).digest()
    return "tune" if digest[0] % 2 == 0 else "report"
