"""Answer a question by the tables of the documents that are found: by a calculation, or by the row it names."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from index.schema import Hit
from index.storage.store import Store
from index.text.headings import heading_path
from rag.answer.citations import cite_quotes
from rag.answer.kinds.listing import quotes_at
from rag.answer.kinds.tables.calculate import Computed, compute
from rag.answer.kinds.tables.named_rows import may_name_row, named_rows
from rag.answer.kinds.tables.rows import MOST_CHARACTERS, Table, find_tables
from rag.prompts import COMPUTED_REASON, FIRST_ROWS_NOTE
from rag.question.calculation import Calculation, parse_calculation
from rag.question.scope import Scope
from rag.reading.preferences.identified import is_row
from rag.schema import Answer, Claim

_logger = logging.getLogger(__name__)
_ROWS_CITED = 20  # of those that a result rests on


def answer_from_tables(
    question: str, store: Store, scope: Scope, search: Callable[[str], Sequence[Hit]]
) -> Answer | None:
    """Answer what is to be counted, added up, listed or looked up in a table; None where no table can tell."""
    asked = parse_calculation(question)
    hits = search(question)
    documents = [hit.passage.document_id for hit in hits if _may_tell(question, asked, hit.passage.text)]
    told = _first_result(question, asked, documents, store)
    if told is None and asked and asked.operation in ("highest", "lowest") and asked.hint:
        # A table that is found before all else is of what the question ranks, though it may not say the word.
        first = [id_ for id_ in documents if id_ == hits[0].passage.document_id]
        told = _first_result(question, asked, first, store, called=asked.nouns)
    if told is None:
        return None
    return _answer(question, store, scope, *told, listed=asked is None or asked.operation == "rows")


def _may_tell(question: str, asked: Calculation | None, text: str) -> bool:
    """Tell whether ``text`` has rows; where nothing is calculated, such as the question may name."""
    return is_row(text) and (asked is not None or may_name_row(question, text))


def _first_result(
    question: str, asked: Calculation | None, documents: Sequence[str], store: Store, called: str = ""
) -> tuple[str, Computed] | None:
    """Return the document of the first table that can tell, and its result; a row may also be ``called`` so."""
    for document_id in dict.fromkeys(documents):
        document = store.document(document_id)
        if len(document.text) > MOST_CHARACTERS:
            _logger.info("No table of %s is computed over: its text is too long.", document.source)
            continue
        for table in find_tables(document):
            headings = (*heading_path(document.sections, table.start, document.title), called)
            found = compute(asked, table, document.title, headings) if asked else _looked_up(question, table)
            if found is not None:
                return document_id, found
    return None


def _looked_up(question: str, table: Table) -> Computed | None:
    rows = named_rows(question, table)
    return Computed("", rows) if rows else None


def _answer(question: str, store: Store, scope: Scope, document_id: str, found: Computed, *, listed: bool) -> Answer:
    """Make the result a claim that rests on its rows; of rows that are only ``listed`` it says what they are."""
    answer = Answer(question, question, (), (), refused=False, confidence=1.0, scope=scope, kind="table")
    if not found.rows:
        return replace(answer, refused=True, reason=found.said, confidence=0.0)
    spans = [(row.start, row.end) for row in found.rows[:_ROWS_CITED]]
    more = FIRST_ROWS_NOTE.format(count=_ROWS_CITED) if len(found.rows) > _ROWS_CITED else ""
    rows = cite_quotes(quotes_at(spans, store.passages_of(document_id)))
    if listed:
        return replace(answer, lead=found.said, claims=rows, note=more)
    cited = tuple(citation for claim in rows for citation in claim.citations)
    return replace(answer, claims=(Claim(found.said, cited, "supported", COMPUTED_REASON), *rows), note=more)
