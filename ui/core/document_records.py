"""Documents as plain records, the same in every interface."""

from typing import Any

from index.schema import Document, DocumentInfo


def document_record(info: DocumentInfo) -> dict[str, Any]:
    """One row of the document list."""
    return {**head_record(info), "size": info.size, "passages": info.passages}


def head_record(document: Document | DocumentInfo) -> dict[str, Any]:
    """What every record of a document begins with."""
    return {
        "id": document.id,
        "title": document.title,
        "outlet": document.metadata.get("outlet", ""),
        "date": document.metadata.get("date", ""),
        "source": document.source,
    }
