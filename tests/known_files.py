"""An index of files whose documents are all finished, without a store."""

from index.schema import FileRecord


class Known:
    """Files by path, as ``index.ingest.plan`` looks at them."""

    def __init__(self, files: dict[str, FileRecord]) -> None:
        self._files = files

    def files(self) -> dict[str, FileRecord]:
        return self._files

    def has(self, document_id: str) -> bool:
        return True
