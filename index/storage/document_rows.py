"""The rows that hold a document in Chroma: a head with all but the text, and the text in parts.

A record's id is ``DOCUMENT#NUMBER``. Record 0 is the head; its ``finished`` says whether the document is whole.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from index.schema import Document, DocumentInfo, Section
from index.storage.chroma.records import Record
from index.text.pages import page_sections

_log = logging.getLogger(__name__)

Row = Mapping[str, str | int | float | bool]
Part = tuple[str, Row, str]
"""What is written of a part: its id, metadata and text."""

_PART_CHARACTERS = 200_000  # of a document's text in one record


def head_id(document_id: str) -> str:
    """Return the id of the record that is a document's head."""
    return f"{document_id}#0"


def document_of(record_id: str) -> str:
    """Return the id of the document that a record is part of."""
    return record_id.rsplit("#", 1)[0]


def document_in(row: Record) -> str:
    """Return the document id in the metadata of a row; empty when it names none."""
    return str(row.metadata.get("document_id", ""))


def head_row(document: Document, passages: int) -> Row:
    """Build the metadata of a document's head. ``passages`` is their number."""
    sections = [[s.start, s.kind, s.label, s.level] for s in document.sections]
    return {
        "document_id": document.id,
        "part": 0,
        "title": document.title,
        "source": document.source,
        "metadata": json.dumps(dict(document.metadata), ensure_ascii=False),
        "sections": json.dumps(sections, ensure_ascii=False),
        "size": len(document.text),
        "passages": passages,
    }


def text_parts(document: Document, head: Row) -> Iterator[Part]:
    """Cut a document into the records to write, marked as unfinished."""
    for n, start in enumerate(range(0, len(document.text) or 1, _PART_CHARACTERS)):
        row: Row = {**head, "finished": False} if n == 0 else {"document_id": document.id, "part": n}
        yield f"{document.id}#{n}", row, document.text[start : start + _PART_CHARACTERS]


def read_sections(row: Mapping[str, Any]) -> tuple[Section, ...]:
    """Read the sections from the metadata of a head."""
    return tuple(Section(*section) for section in json.loads(str(row.get("sections", "[]"))))


def read_info(row: Mapping[str, Any]) -> DocumentInfo:
    """Read the metadata of a head. Raises KeyError, ValueError or TypeError when it is damaged."""
    return DocumentInfo(
        str(row["document_id"]),
        str(row["title"]),
        str(row["source"]),
        json.loads(row["metadata"]),
        int(row["size"]),
        int(row["passages"]),
        page_sections(read_sections(row)) if '"page"' in row["sections"] else (),
    )


def read_infos(heads: Iterable[Record]) -> Iterator[DocumentInfo]:
    """Read the heads that can be read; a damaged one is logged and must not hide the others."""
    for head in heads:
        try:
            yield read_info(head.metadata)
        except (KeyError, ValueError, TypeError) as error:
            _log.warning("the document %s is left out, since what is kept of it is damaged (%r)", head.id, error)
