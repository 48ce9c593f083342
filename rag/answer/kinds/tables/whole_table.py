"""List all rows of a table where a list is asked for and its best evidence is one of them."""

import re
from dataclasses import replace

from index.storage.store import Store
from index.text.headings import heading_path
from index.text.terms import terms
from rag.answer.kinds.listing import quotes_at
from rag.answer.kinds.tables.rows import MOST_CHARACTERS, Row, Table, find_tables
from rag.question.asked_list import asked_list
from rag.reading.evidence import Evidence

_MOST_ROWS = 40
_SEVERAL = re.compile(r"\b(?:all|every|each)\b|\b(?!(?:is|was|does|has|its|this|us)\b)\w{2,}s\b", re.IGNORECASE)


def with_whole_table(question: str, found: Evidence, store: Store) -> Evidence:
    """Return ``found`` with all rows of the table that its best quote is of, where ``question`` asks for a list.

    Rows are kept by the words of the question that stand in some of them: "list the to dos of Carmen".
    """
    wanted = asked_list(question)
    if not wanted or not _SEVERAL.search(question) or not found.quotes:
        return found
    best = found.quotes[0]
    document = store.document(best.passage.document_id)
    if len(document.text) > MOST_CHARACTERS:
        return found
    table = next((t for t in find_tables(document) if t.start <= best.start < t.rows[-1].end), None)
    known = frozenset(terms(" ".join((document.title, *heading_path(document.sections, best.start)))))
    rows = _chosen(table, frozenset(terms(wanted)) - known) if table else ()
    if not 1 < len(rows) <= _MOST_ROWS:
        return found
    quotes = quotes_at([(row.start, row.end) for row in rows], store.passages_of(document.id))
    return replace(found, quotes=tuple(replace(quote, kind=best.kind) for quote in quotes), kind="list_items")


def _chosen(table: Table, wanted: frozenset[str]) -> tuple[Row, ...]:
    """Return the rows with every word of ``wanted`` that is in some row but not in all; all where there is none."""
    held = [frozenset(terms(" ".join(row.cells.values()))) for row in table.rows]
    telling = {word for word in wanted if 0 < sum(word in cells for cells in held) < len(held)}
    return tuple(row for row, cells in zip(table.rows, held, strict=True) if telling <= cells)
