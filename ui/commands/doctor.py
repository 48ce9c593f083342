"""``onrecord doctor``: check what an answer needs, one line each."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable

from index.backend import ChosenEmbedder, embedder_for
from index.backend_check import compared
from index.chunk import Chunking
from index.errors import OnrecordError
from index.open import fingerprint, on_server, open_for_reading
from index.progress import progress_bar
from index.server import beats, greet
from rag.cross import NONE, cross_encoder
from rag.models.connect import connect
from rag.models.probe import probe
from ui.configuration import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Print a line for each check; 1 when any fails."""
    embedder = embedder_for(config.index)
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("python", _python),
        ("model", lambda: _model(embedder)),
        ("backend", lambda: _backend(config, embedder)),
        ("reranker", lambda: _reranker(config)),
        ("chroma", lambda: _chroma(config)),
        ("index", lambda: _index(config)),
        ("passages", lambda: _passages(config)),
        ("tokens", lambda: _tokens(config)),
        ("llm", lambda: _language_model(config)),
    )
    failures = 0
    for name, check in checks:
        try:
            print(f"ok    {name:10}{check()}")
        except OnrecordError as error:
            failures += 1
            print(f"FAIL  {name:10}{error}")
    return 1 if failures else 0


def _python() -> str:
    return sys.version.split()[0]


def _model(embedder: ChosenEmbedder) -> str:
    vector = embedder.embed_query("Does the model answer?")
    return f"{embedder.fingerprint}, {vector.shape[0]} dimensions, from {embedder.folder or 'the hub'}"


def _backend(config: Configuration, embedder: ChosenEmbedder) -> str:
    """What runs the model, beside what else could: how near its vectors are to torch's, and how fast it is here."""
    found = compared(config.index)
    each = "; ".join(
        f"{one.backend} {one.rate:.0f} passages/s" + (f", cosine {one.cosine:.4f}" if one.backend != "torch" else "")
        if not one.failed
        else f"{one.backend} not: {one.failed}"
        for one in found
    )
    exact = max((one for one in found if not one.failed and one.backend != "onnx-int8"), key=lambda one: one.rate)
    return f"{embedder.running} runs the model; of those with the same vectors {exact.backend} is fastest here. {each}"


def _reranker(config: Configuration) -> str:
    reranker = cross_encoder(config.rag.reranker)
    if reranker is None:
        return "none"
    yes, no = reranker.scores("What colour is the bridge?", ["The bridge is grey.", "Apples grow on trees."])
    if yes <= no:
        raise OnrecordError(
            f"The reranker {reranker.name!r} puts apples above the answer. Set `reranker` to a cross-encoder, or to "
            f'"{NONE}".'
        )
    return f"{reranker.name} tells an answer from something else"


def _chroma(config: Configuration) -> str:
    place = on_server(config.index)
    if place is None:
        from importlib.metadata import version

        return f"chromadb {version('chromadb')}, embedded, in {config.index.data_dir}"
    spoken = greet(place)
    if not beats(place):
        raise OnrecordError(f"The Chroma server at {place.url} says that it is not well. Look into its log.")
    return f"{place}, interface {spoken}, well; {'with' if place.token else 'without'} a token"


def _index(config: Configuration) -> str:
    with open_for_reading(config.index) as store:
        made_it = embedder_for(config.index, store.fingerprint.get("model"))
        store.check(fingerprint(made_it, Chunking(config.index.chunk_words)))
        where = on_server(config.index) or config.index.data_dir
        return f"{len(store.documents())} documents and {store.count()} passages in {where}"


def _passages(config: Configuration) -> str:
    """Every passage must be the exact slice of its document, and every document have all of its passages."""
    with open_for_reading(config.index) as store:
        infos, total, short = store.documents(), 0, []
        with progress_bar(len(infos), "documents") as progress:
            for number, info in enumerate(infos, 1):
                text, passages = store.document(info.id).text, store.passages_of(info.id)
                for passage in passages:
                    if passage.text != text[passage.start : passage.end]:
                        raise OnrecordError(f"Passage {passage.id} is not its document's text. Run `onrecord rebuild`.")
                if len(passages) != info.passages:
                    short.append(info.id)
                total += len(passages)
                progress(number, len(infos), info.source)
        if short:
            raise OnrecordError(f"Documents lack passages: {', '.join(short)}. Run `onrecord rebuild`.")
        return f"{total} passages are exact slices of their documents"


def _tokens(config: Configuration) -> str:
    with open_for_reading(config.index) as store:
        count, size = store.token_size()
        each = f", {size / count / 1000:.1f} kB each" if count else ""
        return f"{count} of {store.count()} passages can be met word by word{each}"


def _language_model(config: Configuration) -> str:
    model = connect(config.model, os.environ)
    if model is None:
        return "none: answers are quoted"
    found = probe(model, config.model.llm_max_tokens)
    pace = (
        f"streams {found.pieces} pieces in {found.last:.1f} s, the first after {found.first:.1f} s"
        if found.pieces > 1
        else f"replies as one piece after {found.first:.1f} s"
    )
    return f"{model.name} at {model.where} {pace}; it takes {found.context} tokens"
