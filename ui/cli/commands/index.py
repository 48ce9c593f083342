"""``onrecord index``: update the index from files and folders."""

from argparse import Namespace
from pathlib import Path

from index.embedding.factory import embedder_for
from index.errors import IndexMissingError, OnrecordError, UnreadableFileError
from index.ingest.file_cache import read_file_cache, save_file_cache
from index.ingest.plan import EmptyIndex, Plan, plan
from index.ingest.report import BuildReport
from index.storage.open import embedder_for_index, open_for_reading, open_for_writing
from index.storage.store import Store
from ui.cli.build_text import print_plan, print_report
from ui.cli.commands.rebuild import rebuild_index
from ui.cli.index_run import made_with, make_plan, run_plan
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Index, rebuild, watch, or with ``--dry-run`` print what would be done. Return 1 when a file could not be read."""
    if not arguments.paths and not arguments.rebuild:
        raise OnrecordError("Nothing to index: name files or folders, such as `onrecord index ~/articles`.")
    for path in arguments.paths:
        if not path.exists():
            raise UnreadableFileError(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    embedder = embedder_for(config.index)
    if arguments.dry_run:
        return _dry_run(config, arguments)
    if arguments.watch:
        from ui.cli.commands.watch import watch

        return watch(config, arguments, embedder)
    if arguments.rebuild:
        rebuild_index(config, as_json=arguments.json, report=not arguments.paths)
        if not arguments.paths:
            return 0
    with open_for_writing(config.index, made_with(config, embedder)) as store:
        report = _update(config, arguments, store)
    print_report(report, as_json=arguments.json)
    return 1 if report.failed else 0


def _update(config: Configuration, arguments: Namespace, store: Store) -> BuildReport:
    """Plan and build. Raises UnreadableFileError where there is nothing to read at all."""
    embedder = embedder_for_index(store, config.index)
    digests = read_file_cache(config.index.data_dir, believed=not arguments.read_all)
    planned = make_plan(store, arguments, digests)
    save_file_cache(config.index.data_dir, digests)
    _refuse_nothing(planned, arguments.paths)
    return run_plan(config, arguments, embedder, store, planned)


def _dry_run(config: Configuration, arguments: Namespace) -> int:
    digests = read_file_cache(config.index.data_dir, believed=not arguments.read_all)
    try:
        with open_for_reading(config.index) as store:
            embedder_for_index(store, config.index)
            planned = make_plan(store, arguments, digests)
    except IndexMissingError:
        planned = plan(EmptyIndex(), arguments.paths, digests)
    print_plan(planned, as_json=arguments.json)
    return 0


def _refuse_nothing(planned: Plan, paths: list[Path]) -> None:
    if not any((planned.new, planned.changed, planned.same, planned.gone, planned.failed, planned.moved)):
        from index.reading.filetype import ENDINGS

        where = ", ".join(str(path) for path in paths)
        raise UnreadableFileError(
            f"There is nothing to read in {where}. Files ending in {', '.join(ENDINGS)} can be read."
        )
