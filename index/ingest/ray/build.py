"""Build an index with a Ray cluster through llama-index's pipeline: workers encode, one process reads and stores.

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

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import TokenCodes
from index.errors import OnrecordError, first_line
from index.ingest.batches import Batch, DocumentClaims, read_batches
from index.ingest.plan import Plan
from index.ingest.report import BatchWriter, BuildReport
from index.storage.store import Store
from index.system.progress import Progress, no_progress

_BATCHES_PER_ROUND = 64  # about 16,000 passages; a killed run repeats at most this much


_ANSWER_TIMEOUT = 5.0  # seconds for a cluster to answer
_NO_VECTORS = np.zeros((0, 0), dtype=np.float32)


class ClusterError(OnrecordError):
    """The Ray cluster cannot be reached, or failed for good."""


@dataclass(frozen=True, slots=True)
class RayCluster:
    """A Ray cluster that this process is connected to, and the number of its workers."""

    workers: int


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the workers encode with: the same model as ``embedder``, which is this process's own.

    ``made_with`` is the model fingerprint recorded in the index.
    """

    embedder: Embedder
    config: IndexConfig
    made_with: str


@contextmanager
def connect_cluster(address: str, workers: int) -> Iterator[RayCluster]:
    """Connect to the Ray cluster at ``address``, such as ``10.0.0.5:6379``, or start one here if it is empty.

    With ``workers`` 0 there are as many as the cluster has cores. Raises ClusterError.
    """
    try:
        import ray
        import ray.data
        from llama_index.ingestion import ray as _  # noqa: F401
    except ImportError as error:
        raise ClusterError(
            f"Spreading over workers needs packages that are not installed ({error.name}). "
            "Run: pip install 'onrecord[ray]'"
        ) from None
    _require_reachable(address)
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
        raise ClusterError(_unreachable_message(address, error)) from error
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        cores: Any = ray.cluster_resources
        yield RayCluster(workers or int(cores().get("CPU", 1)))
    finally:
        ray.shutdown()


def _require_reachable(address: str) -> None:
    """Raise ClusterError when nobody answers, for which Ray itself would wait minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        try:
            socket.create_connection((host, int(port)), _ANSWER_TIMEOUT).close()
        except (OSError, ValueError) as error:
            raise ClusterError(_unreachable_message(address, error)) from error


def _unreachable_message(address: str, error: Exception) -> str:
    where = f"at {address}" if address else "on this machine"
    return (
        f"No Ray cluster could be reached {where} ({first_line(error)}). Start one with `ray start --head`, and give "
        "its address to --ray."
    )


def build_on_cluster(
    store: Store,
    encoding: WorkerSettings,
    chunking: Chunking,
    planned: Plan,
    on: RayCluster,
    *,
    progress: Progress = no_progress,
) -> BuildReport:
    """Carry out a plan as ``build`` does, to the same index, with the encoding done by the workers of a cluster.

    A worker that dies is replaced and its batch encoded again. Raises ClusterError when the cluster does not recover,
    or its workers have another model; what was stored stays, and the same command continues where it was.
    """
    claims, failed = DocumentClaims(store), list(planned.failed)
    storing = BatchWriter(store, planned, claims, failed)
    storing.start()
    todo = planned.new + planned.changed
    done, total = 0, len(todo) + len(failed)
    waiting = read_batches(claims, chunking, todo, failed)
    while some := list(islice(waiting, _BATCHES_PER_ROUND)):
        for batch, (vectors, codes) in zip(some, _encode(store, encoding, some, on), strict=True):
            storing.write(batch, vectors, codes)
            done += len(batch.items)
            progress(done + batch.failed, total, batch.name)
    return storing.finish()


def _encode(
    store: Store, encoding: WorkerSettings, some: Sequence[Batch], on: RayCluster
) -> Iterator[tuple[Vectors, list[TokenCodes]]]:
    from llama_index.ingestion.ray import RayIngestionPipeline, RayTransformComponent

    from index.ingest.ray.worker import EncodePassages, array_to_text, batch_to_node, config_to_json, read_result

    embedder = encoding.embedder
    given: dict[str, Any] = {"config": config_to_json(encoding.config), "made_with": encoding.made_with}
    if encoding.config.tokens:
        dimension = embedder.embed(["How many dimensions are there?"]).shape[1]
        given |= {"dimension": dimension, "rotation": array_to_text(store.ensure_rotation(dimension).astype("<f4"))}
    nodes = [batch_to_node(number, batch.passages) for number, batch in enumerate(some) if batch.passages]
    encode = RayTransformComponent(
        EncodePassages,
        transform_kwargs=given,
        # One batch a task, each worker with a core of its own.
        map_batches_kwargs={"batch_size": 1, "concurrency": min(on.workers, len(nodes)) or 1, "num_cpus": 1},
    )
    try:
        found = RayIngestionPipeline(transformations=[encode]).run(nodes=nodes) if nodes else []
    except Exception as error:
        raise ClusterError(
            f"The Ray cluster failed while it encoded ({first_line(error)}). What was stored is kept; run the same "
            "command again."
        ) from error
    by_number = {node.node_id: read_result(node) for node in found}
    for number in range(len(some)):
        used, vectors, codes = by_number.get(str(number), (embedder.fingerprint, _NO_VECTORS, []))
        if used != embedder.fingerprint:
            raise ClusterError(
                f"The workers have another model ({used}) than this process ({embedder.fingerprint}). Install the same "
                "Onrecord and the same model on all machines."
            )
        yield vectors, codes
