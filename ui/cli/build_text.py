"""What a build will do and what it did, as text or JSON, and event by event for programs."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from index.ingest.plan import Plan
from index.ingest.report import BuildReport
from index.system.progress import write_event


def print_plan(planned: Plan, *, as_json: bool) -> None:
    """Print one line for each file: its state in the index, and its path."""
    if as_json:
        print(json.dumps(asdict(planned), ensure_ascii=False, indent=2))
        return
    for line in _lines(planned):
        print(line)


def print_report(report: BuildReport, *, as_json: bool) -> None:
    """Print counts on standard output; unreadable files and duplicates on standard error."""
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        print_troubles(report, as_json=True)
        return
    moved = f" {len(report.moved)} moved," if report.moved else ""
    print(
        f"{report.new} new, {report.changed} changed,{moved} {report.same} unchanged, {report.gone} removed; "
        f"{report.passages} passages written."
    )
    print_troubles(report, as_json=False)


def print_troubles(report: BuildReport, *, as_json: bool) -> None:
    """Print what was not read and why, and duplicates, on standard error."""
    if as_json:
        for path, note in report.notes:
            write_event("note", path=path, note=note)
        for copy in report.duplicates:
            write_event("duplicate", path=copy.path, of=copy.of)
        for path, reason in report.failed:
            write_event("failed", path=path, reason=reason)
        return
    for path, note in report.notes:
        print(f"{path}: {note}", file=sys.stderr)
    for copy in report.duplicates:
        print(f"{copy.path}: the same text as {copy.of}, which is indexed once.", file=sys.stderr)
    if report.failed:
        print(f"{len(report.failed)} could not be read:", file=sys.stderr)
        for _, reason in report.failed:
            print(f"  {reason}", file=sys.stderr)


def plan_events(planned: Plan) -> Iterator[dict[str, str]]:
    """Yield an event for each file for which a plan changes something."""
    for kind, records in (("new", planned.new), ("changed", planned.changed)):
        yield from ({"event": kind, "path": record.path} for record in records)
    yield from ({"event": "moved", "path": move.record.path, "from": move.before} for move in planned.moved)
    yield from ({"event": "gone", "path": path} for path in planned.gone)


def event_line(change: dict[str, str]) -> str:
    """Return the event as a line of text."""
    came = f"  (from {change['from']})" if "from" in change else ""
    return f"{change['event']:8}{change['path']}{came}"


def _lines(planned: Plan) -> Iterator[str]:
    of = {duplicate.path: duplicate.of for duplicate in planned.duplicates}
    for change in [*plan_events(planned), *({"event": "same", "path": path} for path in planned.same)]:
        copy = of.get(change["path"])
        yield event_line(change) + (f"  (duplicate of {copy})" if copy else "")
    for path, reason in planned.failed:
        yield f"{'failed':8}{path}  ({reason})"
