"""An imported set: its documents and cases, unique ids, and how it is written as a folder."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from evals.datasets.cases import save_cases
from evals.schema import Case
from index.errors import OnrecordError
from index.schema import Document


class DatasetImportError(OnrecordError):
    """A file or folder is not in the format it was read as, or its format cannot be told."""


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """The documents of a set and its cases, evidence given as spans of those documents.

    ``source`` of a document is the name of the file it would be written to. ``notes`` name what the set
    held and these do not, or hold otherwise; each is one line.
    """

    documents: tuple[Document, ...]
    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()


def with_unique_ids(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Give every case an id of its own: a missing one becomes its number, a taken one gets ``-2``, ``-3``, …"""
    taken: set[str] = set()
    unique = []
    for number, case in enumerate(cases, start=1):
        stem = case.id or f"{number:04d}"
        name, n = stem, 1
        while name in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name)
        unique.append(case if name == case.id else replace(case, id=name))
    return tuple(unique)


def write_import(imported: ImportedSet, folder: str | Path) -> Path:
    """Write ``folder/documents/*.txt`` and ``folder/cases.jsonl``, and return the path of the latter.

    The cases name documents by file, so that the set can be read and edited; the files normalise to the same
    texts, so that offsets hold. Raises ``DatasetImportError`` if there is nothing to write or the folder holds a set
    or documents already.
    """
    folder = Path(folder)
    documents, cases = folder / "documents", folder / "cases.jsonl"
    if not imported.cases or not imported.documents:
        raise DatasetImportError(
            f"{len(imported.documents)} documents and {len(imported.cases)} cases: a set needs both. "
            "Check that the format is the one meant"
        )
    if cases.exists() or (documents.exists() and any(documents.iterdir())):
        raise DatasetImportError(f"{folder}: holds a set already: name another folder, or remove it first")
    documents.mkdir(parents=True, exist_ok=True)
    for document in imported.documents:
        (documents / document.source).write_bytes(document.text.encode())
    files = {document.id: document.source for document in imported.documents}
    save_cases((_by_file(case, files) for case in imported.cases), cases)
    return cases


def _by_file(case: Case, files: dict[str, str]) -> Case:
    return replace(
        case,
        evidence=tuple(replace(item, document=files[item.document]) for item in case.evidence),
        documents=tuple(files[name] for name in case.documents),
        relevance={files[name]: grade for name, grade in case.relevance.items()},
    )
