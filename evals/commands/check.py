"""``onrecord eval check``: whether a set is sound and its evidence is there."""

from argparse import Namespace
from pathlib import Path

from evals.cli import OK, Configuration
from evals.datasets.cases import load_cases
from evals.schema import Case
from evals.scoring.gold import Gold, find_gold, resolve_gold
from index.errors import UnreadableFileError
from index.reading.load import find_files, load
from index.storage.open import open_for_reading
from index.text.plural import plural


def run(config: Configuration, arguments: Namespace) -> int:
    """Print what the set holds. Every problem of a set that is not sound is named with file and line."""
    cases = load_cases(arguments.set)
    if arguments.documents:
        gold = _in_files(cases, [Path(path) for path in arguments.documents])
    else:
        with open_for_reading(config.index) as store:
            gold = find_gold(cases, store)
    documents = {document for found in gold.values() for document in found.documents}
    spans = sum(len(found.spans) for found in gold.values())
    unanswerable = sum(not case.answerable for case in cases)
    print(
        f"{plural(len(cases), 'case')}, {unanswerable} of them unanswerable; "
        f"{plural(spans, 'piece')} of evidence, each found, in {plural(len(documents), 'document')}."
    )
    return OK


def _in_files(cases: tuple[Case, ...], paths: list[Path]) -> dict[str, Gold]:
    for path in paths:
        if not path.exists():
            raise UnreadableFileError(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    documents = [load(path) for path in find_files(paths)]
    return resolve_gold(cases, {document.id: document for document in documents})
