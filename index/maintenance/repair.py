"""Repair what ``check_index`` found, from what is still there: the texts, else the files."""

import logging
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.duplicates.near_duplicates import NearDuplicateIndex
from index.embedding.blas_threads import one_blas_thread
from index.embedding.protocol import Embedder
from index.errors import IndexBrokenError
from index.ingest.build import embed_in_steps
from index.ingest.file_cache import FILE
from index.ingest.rebuild import rebuild
from index.maintenance.check import CheckResult, check_index
from index.storage.chroma.vector_graph import cut_links, find_stray_links
from index.storage.store import Store
from index.storage.writer import DocumentEntry
from index.system.locking import IndexLock, writer_lock
from index.system.progress import Progress, no_progress

_log = logging.getLogger(__name__)


def make_openable(config: IndexConfig) -> list[str]:
    """Cut links in Chroma's graphs that lead nowhere, so that the index can be opened; returns what was done.

    Raises IndexBusyError while another process has the index.
    """
    folders = [header.parent for header in sorted(config.store_dir.glob("*/header.bin"))]
    unsafe = [folder for folder in folders if find_stray_links(folder)]
    if not unsafe:
        return []
    with writer_lock(config.data_dir), closing(IndexLock(config.data_dir)) as held:
        held.acquire_exclusive()
        for folder in unsafe:
            cut_links(folder)
    return [f"links that led nowhere were cut from {len(unsafe)} graphs, which are to be made anew"]


@one_blas_thread()
def repair_index(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    found: CheckResult,
    *,
    data_dir: Path,
    progress: Progress = no_progress,
    tokens: bool = True,
) -> list[str]:
    """Repair an index and return what was done, a line each. A document whose text is lost is removed.

    ``store`` is open for writing, with the embedder and chunking that it was made with. ``progress`` is called with
    ``(done, total, document)``. Killed anywhere, it can be run again. Raises IndexBrokenError when the database fails.
    """
    done: list[str] = []
    if found.tokens_damaged:
        done.append(f"the tokens of {store.upkeep.salvage_tokens()} passages were saved from their damaged file")
        found = check_index(store, data_dir, tokens=tokens)
    if found.findings_of("rebuild"):
        store.upkeep.discard_rebuild()
        done.append("the rest of a rebuild was finished or removed")
    if found.findings_of("orphans"):
        store.sweep()
        store.release_documents(found.documents_with("orphans"))
        store.upkeep.delete_orphans(found.orphans)
        done.append("what belonged to no document was removed")
    lost = found.documents_with("texts")
    for id_ in lost:
        done.append(f"{_source(store, id_)} was removed, since some of its text is lost: index its file again")
        store.remove(id_)
    redo = [id_ for id_ in found.documents_with("passages", "vectors", "tokens") if id_ not in lost and store.has(id_)]
    if "files" in found.damaged_graphs:
        store.upkeep.recreate_files()
        done.append("what is known of files was written anew")
    if set(found.damaged_graphs) - {"files"} and not found.passages_unreadable:
        done.append(_remake_graph(store, embedder, chunking, progress, tokens=tokens))
    elif redo or found.passages_unreadable:
        done.append(
            _remake_passages(
                store, embedder, chunking, redo, progress, tokens=tokens, all_of_them=found.passages_unreadable
            )
        )
    if found.findings_of("keyword"):
        store.keyword.clear()
        done.append(f"the keyword index was made anew, of {len(store.keyword)} passages")
    links = NearDuplicateIndex(store.local_folder, store.name)
    if found.findings_of("copies"):
        links.rebuild(store)
        done.append("near-duplicates were found anew")
    else:
        links.sync(store)
    if found.findings_of("digests"):
        (data_dir / FILE).unlink(missing_ok=True)
        done.append("the digests of files were dropped: the next run reads every file once")
    store.keyword.flush()
    return done


def _remake_passages(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    ids: Sequence[str],
    progress: Progress,
    *,
    tokens: bool,
    all_of_them: bool,
) -> str:
    if not all_of_them:
        try:
            for number, id_ in enumerate(ids, 1):
                _rewrite_document(store, embedder, chunking, id_, tokens=tokens)
                progress(number, len(ids), id_)
        except IndexBrokenError as error:  # Chroma cannot write beside vectors that are damaged
            _log.warning("passages cannot be made anew one by one, so all are: %s", error)
            all_of_them = True
        else:
            return f"the passages of {len(ids)} documents were made anew from their texts"
    rebuilt = rebuild(store, embedder, chunking, progress, tokens=tokens)
    return f"the index was rebuilt from the texts of its {rebuilt.documents} documents"


def _remake_graph(store: Store, embedder: Embedder, chunking: Chunking, progress: Progress, *, tokens: bool) -> str:
    rebuilt = rebuild(store, embedder, chunking, progress, tokens=tokens, embed=False)
    return f"the graph was made anew of {rebuilt.passages} passages, of which {rebuilt.embedded} had to be embedded"


def _rewrite_document(store: Store, embedder: Embedder, chunking: Chunking, id_: str, *, tokens: bool) -> None:
    document = store.document(id_)
    passages = chunk(document, chunking)
    rotation = store.ensure_rotation if tokens else None
    vectors, codes = embed_in_steps(embedder, passages, rotation, lambda done, total: None)
    store.rewrite(DocumentEntry(document, passages, vectors, codes))


def _source(store: Store, id_: str) -> str:
    return next((info.source for info in store.documents() if info.id == id_), id_)
