"""Plan and carry out one run of indexing, as the flags say: for ``index`` and for ``index --watch``."""

from argparse import Namespace

from index.chunking.chunk import Chunking
from index.embedding.factory import ConfiguredEmbedder
from index.ingest.build import build
from index.ingest.file_cache import FileCache
from index.ingest.plan import Plan, plan
from index.ingest.report import BuildReport
from index.storage.store import Store
from index.system.progress import Progress, progress_bar
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.settings import Configuration


def look(store: Store, arguments: Namespace, digests: FileCache) -> Plan:
    """The plan for what the arguments name, with a bar while files are looked at."""
    with progress_bar(None, "files looked at", events=arguments.json) as progress:
        return plan(store, arguments.paths, digests, progress)


def carry_out(
    config: Configuration, arguments: Namespace, embedder: ConfiguredEmbedder, store: Store, planned: Plan
) -> BuildReport:
    """Build what was planned, and let the library's collections follow what moved."""
    total = len(planned.new) + len(planned.changed)
    with progress_bar(total, "files", events=arguments.json) as progress:
        if arguments.ray or arguments.workers:
            report = _spread(config, store, embedder, planned, arguments, progress=progress)
        else:
            report = build(
                store, embedder, Chunking(config.index.chunk_words), planned, progress, tokens=config.index.tokens
            )
    collections = Collections(library_folder(config.index), store.documents)
    collections.follow((move.before, move.record.path) for move in report.moved)
    return report


def _spread(
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
