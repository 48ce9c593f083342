"""Make the index anew from the documents it holds, for a changed model or chunking."""

from index.build import Report, index_document
from index.chunk import Chunking
from index.embed import Embedder
from index.progress import Progress, silent
from index.store import Store


def rebuild(
    store: Store, embedder: Embedder, chunking: Chunking, progress: Progress = silent, *, tokens: bool = True
) -> Report:
    """Chunk and embed every stored document anew, from the text in the index; no file is read.

    For a changed model or chunking. Documents and what is known of their files stay as they were.
    """
    store.sweep()
    files = list(store.files().values())
    documents = [store.document(info.id) for info in store.documents()]
    store.restart({"model": embedder.fingerprint, "chunking": chunking.fingerprint})
    written = 0
    for number, document in enumerate(documents, 1):
        held = [record for record in files if record.document_id == document.id]
        written += index_document(store, embedder, chunking, document, held, tokens=tokens)
        progress(number, len(documents), document.source)
    return Report(0, len(documents), 0, 0, written, ())
