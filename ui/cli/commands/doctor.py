"""``onrecord doctor``: check what an answer needs, one line each; with ``--repair`` correct what is wrong."""

import json
import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, field

from index.chunking.chunk import Chunking
from index.embedding.compare_backends import compare_backends
from index.embedding.factory import ConfiguredEmbedder, embedder_for
from index.errors import OnrecordError
from index.maintenance.check import CHECKS, check_index
from index.maintenance.repair import make_openable, repair_index
from index.storage.chroma.server import is_healthy, require_version
from index.storage.open import embedder_for_index, open_for_reading, open_for_writing, server_of
from index.system.progress import progress_bar
from rag.llm.factory import make_model
from rag.llm.protocol import probe
from rag.retrieval.cross_encoder import NO_RERANKER, make_cross_encoder
from ui.settings import Configuration

NO_MODEL, ONE_PIECE = "none: answers are quoted", "replies as one piece"  # what is said of the language model
_MAX_NAMED = 3  # documents in one line
_ADVICE = {
    "space": " Free some.",
    "database": "",
    "files": "",
    "rebuild": "",
    "tokens": " Run `onrecord doctor --repair`, or set tokens = false.",
}


@dataclass(slots=True)
class _CheckReport:
    """The outcome of each check, printed as it comes or all at once as JSON."""

    as_json: bool
    rows: list[dict[str, object]] = field(default_factory=list)

    def tell(self, check: str, said: str, *, ok: bool) -> None:
        self.rows.append({"check": check, "ok": ok, "said": said})
        if not self.as_json:
            print(f"{'ok   ' if ok else 'FAIL '} {check:10}{said}", flush=True)

    def try_(self, check: str, look: Callable[[], str]) -> bool:
        try:
            self.tell(check, look(), ok=True)
        except OnrecordError as error:
            self.tell(check, str(error), ok=False)
            return False
        return True


def run(config: Configuration, arguments: Namespace) -> int:
    """Print a line for each check; return 1 when any fails, with ``--repair`` when any still does afterwards."""
    embedder = embedder_for(config.index)
    report = _CheckReport(arguments.json)
    repaired: list[str] = []
    if arguments.repair and server_of(config.index) is None:
        repaired += make_openable(config.index)
    report.try_("python", _python)
    report.try_("model", lambda: _model(embedder))
    report.try_("backend", lambda: _backend(config, embedder))
    report.try_("reranker", lambda: _reranker(config))
    report.try_("chroma", lambda: _chroma(config))
    if report.try_("index", lambda: _index(config)):
        _check_index(config, report, events=arguments.json)
    report.try_("llm", lambda: _language_model(config))
    wrong = [row for row in report.rows if not row["ok"]]
    if arguments.repair and any(row["check"] in CHECKS for row in wrong):
        repaired += _repair(config, events=arguments.json)
        for line in repaired if not arguments.json else ():
            print(f"      repaired  {line}", flush=True)
        report.rows = [row for row in report.rows if row["check"] not in CHECKS]
        _check_index(config, report, events=arguments.json)
        wrong = [row for row in report.rows if not row["ok"]]
    if arguments.json:
        print(json.dumps({"checks": report.rows, "repaired": repaired}, ensure_ascii=False, indent=2))
    return 1 if wrong else 0


def _check_index(config: Configuration, report: _CheckReport, *, events: bool) -> None:
    """Print a line for each thing about the index that can be wrong."""
    try:
        with open_for_reading(config.index) as store, progress_bar(None, "documents", events=events) as progress:
            found = check_index(store, config.index.data_dir, tokens=config.index.tokens, progress=progress)
            coded, size = store.token_size()
    except OnrecordError as error:
        report.tell("passages", str(error), ok=False)
        return
    each = f", {size / coded / 1000:.1f} kB each" if coded else ""
    fine = {
        "database": "Chroma's database is whole",
        "files": "what nothing can derive is whole",
        "graph": "the graphs of vectors are whole",
        "passages": f"{found.passages} passages are exact slices of their documents",
        "texts": f"the texts of {found.documents} documents are whole",
        "vectors": "every passage has its vector",
        "tokens": f"{found.passages_with_codes} of {found.passages} passages can be met word by word{each}",
        "orphans": "nothing belongs to no document",
        "keyword": "the keyword index is in step",
        "copies": "near-duplicates are in step",
        "digests": "what is kept of files can be read",
        "rebuild": "none was left half done",
        "space": f"{shutil.disk_usage(config.index.data_dir).free / 1e9:.1f} GB are free",
    }
    for check in CHECKS:
        findings = found.findings_of(check)
        for finding in findings:
            advice = _ADVICE.get(check, " Run `onrecord doctor --repair`.")
            report.tell(check, f"{finding.message.removesuffix('.')}.{advice}{_which(finding.documents)}", ok=False)
        if not findings:
            report.tell(check, fine[check], ok=True)


