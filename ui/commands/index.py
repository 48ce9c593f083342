"""``onrecord index``: bring the index in step with files."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from index.backend import embedder_for
from index.build import Report, build
from index.chunk import Chunking
from index.errors import OnrecordError, UnreadableFile
from index.open import fingerprint, open_for_writing
from index.plan import Plan, plan
from index.progress import progress_bar
from index.rebuild import rebuild
from ui.configuration import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Index, rebuild, or with ``--dry-run`` only say what would be done. 1 when nothing given could be read."""
    if not arguments.paths and not arguments.rebuild:
        raise OnrecordError("Nothing to index: name files or folders, such as `onrecord index ~/articles`.")
    for path in arguments.paths:
        if not path.exists():
            raise UnreadableFile(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    embedder = embedder_for(config.index)
    chunking = Chunking(config.index.chunk_words)
    made_with = fingerprint(embedder, chunking)
    with open_for_writing(config.index, made_with) as store:
        if not arguments.rebuild:
            embedder = embedder_for(config.index, store.fingerprint.get("model"))
            made_with = fingerprint(embedder, chunking)
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
            report = build(store, embedder, chunking, planned, progress, tokens=config.index.tokens)
    return _tell(report, as_json=arguments.json)


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
