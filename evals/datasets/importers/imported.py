"""What an importer hands over."""

from dataclasses import dataclass

from evals.schema import Case
from index.errors import OnrecordError
from index.schema import Document


class DatasetImportError(OnrecordError):
    """A file or folder is not in the format it was read as, or its format cannot be told."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The documents of a set and its cases, evidence given as spans of those documents.

    ``source`` of a document is the name of the file it would be written to. ``notes`` name what the set
    held and these do not, or hold otherwise; each is one line.
    """

    documents: tuple[Document, ...]
    cases: tuple[Case, ...]
    notes: tuple[str, ...] = ()
