"""A document by the id that a program names."""

from index.schema import Document
from ui.core.failures import NotHeldError
from ui.core.protocols import Library


def held(library: Library, document_id: str, advice: str) -> Document:
    """The whole document; nothing but ids of the index is looked up.

    Raises NotHeldError when there is none by that id, with ``advice`` on where to find one.
    """
    if not any(info.id == document_id for info in library.documents()):
        raise NotHeldError(f"The index holds no document {document_id[:80]!r}. {advice}")
    return library.document(document_id)
