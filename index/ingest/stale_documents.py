"""Documents that a killed run left behind: no file holds them, and the file they came from holds another by now.

A file's record is written after its new document and before the old one goes, so a process that dies in between leaves
one of them without a file. A document whose file is not known at all stays: somebody may have put it there by hand.
"""

from index.storage.store import Store


def superseded(store: Store) -> list[str]:
    """Their ids, sorted."""
    files = store.files()
    held = {record.document_id for record in files.values()}
    found = []
    for info in store.documents():
        record = files.get(info.source)
        if info.id not in held and record is not None and store.has(record.document_id):
            found.append(info.id)
    return sorted(found)
