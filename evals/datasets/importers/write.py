"""An imported set as a folder: documents to index, and a set of cases about them."""

from dataclasses import replace
from pathlib import Path

from evals.datasets.cases import save_cases
from evals.datasets.importers.imported import DatasetImportError, Imported
from evals.schema import Case


def write_import(imported: Imported, folder: str | Path) -> Path:
    """Write ``folder/documents/*.txt`` and ``folder/cases.jsonl``, and give back the path of the latter.

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
