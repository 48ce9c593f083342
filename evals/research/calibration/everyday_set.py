"""Everyday questions as a set to fit on: what people type, in few words, over documents of many sorts."""

import tempfile
from pathlib import Path

from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.everyday import cases_and_folders
from index import index_folder
from index.config import IndexConfig
from index.storage.open import open_for_reading

EVERYDAY = "everyday"
_KINDS = frozenset({"fact", "yes-no", "said", "who-is"})  # answered by a sentence, which evidence is weighed for


def everyday_set() -> BenchmarkSet:
    """Load the questions of the tuning half that ask for a fact, with all documents that they are asked of."""
    asked, folders = cases_and_folders(EVERYDAY)
    cases = [case for case in asked if "half:tune" in case.tags and case.tags[0] in _KINDS and not case.history]
    with tempfile.TemporaryDirectory(prefix="onrecord-everyday-") as place:
        config = IndexConfig(data_dir=Path(place), tokens=False)
        for folder in folders:
            index_folder(folder, config)
        with open_for_reading(config) as store:
            documents = {info.id: store.document(info.id) for info in store.documents()}
    return BenchmarkSet(
        name=EVERYDAY,
        documents=documents,
        answerable=tuple(case for case in cases if case.answerable),
        unanswerable=tuple(case for case in cases if not case.answerable),
        whole_corpus=True,
    )
