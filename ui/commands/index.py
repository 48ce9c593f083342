"""``onrecord index``: bring the index in step with files."""

from argparse import Namespace
from pathlib import Path

from index.backend import ChosenEmbedder, embedder_for
from index.build import build
from index.chunk import Chunking
from index.digests import Digests, read_digests, save
from index.errors import IndexMissing, OnrecordError, UnreadableFile
from index.open import embedder_of, fingerprint, open_for_reading, open_for_writing
from index.plan import NothingKnown, Plan, plan
from index.progress import Progress, progress_bar
from index.report import Report
from index.store import Store
from ui.commands.rebuild import rebuild_index
from ui.configuration import Configuration
from ui.library.collections import Collections
from ui.library.folder import library_folder
from ui.reported import print_plan, print_report


def run(config: Configuration, arguments: Namespace) -> int:
    """Index, rebuild, watch, or with ``--dry-run`` only say what would be done. 1 when nothing given could be read."""
    if not arguments.paths and not arguments.rebuild:
        raise OnrecordError("Nothing to index: name files or folders, such as `onrecord index ~/articles`.")
    for path in arguments.paths:
        if not path.exists():
            raise UnreadableFile(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    embedder = embedder_for(config.index)
    if arguments.dry_run:
        return _dry_run(config, arguments)
    if arguments.watch:
        from ui.commands.watch import watch

        return watch(config, arguments, embedder)
    if arguments.rebuild:
        rebuild_index(config, as_json=arguments.json, report=not arguments.paths)
        if not arguments.paths:
            return 0
    with open_for_writing(config.index, _made_with(config, embedder)) as store:
        report = bring_in_step(config, arguments, store)
    print_report(report, as_json=arguments.json)
    return 1 if report.failed and not (report.new or report.changed or report.same or report.moved) else 0


def bring_in_step(config: Configuration, arguments: Namespace, store: Store) -> Report:
    """Plan and build. Raises UnreadableFile where there is nothing to read at all."""
    embedder = embedder_of(store, config.index)
    digests = read_digests(config.index.data_dir, believed=not arguments.read_all)
    planned = look(store, arguments, digests)
    save(config.index.data_dir, digests)
    _refuse_nothing(planned, arguments.paths)
    return carry_out(config, arguments, embedder, store, planned)


def look(store: Store, arguments: Namespace, digests: Digests) -> Plan:
    """The plan for what the arguments name, with a bar while files are looked at."""
    with progress_bar(None, "files looked at", events=arguments.json) as progress:
        return plan(store, arguments.paths, digests, progress)


def carry_out(
    config: Configuration, arguments: Namespace, embedder: ChosenEmbedder, store: Store, planned: Plan
) -> Report:
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


def _dry_run(config: Configuration, arguments: Namespace) -> int:
    digests = read_digests(config.index.data_dir, believed=not arguments.read_all)
    try:
        with open_for_reading(config.index) as store:
            embedder_of(store, config.index)
            planned = look(store, arguments, digests)
    except IndexMissing:
        planned = plan(NothingKnown(), arguments.paths, digests)
    print_plan(planned, as_json=arguments.json)
    return 0


def _made_with(config: Configuration, embedder: ChosenEmbedder) -> dict[str, str]:
    return dict(fingerprint(embedder, Chunking(config.index.chunk_words)))


def _spread(
    config: Configuration,
    store: Store,
    embedder: ChosenEmbedder,
    planned: Plan,
    arguments: Namespace,
    *,
    progress: Progress,
) -> Report:
    from index.spread import Encoding, build_spread, cluster

    made = config.index
    encoding = Encoding(embedder, made, store.fingerprint["model"])
    with cluster(arguments.ray or "", max(arguments.workers or 0, 0)) as on:
        return build_spread(store, encoding, Chunking(made.chunk_words), planned, on, progress=progress)


def _refuse_nothing(planned: Plan, paths: list[Path]) -> None:
    if not any((planned.new, planned.changed, planned.same, planned.gone, planned.failed, planned.moved)):
        from index.load import ENDINGS

        where = ", ".join(str(path) for path in paths)
        raise UnreadableFile(f"There is nothing to read in {where}. Files ending in {', '.join(ENDINGS)} can be read.")
