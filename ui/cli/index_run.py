"""Plan and run one indexing, as the flags say: for ``index`` and for ``index --watch``."""

from argparse import Namespace

from index.chunking.chunk import Chunking
from index.embedding.factory import ConfiguredEmbedder
from index.ingest.build import build
from index.ingest.file_cache import FileCache
from index.ingest.plan import Plan, plan
from index.ingest.report import BuildReport
from index.storage.open import index_fingerprint
from index.storage.store import Store
from index.system.progress import Progress, progress_bar
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.settings import Configuration


def made_with(config: Configuration, embedder: ConfiguredEmbedder) -> dict[str, str]:
    """Return the index_fingerprint of an index that ``embedder`` and the configured chunking make."""
    return dict(index_fingerprint(embedder, Chunking(config.index.chunk_words)))


def make_plan(store: Store, arguments: Namespace, digests: FileCache) -> Plan:
    """Return the plan for the paths in the arguments, with a progress bar while files are checked."""
    with progress_bar(None, "files looked at", events=arguments.json) as progress:
        return plan(store, arguments.paths, digests, progress)


def run_plan(
    config: Configuration, arguments: Namespace, embedder: ConfiguredEmbedder, store: Store, planned: Plan
) -> BuildReport:
    """Build what was planned, and update the library's collections for files that moved."""
    total = len(planned.new) + len(planned.changed)
    with progress_bar(total, "files", events=arguments.json) as progress:
        if arguments.ray or arguments.workers:
            report = _build_with_ray(config, store, embedder, planned, arguments, progress=progress)
        else:
            report = build(
                store, embedder, Chunking(config.index.chunk_words), planned, progress, tokens=config.index.tokens
            )
    collections = Collections(library_folder(config.index), store.documents)
    collections.update_paths((move.before, move.record.path) for move in report.moved)
    return report


def _build_with_ray(
    config: Configuration,
    store: Store,
    embedder: ConfiguredEmbedder,
    planned: Plan,
    arguments: Namespace,
    *,
    progress: Progress,
) -> BuildReport:
    from index.ingest.ray.build import WorkerSettings, build_on_cluster, connect_cluster

    made = config.index
    encoding = WorkerSettings(embedder, made, store.fingerprint["model"])
    with connect_cluster(arguments.ray or "", max(arguments.workers or 0, 0)) as on:
        return build_on_cluster(store, encoding, Chunking(made.chunk_words), planned, on, progress=progress)
