"""``onrecord eval import``: a set in another format, as documents and cases."""

import sys
from argparse import Namespace
from pathlib import Path

from evals.cli import OK, Configuration
from evals.datasets.importers import import_set, write_import
from index.text.plural import plural

_SHOWN = 5


def run(config: Configuration, arguments: Namespace) -> int:
    """Write the set, and print what it holds, what it leaves out, and how to run it."""
    imported = import_set(arguments.source, arguments.format)
    cases = write_import(imported, Path(arguments.destination))
    documents = cases.parent / "documents"
    unanswerable = sum(not case.answerable for case in imported.cases)
    print(
        f"{plural(len(imported.cases), 'case')}, {unanswerable} of them unanswerable, on "
        f"{plural(len(imported.documents), 'document')}."
    )
    for note in imported.notes[:_SHOWN]:
        print(f"note: {note}", file=sys.stderr)
    if len(imported.notes) > _SHOWN:
        print(f"note: … and {len(imported.notes) - _SHOWN} more notes.", file=sys.stderr)
    print(f"Run it with: onrecord eval run {cases} --documents {documents}")
    return OK
