"""``onrecord index``: bring the index in step with files."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from index.blas import one_blas_thread
from index.build import Report, build
from index.chunk import Chunking
from index.embed import SentenceTransformerEmbedder
from index.errors import OnrecordError, UnreadableFile
from index.open import fingerprint, open_for_writing
from index.plan import Plan, plan
from index.progress import Progress, progress_bar
from index.rebuild import rebuild
from index.store import Store
from ui.configuration import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Index, rebuild, or with ``--dry-run`` only say what would be done. 1 when nothing given could be read."""
    if not arguments.paths and not arguments.rebuild:
        raise OnrecordError("Nothing to index: name files or folders, such as `onrecord index ~/articles`.")
    for path in arguments.paths:
        if not path.exists():
            raise UnreadableFile(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    embedder = SentenceTransformerEmbedder(config.index.model, config.index.batch_size)
    chunking = Chunking(config.index.chunk_words)
    made_with = fingerprint(embedder, chunking)
    # One thread, as the workers have and the chat, so that the same words get the same bits from any of them.
    with open_for_writing(config.index, made_with) as store, one_blas_thread():
        if arguments.rebuild:
            with progress_bar(len(store.documents()), "documents") as progress:
                report = rebuild(store, embedder, chunking, progress, tokens=config.index.tokens)
            if not arguments.paths:
                return _tell(report, as_json=arguments.json)
        store.check(made_with)
        planned = plan(store, arguments.paths)
        if arguments.dry_run:
            return _tell_plan(planned, as_json=arguments.json)
        _refuse_nothing(planned, arguments.paths)
        with progress_bar(len(planned.new) + len(planned.changed), "files") as progress:
            if arguments.ray or arguments.workers:
                report = _spread(config, store, embedder, planned, arguments, progress=progress)
            else:
                report = build(store, embedder, chunking, planned, progress, tokens=config.index.tokens)
    return _tell(report, as_json=arguments.json)


def _spread(
    config: Configuration,
    store: Store,
    embedder: SentenceTransformerEmbedder,
    planned: Plan,
    arguments: Namespace,
    *,
    progress: Progress,
) -> Report:
    from index.spread import Encoding, build_spread, cluster

    made = config.index
    encoding = Encoding(embedder, made.model, made.batch_size, made.tokens)
    with cluster(arguments.ray or "", max(arguments.workers or 0, 0)) as on:
        return build_spread(store, encoding, Chunking(made.chunk_words), planned, on, progress=progress)


def _refuse_nothing(planned: Plan, paths: list[Path]) -> None:
    if not any((planned.new, planned.changed, planned.same, planned.gone, planned.failed)):
        from index.load import ENDINGS

        where = ", ".join(str(path) for path in paths)
        raise UnreadableFile(f"There is nothing to read in {where}. Files ending in {', '.join(ENDINGS)} can be read.")


def _tell_plan(planned: Plan, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(planned), ensure_ascii=False, indent=2))
        return 0
    for label, names in (
        ("new", [r.path for r in planned.new]),
        ("changed", [r.path for r in planned.changed]),
        ("gone", planned.gone),
        ("same", planned.same),
    ):
        for name in names:
            print(f"{label:8}{name}")
    return 0


def _tell(report: Report, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        print(
            f"{report.new} new, {report.changed} changed, {report.same} unchanged, {report.gone} removed; "
            f"{report.passages} passages written."
        )
    for path, note in report.notes:
        print(f"{path}: {note}", file=sys.stderr)
    if report.failed:
        print(f"{len(report.failed)} could not be read:", file=sys.stderr)
        for _, reason in report.failed:
            print(f"  {reason}", file=sys.stderr)
    return 1 if report.failed and not (report.new or report.changed or report.same) else 0
