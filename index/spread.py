"""Indexing spread over a Ray cluster through llama-index's pipeline: the workers encode, one process reads and stores.

Files are read and cut here, since that decides which passages are encoded together, and with it every bit of their
vectors: the workers get the very batches that a single process would make, and the index is the same byte for byte.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from index.build import _PASSAGES_AT_ONCE, Report, _Item, _loaded, _note
from index.chunk import Chunking, chunk
from index.embed import SentenceTransformerEmbedder, Vectors
from index.errors import OnrecordError, first_line
from index.plan import Plan
from index.progress import Progress, silent
from index.schema import FileRecord
from index.store import Store
from index.tokens import Codes

_ROUND = 64  # batches given to the workers at once, about 16,000 passages; what a killed run does again at most


_PATIENCE = 5.0  # seconds for a cluster to answer
_NONE = np.zeros((0, 0), dtype=np.float32)


class ClusterFailed(OnrecordError):  # noqa: N818
    """The Ray cluster cannot be had, or failed for good."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster that this process is connected to, and how many workers encode."""

    workers: int


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the workers encode with: the same as ``embedder``, which is this process's own."""

    embedder: SentenceTransformerEmbedder
    model: str
    batch_size: int
    tokens: bool = True


@contextmanager
def cluster(address: str, workers: int) -> Iterator[Cluster]:
    """The Ray cluster at ``address``, such as ``10.0.0.5:6379``, or one of this machine alone where it is empty.

    ``workers`` of 0 are as many as the cluster has cores. Raises ClusterFailed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
        from llama_index.ingestion import ray as _  # noqa: F401
    except ImportError as error:
        raise ClusterFailed(
            f"Spreading over workers needs packages that are not installed ({error.name}). "
            "Run: pip install 'onrecord[ray]'"
        ) from None
    _knock(address)
    alone: dict[str, Any] = {"num_cpus": workers or os.cpu_count(), "_node_ip_address": "127.0.0.1"}
    try:
        ray.init(
            address=address or "local",
            include_dashboard=None if address else False,
            log_to_driver=False,
            configure_logging=False,
            **({} if address else alone),
        )
    except Exception as error:
        raise ClusterFailed(_away(address, error)) from error
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        cores: Any = ray.cluster_resources
        yield Cluster(workers or int(cores().get("CPU", 1)))
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Whether anybody is there, which Ray itself asks for minutes before it gives up."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        try:
            socket.create_connection((host, int(port)), _PATIENCE).close()
        except (OSError, ValueError) as error:
            raise ClusterFailed(_away(address, error)) from error


def _away(address: str, error: Exception) -> str:
    where = f"at {address}" if address else "on this machine"
    return (
        f"No Ray cluster could be reached {where} ({first_line(error)}). Start one with `ray start --head`, and give "
        "its address to --ray."
    )


def build_spread(
    store: Store, encoding: Encoding, chunking: Chunking, planned: Plan, on: Cluster, *, progress: Progress = silent
) -> Report:
    """Carry out a plan as ``build`` does, to the same index, the encoding done by the workers of a cluster.

    A worker that dies is replaced and its batch encoded again. Raises ClusterFailed where the cluster does not get
    over it, or its workers have another model; what was stored stays, and the same command goes on where it was.
    """
    store.sweep()
    todo = planned.new + planned.changed
    failed = list(planned.failed)
    notes: list[tuple[str, str]] = []
    total, done, written = len(todo) + len(planned.failed), 0, 0
    waiting = _batches(store, chunking, todo, failed)
    while batches := list(islice(waiting, _ROUND)):
        for batch, (vectors, codes) in zip(batches, _encoded(store, encoding, batches, on), strict=True):
            start = 0
            for item in batch:
                end = start + len(item.passages)
                if item.passages:
                    store.add(item.document, item.passages, vectors[start:end], codes[start:end])
                start = end
            written += start
            _note(store, [(item.record, item.document.id) for item in batch])
            told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch)
            notes += [(path, note) for path, note in told if note]
            done += len(batch)
            progress(done + len(failed), total, batch[-1].record.path)
    for path in planned.gone:
        store.forget_file(path)
    broken = {path for path, _ in failed}
    new, changed = (sum(r.path not in broken for r in records) for records in (planned.new, planned.changed))
    return Report(new, changed, len(planned.same), len(planned.gone), written, tuple(failed), tuple(notes))


def _batches(
    store: Store, chunking: Chunking, todo: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[list[_Item]]:
    """As ``build`` groups them; what is on its way to the store counts as there."""
    batch: list[_Item] = []
    taken: set[str] = set()
    for record, document in _loaded(todo, failed):
        known = document.id in taken or store.has(document.id)
        taken.add(document.id)
        batch.append(_Item(record, document, () if known else chunk(document, chunking)))
        if sum(len(item.passages) for item in batch) >= _PASSAGES_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _encoded(
    store: Store, encoding: Encoding, batches: Sequence[list[_Item]], on: Cluster
) -> Iterator[tuple[Vectors, list[Codes]]]:
    from llama_index.ingestion.ray import RayIngestionPipeline, RayTransformComponent

    from index.encode_apart import EncodeApart, node_of, packed, result_of

    embedder = encoding.embedder
    given: dict[str, Any] = {"model": encoding.model, "batch_size": encoding.batch_size}
    if encoding.tokens:
        dimension = embedder.embed(["How many dimensions are there?"]).shape[1]
        given |= {"dimension": dimension, "rotation": packed(store.settle_rotation(dimension).astype("<f4"))}
    nodes = [
        node_of(number, passages)
        for number, batch in enumerate(batches)
        if (passages := [p for item in batch for p in item.passages])
    ]
    encode = RayTransformComponent(
        EncodeApart,
        transform_kwargs=given,
        # One batch a task, each worker with a core of its own.
        map_batches_kwargs={"batch_size": 1, "concurrency": min(on.workers, len(nodes)) or 1, "num_cpus": 1},
    )
    try:
        found = RayIngestionPipeline(transformations=[encode]).run(nodes=nodes) if nodes else []
    except Exception as error:
        raise ClusterFailed(
            f"The Ray cluster failed while it encoded ({first_line(error)}). What was stored is kept; run the same "
            "command again."
        ) from error
    by_number = {node.node_id: result_of(node) for node in found}
    for number in range(len(batches)):
        used, vectors, codes = by_number.get(str(number), (embedder.fingerprint, _NONE, []))
        if used != embedder.fingerprint:
            raise ClusterFailed(
                f"The workers have another model ({used}) than this process ({embedder.fingerprint}). Install the same "
                "Onrecord and the same model on all machines."
            )
        yield vectors, codes
