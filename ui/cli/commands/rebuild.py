"""``onrecord rebuild``: chunk and embed the stored documents again, without reading a file."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict

from index.chunking.chunk import Chunking
from index.embedding.factory import embedder_for
from index.ingest.rebuild import RebuildReport, rebuild
from index.storage.open import open_for_reading, open_for_writing
from index.system.progress import progress_bar
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Rebuild the index, all of it or the part that is asked for."""
    rebuild_index(config, as_json=arguments.json, rechunk=not arguments.embed_only, embed=not arguments.rechunk)
    return 0


def rebuild_index(
    config: Configuration,
    *,
    as_json: bool,
    rechunk: bool = True,
    embed: bool = True,
    report: bool = True,
) -> None:
    """Rebuild and, unless the ``report`` of something else follows, print what was done."""
    with open_for_reading(config.index):
        pass  # raises IndexMissingError where there is none
    with (
        open_for_writing(config.index, {}) as store,
        progress_bar(len(store.documents()), "documents", events=as_json) as progress,
    ):
        # Vectors can be kept only for the model that made them.
        embedder = embedder_for(config.index, None if embed else store.fingerprint.get("model"))
        done = rebuild(
            store,
            embedder,
            Chunking(config.index.chunk_words),
            progress,
            tokens=config.index.tokens,
            rechunk=rechunk,
            embed=embed,
        )
    if report:
        print(json.dumps(asdict(done)) if as_json else _told(done))
    for name in ("model", "chunk_words", "tokens"):
        setting = config.settings[name]
        if setting.origin.startswith("--"):
            value = json.dumps(setting.value, ensure_ascii=False)
            print(
                f"To use it without {setting.origin} every time, put this in onrecord.toml: {name} = {value}",
                file=sys.stderr,
            )


def _told(done: RebuildReport) -> str:
    kept = done.passages - done.embedded if not done.before else 0
    parts = [f"{done.documents} documents rebuilt, {done.passages} passages", f"{done.embedded} of them embedded"]
    if kept:
        parts.append(f"{kept} kept their vectors")
    if done.before:
        parts.append(f"{done.before} documents were done before the rebuild was stopped")
    return "; ".join(parts) + "."