def _which(ids: tuple[str, ...]) -> str:
    return f" ({', '.join(ids[:_MAX_NAMED])}{', …' if len(ids) > _MAX_NAMED else ''})" if ids else ""


def _repair(config: Configuration, *, events: bool) -> list[str]:
    with open_for_writing(config.index, {}) as store:
        embedder = embedder_for_index(store, config.index)
        chunking = Chunking(config.index.chunk_words)
        tokens = config.index.tokens
        with progress_bar(None, "documents", events=events) as progress:
            found = check_index(store, config.index.data_dir, tokens=tokens, progress=progress)
        with progress_bar(None, "documents", events=events) as progress:
            return repair_index(
                store, embedder, chunking, found, data_dir=config.index.data_dir, progress=progress, tokens=tokens
            )


def _python() -> str:
    return sys.version.split()[0]


def _model(embedder: ConfiguredEmbedder) -> str:
    vector = embedder.embed_query("Does the model answer?")
    return f"{embedder.fingerprint}, {vector.shape[0]} dimensions, from {embedder.folder or 'the hub'}"


def _backend(config: Configuration, embedder: ConfiguredEmbedder) -> str:
    """Return what runs the model, and how near and how fast the other backends are on this machine."""
    found = compare_backends(config.index)
    each = "; ".join(
        f"{one.backend} {one.passages_per_second:.0f} passages/s"
        + (f", cosine {one.min_cosine:.4f}" if one.backend != "torch" else "")
        if not one.failure
        else f"{one.backend} not: {one.failure}"
        for one in found
    )
    exact = max(
        (one for one in found if not one.failure and one.backend != "onnx-int8"),
        key=lambda one: one.passages_per_second,
    )
    return (
        f"{embedder.running_backend} runs the model; of those with the same vectors {exact.backend} is fastest here. "
        f"{each}"
    )


def _reranker(config: Configuration) -> str:
    reranker = make_cross_encoder(config.rag.reranker)
    if reranker is None:
        return "none"
    yes, no = reranker.scores("What colour is the bridge?", ["The bridge is grey.", "Apples grow on trees."])
    if yes <= no:
        raise OnrecordError(
            f"The reranker {reranker.name!r} puts apples above the answer. Set `reranker` to a cross-encoder, or to "
            f'"{NO_RERANKER}".'
        )
    return f"{reranker.name} tells an answer from something else"


def _chroma(config: Configuration) -> str:
    place = server_of(config.index)
    if place is None:
        from importlib.metadata import version

        return f"chromadb {version('chromadb')}, embedded, in {config.index.data_dir}"
    spoken = require_version(place)
    if not is_healthy(place):
        raise OnrecordError(f"The Chroma server at {place.url} says that it is not well. Look into its log.")
    return f"{place}, interface {spoken}, well; {'with' if place.token else 'without'} a token"


def _index(config: Configuration) -> str:
    with open_for_reading(config.index) as store:
        embedder_for_index(store, config.index)
        where = server_of(config.index) or config.index.data_dir
        return f"{len(store.documents())} documents and {store.count()} passages in {where}"


def _language_model(config: Configuration) -> str:
    model = make_model(config.model, os.environ)
    if model is None:
        return NO_MODEL
    found = probe(model, config.model.llm_max_tokens)
    pace = (
        f"streams {found.pieces} pieces in {found.last:.1f} s, the first after {found.first:.1f} s"
        if found.pieces > 1
        else f"{ONE_PIECE} after {found.first:.1f} s"
    )
    return f"{model.name} at {model.where} {pace}; it takes {found.context} tokens"
