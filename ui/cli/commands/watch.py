"""``onrecord index --watch``: update the index as files change, until Ctrl+C.

The index is held only while something is written, so questions can be asked meanwhile. While another process has it
open, changes wait.
"""

import json
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from index.embedding.factory import ConfiguredEmbedder
from index.errors import IndexBusyError, UnreadableFileError
from index.ingest.file_cache import read_file_cache, read_stamp, save_file_cache
from index.ingest.plan import Plan, plan
from index.ingest.report import BuildReport
from index.reading.containers import container_of
from index.reading.stored_path import from_stored_path
from index.storage.open import embedder_for_index, open_for_writing
from index.storage.store import Store
from index.system.locking import IN_USE
from ui.cli.build_text import event_line, plan_events, print_report
from ui.cli.index_run import made_with, make_plan, run_plan
from ui.settings import Configuration

_SETTLE_SECONDS = 1.0  # seconds since a file was last written, before it is read
_DEBOUNCE_MS = 400  # milliseconds within which changes are handled together
_POLL_MS = 1_000  # milliseconds between checks of files named one by one and of waiting files


def watch(config: Configuration, arguments: Namespace, embedder: ConfiguredEmbedder) -> int:
    """Index, then follow every change. Ctrl+C and SIGTERM end it, which is no failure."""
    stopping = threading.Event()

    def interrupt(*_: object) -> None:
        # Raised where nothing can pass it on, as in a finalizer, the interrupt is lost; the event is not.
        stopping.set()
        raise KeyboardInterrupt

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, interrupt)
    watching = _Watcher(config, arguments, embedder)
    try:
        for something in _change_signals(arguments.paths, config.index.data_dir):
            if stopping.is_set():
                raise KeyboardInterrupt  # noqa: TRY301
            if something or watching.waiting:
                watching.step()
    except KeyboardInterrupt:
        watching.say("stopped", "Stopped watching; what was finished is kept.")
    return 0


@dataclass(slots=True)
class _Watcher:
    config: Configuration
    arguments: Namespace
    embedder: ConfiguredEmbedder
    waiting: bool = True  # for the first look, for files to settle, or for the index to be free
    begun: bool = False
    busy: bool = False
    told: set[tuple[str, str]] = field(default_factory=set)

    def say(self, event: str, words: str) -> None:
        """Print an event that is no change of a file: on standard error, or with ``--json`` as a line on standard
        output.
        """
        if self.arguments.json:
            print(json.dumps({"event": event}), flush=True)
        else:
            print(words, file=sys.stderr, flush=True)

    def step(self) -> None:
        """Update the index once, with the files that are no longer being written."""
        try:
            with open_for_writing(self.config.index, made_with(self.config, self.embedder)) as store:
                self._update(store)
        except IndexBusyError:
            if not self.busy:
                self.say("busy", f"The index {IN_USE}; changes wait until it is free.")
            self.busy = self.waiting = True
            return
        except UnreadableFileError as error:  # a folder that is missing at the moment
            self.waiting = False
            self._told(str(self.arguments.paths), str(error))
            return
        self.busy = False
        if not self.begun:
            self.begun = True
            named = ", ".join(map(str, self.arguments.paths))
            self.say("watching", f"Watching {named}. Ctrl+C ends it.")

    def _update(self, store: Store) -> None:
        self.embedder = embedder_for_index(store, self.config.index)
        digests = read_file_cache(self.config.index.data_dir, believed=self.begun or not self.arguments.read_all)
        planned = (
            plan(store, self.arguments.paths, digests) if self.begun else make_plan(store, self.arguments, digests)
        )
        save_file_cache(self.config.index.data_dir, digests)
        ready = _settled_part(planned)
        self.waiting = ready != planned
        coming = list(plan_events(ready))
        if self.begun and not coming:
            return
        report = run_plan(self.config, self.arguments, self.embedder, store, ready)
        if not self.begun:
            self.told.update(report.failed)
            self._report(report)
            return
        broken = {path for path, _ in report.failed}
        for change in coming:
            if change["path"] not in broken:
                print(json.dumps(change, ensure_ascii=False) if self.arguments.json else event_line(change), flush=True)
        for path, reason in report.failed:
            self._told(path, reason)

    def _report(self, report: BuildReport) -> None:
        if self.arguments.json:
            print(json.dumps({"event": "report", **asdict(report)}, ensure_ascii=False), flush=True)
        else:
            print_report(report, as_json=False)

    def _told(self, path: str, reason: str) -> None:
        """Print that a file cannot be read, once and not at every change of another file."""
        if (path, reason) not in self.told:
            self.told.add((path, reason))
            failed = json.dumps({"event": "failed", "path": path, "reason": reason}, ensure_ascii=False)
            print(failed if self.arguments.json else f"{'failed':8}{reason}", flush=True)


def _change_signals(paths: Sequence[Path], data_dir: Path) -> Iterator[bool]:
    """Yield at least once a second whether something under ``paths`` may have changed since the last time."""
    from watchfiles import watch as watched

    folders, files = [path for path in paths if path.is_dir()], [path for path in paths if not path.is_dir()]
    own, roots = data_dir.resolve(), [folder.resolve() for folder in folders]

    def wanted(_: object, name: str) -> bool:
        path = Path(name)
        if path.is_relative_to(own):
            return False
        inside = next((path.relative_to(root) for root in roots if path.is_relative_to(root)), path)
        return not any(part.startswith(".") for part in inside.parts)

    stamps = [_stamp(path) for path in files]
    rounds: Iterator[object] = (
        watched(
            *roots,
            watch_filter=wanted,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_POLL_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        if roots
        else _ticking()
    )
    for news in rounds:
        before, stamps = stamps, [_stamp(path) for path in files]
        yield bool(news) or stamps != before


def _ticking() -> Iterator[object]:
    while True:
        time.sleep(_POLL_MS / 1000)
        yield None


def _stamp(path: Path) -> object:
    try:
        return read_stamp(path)
    except OSError:
        return None


def _settled_part(planned: Plan) -> Plan:
    """Return the plan without the files that are perhaps still being written."""
    now = time.time()

    def rests(name: str) -> bool:
        try:
            stamp = read_stamp(container_of(from_stored_path(name)))
        except OSError:
            return True
        # In either direction, since the clock of a file server may be ahead of ours.
        return all(abs(now - at / 1e9) >= _SETTLE_SECONDS for at in (stamp.mtime, stamp.ctime))

    return replace(
        planned,
        new=tuple(record for record in planned.new if rests(record.path)),
        changed=tuple(record for record in planned.changed if rests(record.path)),
        gone=tuple(name for name in planned.gone if rests(name)),
        failed=tuple(failure for failure in planned.failed if rests(failure[0])),
    )
