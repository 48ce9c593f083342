"""Index a folder from a program."""

from pathlib import Path

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.factory import embedder_for
from index.ingest.build import build
from index.ingest.file_cache import read_file_cache, save_file_cache
from index.ingest.plan import plan
from index.ingest.report import BuildReport
from index.storage.open import embedder_for_index, index_fingerprint, open_for_writing


def index_folder(folder: Path, config: IndexConfig | None = None) -> BuildReport:
    """Index every readable file below ``folder`` that is new or changed, and forget those that are gone.

    Returns what was done; ``failed`` lists files that could not be read, each with the reason. Raises IndexBusyError
    while another process writes the index, and IndexMismatchError when it was made with other settings.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "toll.txt").write_text("The toll of the bridge is 3 crowns.")
    ...     report = index_folder(Path(folder), IndexConfig(data_dir=Path(folder, ".data"), backend="torch"))
    >>> report.new, report.passages, report.failed
    (1, 1, ())
    """
    config = config or IndexConfig()
    chunking = Chunking(config.chunk_words)
    with open_for_writing(config, index_fingerprint(embedder_for(config), chunking)) as store:
        cache = read_file_cache(config.data_dir)
        planned = plan(store, [folder], cache)
        save_file_cache(config.data_dir, cache)
        return build(store, embedder_for_index(store, config), chunking, planned, tokens=config.tokens)
