"""Resolve evidence to spans: every quote found exactly once in its document."""

import re
from collections.abc import Iterable, Iterator, Mapping

from evals.datasets.cases import CasesError
from evals.schema import Case, Evidence, Span
from index.schema import Document
from index.text.normalize import normalise


def resolve_evidence(case: Case, documents: Mapping[str, Document]) -> tuple[Span, ...]:
    """Resolve the case's evidence to spans, in its order, offsets in characters of the documents' texts.

    ``documents`` are by id. A quote must stand exactly once in its document, its white space apart, or be
    given with a span that holds it. Raises ``CasesError`` naming case, file and line, one line a problem.
    """
    spans: list[Span] = []
    problems: list[str] = []
    for item in case.evidence:
        try:
            spans.append(_span(item, find_document(item.document, documents)))
        except LookupError as error:
            problems.append(f"{_where(case)}: {error.args[0]}")
    if problems:
        raise CasesError(problems)
    return tuple(spans)


def resolve_all_evidence(cases: Iterable[Case], documents: Mapping[str, Document]) -> dict[str, tuple[Span, ...]]:
    """Resolve the evidence of every case, by its id. Raises ``CasesError`` with the problems of all of them."""
    spans: dict[str, tuple[Span, ...]] = {}
    problems: list[str] = []
    for case in cases:
        try:
            spans[case.id] = resolve_evidence(case, documents)
        except CasesError as error:
            problems += error.problems
    if problems:
        raise CasesError(problems)
    return spans


def gold_documents(case: Case, documents: Mapping[str, Document]) -> dict[str, int]:
    """Return grades above 0 by document id: those of ``relevance``, and 1 for other gold documents and evidence.

    Raises ``CasesError`` if one is not among ``documents``.
    """
    named = [*case.documents, *(item.document for item in case.evidence)]
    grades = {**dict.fromkeys(named, 1), **case.relevance}
    problems: list[str] = []
    gold: dict[str, int] = {}
    for name, grade in grades.items():
        try:
            found = find_document(name, documents).id
        except LookupError as error:
            problems.append(f"{_where(case)}: {error.args[0]}")
            continue
        if grade > 0:
            gold[found] = max(grade, gold.get(found, 0))
    if problems:
        raise CasesError(problems)
    return gold


def find_document(name: str, documents: Mapping[str, Document]) -> Document:
    """Find the document whose id is ``name``, or whose source is ``name`` or ends in it as a path.

    Raises ``LookupError`` if there is none, or more than one.
    """
    if name in documents:
        return documents[name]
    path = name.replace("\\", "/").removeprefix("./")
    found = [document for document in documents.values() if _ends_in(document.source, path)]
    if not found:
        raise LookupError(f"no document {name!r}: index it, or name one by id, file name or end of its path")
    if len(found) > 1:
        places = ", ".join(sorted(document.source for document in found))
        raise LookupError(f"{len(found)} documents end in {name!r} ({places}): give more of the path, or the id")
    return found[0]


def _ends_in(source: str, path: str) -> bool:
    return source.replace("\\", "/").endswith(path) and source[-len(path) - 1 : -len(path)] in ("", "/", "\\")


def _span(item: Evidence, document: Document) -> Span:
    quote = normalise(item.quote).strip()
    if item.start is None or item.end is None:
        return Span(document.id, *_only_place(quote, item, document))
    held = document.text[item.start : item.end]
    where = f"{item.start}–{item.end} of {item.document!r}"
    if item.end > len(document.text):
        raise LookupError(
            f"{where} lies outside it, it has {len(document.text)} characters: "
            "mend start and end, or give only the quote"
        )
    if quote and _bare(held) != _bare(quote):
        places = ", ".join(f"{start}–{end}" for start, end in _places(quote, document.text))
        advice = f"it stands at {places}" if places else "it stands nowhere in the document"
        raise LookupError(f"{where} holds {_short(held)}, not the quote {_short(quote)}; {advice}")
    return Span(document.id, item.start, item.end)


def _only_place(quote: str, item: Evidence, document: Document) -> tuple[int, int]:
    places = list(_places(quote, document.text))
    if not places:
        raise LookupError(
            f"quote not found in {item.document!r}: {_short(quote)}. Copy the words exactly as they stand there."
        )
    if len(places) > 1:
        raise LookupError(
            f"quote found {len(places)} times in {item.document!r}: {_short(quote)}. "
            "Lengthen the quote or give start and end."
        )
    return places[0]


def _places(quote: str, text: str) -> Iterator[tuple[int, int]]:
    """Find where ``quote`` stands, overlaps included; any white space in it fits any in ``text``."""
    words = quote.split()
    if not words:
        return
    # The lookahead finds overlapping places; the group is the place itself.
    pattern = re.compile("(?=(" + r"\s+".join(map(re.escape, words)) + "))")
    for match in pattern.finditer(text):
        yield match.span(1)


def _bare(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    text = _bare(text)
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"  # noqa: PLR2004


def _where(case: Case) -> str:
    return f"{case.origin}: case {case.id}" if case.origin else f"case {case.id}"
