"""Whether a file is what its ending says, by its content."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

from index.encoding import decode
from index.errors import UnreadableFile
from ui.uploads.schema import BadUpload

ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PDF_WITHIN = 1024  # bytes within which readers look for the mark (ISO 32000-1, annex H.3)


def is_zip(data: bytes) -> bool:
    """Whether it begins as a ZIP archive does."""
    return data.startswith(ZIP)


def check_kind(name: str, data: bytes) -> None:
    """Raise BadUpload where ``data`` is not what the ending of ``name`` says. Endings not known here must be text."""
    ending = PurePath(name).suffix.lower()
    fits, what = _KINDS.get(ending, (None, ""))
    if fits is not None and not fits(data):
        raise BadUpload(f"{name} is no {what}, whatever its ending says. Save it as one and upload it again.")
    if fits is None:
        try:
            decode(data, Path(name))
        except UnreadableFile as error:
            raise BadUpload(str(error)) from None


def _holds(member: str) -> Callable[[bytes], bool]:
    return lambda data: member in _names(data)


def _declares(kind: bytes) -> Callable[[bytes], bool]:
    """Whether the member ``mimetype`` begins with ``kind``; it is stored first and as it is, so it can be read."""
    return lambda data: is_zip(data) and kind in data[:200] and "mimetype" in _names(data)


def _names(data: bytes) -> frozenset[str]:
    if not is_zip(data):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()


_KINDS: Mapping[str, tuple[Callable[[bytes], bool], str]] = {
    ".pdf": (lambda data: b"%PDF-" in data[:_PDF_WITHIN], "PDF document"),
    ".rtf": (lambda data: data.startswith(b"{\\rtf"), "RTF document"),
    ".docx": (_holds("word/document.xml"), "Word document"),
    ".pptx": (_holds("ppt/presentation.xml"), "PowerPoint presentation"),
    ".xlsx": (_holds("xl/workbook.xml"), "Excel workbook"),
    ".odt": (_declares(b"application/vnd.oasis.opendocument.text"), "OpenDocument text"),
    ".epub": (_declares(b"application/epub+zip"), "EPUB book"),
    ".zip": (is_zip, "ZIP archive"),
}
