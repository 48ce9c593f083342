"""Documents as plain records, the same in every interface, with files named without the folders they lie in."""

from typing import Any

from index.reading.stored_path import shown_path
from index.schema import Document, DocumentInfo


def document_record(info: DocumentInfo) -> dict[str, Any]:
    """Return one row of the document list."""
    return {**document_header(info), "size": info.size, "passages": info.passages}


def document_header(document: Document | DocumentInfo) -> dict[str, Any]:
    """Return the fields that every record of a document begins with."""
    return {
        "id": document.id,
        "title": document.title,
        "outlet": document.metadata.get("outlet", ""),
        "date": document.metadata.get("date", ""),
        "source": shown_path(document.source),
    }
