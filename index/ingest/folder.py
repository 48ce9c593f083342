"""Bring an index in step with a folder, for programs."""

from pathlib import Path

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.factory import embedder_for
from index.ingest.build import build
from index.ingest.file_cache import read_file_cache, save
from index.ingest.plan import plan
from index.ingest.report import Report
from index.storage.open import embedder_for_index, fingerprint, open_for_writing


def index_folder(folder: Path, config: IndexConfig | None = None) -> Report:
    """Index every readable file below ``folder`` that is new or changed, and forget those that are gone.

    Returns what was done; files that could not be read are in ``failed``, each with the reason. Raises IndexBusyError
    while another process writes the index, and IndexMismatchError when it was made with other settings.
    """
    config = config or IndexConfig()
    chunking = Chunking(config.chunk_words)
    with open_for_writing(config, fingerprint(embedder_for(config), chunking)) as store:
        digests = read_file_cache(config.data_dir)
        planned = plan(store, [folder], digests)
        save(config.data_dir, digests)
        return build(store, embedder_for_index(store, config), chunking, planned, tokens=config.tokens)
