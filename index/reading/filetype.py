"""Choose the reader of a file by its first bytes, else by its ending."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from index.errors import UnreadableFileError

# Ending → kind of file. ``MODULES`` says where the reader of a kind lies.
READERS: Mapping[str, str] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".eml": "mail",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".pptx": "pptx",
    ".epub": "epub",
    ".odt": "opendocument",
    ".ods": "opendocument",
    ".odp": "opendocument",
    ".rtf": "rtf",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".mbox": "mbox",
    ".zip": "zip",
}

# Kind → module in index/reading/formats, imported when first needed; the kind's own name where it is not listed.
MODULES: Mapping[str, str] = {
    "docx": "office.docx",
    "epub": "markup.epub",
    "html": "markup.html",
    "markdown": "markup.markdown",
    "opendocument": "office.opendocument",
    "pptx": "office.pptx",
    "rtf": "office.rtf",
    "xlsx": "office.xlsx",
}

ENDINGS: tuple[str, ...] = tuple(READERS)

TEXTS = frozenset({"text", "markdown", "html", "csv", "json"})
"""Readers of files that are text in one encoding from end to end."""
_BINARY = frozenset({"pdf", "docx", "pptx", "xlsx", "epub", "opendocument", "rtf", "zip"})
_CONTAINERS = frozenset({"zip", "mbox", "jsonl", "json", "mail", "csv"})
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PDF_WITHIN = 1024  # bytes, where PDF's mark may stand (ISO 32000-1, implementation note 13)
# What a package of each kind begins its names with (ECMA-376, OpenDocument 1.3 part 2, EPUB OCF 3.3).
_PARTS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_MIMETYPES = (("application/epub+zip", "epub"), ("application/vnd.oasis.opendocument", "opendocument"))


def has_reader(path: Path) -> bool:
    """Tell whether there is a reader for the file's ending, in upper or lower case."""
    return path.suffix.lower() in READERS


def may_hold_files(path: Path) -> bool:
    """Tell whether a file of this ending, or of an unknown one, may hold documents instead of being one."""
    return READERS.get(path.suffix.lower(), "zip") in _CONTAINERS


def is_zip(data: bytes) -> bool:
    """Tell whether a file begins as a ZIP archive does, which Office documents and e-books are too."""
    return data.startswith(_ZIP)


def detect_kind(data: bytes, path: Path) -> str:
    """Return the kind of a file: by content if that is plain to see, whatever the ending, else by the ending.

    Raises:
        UnreadableFileError: no reader has the ending, or the content is not what the ending says.
    """
    seen = _kind_of_content(data, path)
    if seen is not None:
        return seen
    named = READERS.get(path.suffix.lower())
    if named is None:
        ending = f'"{path.suffix}" files' if path.suffix else "files without an ending"
        raise UnreadableFileError(f"{path}: {ending} cannot be read. These can: {', '.join(ENDINGS)}")
    if not data:
        raise UnreadableFileError(f"{path} is empty: there is no text in it. Remove it or put text in it.")
    if named not in _BINARY:
        return named
    if data.lstrip()[:100].lower().startswith((b"<!doctype html", b"<html")):
        return "html"
    raise UnreadableFileError(
        f"{path} ends in {path.suffix} but does not hold what the ending says: it is something else or damaged. "
        "Give it the ending of what it is, or fetch it anew."
    )


def _kind_of_content(data: bytes, path: Path) -> str | None:
    """Return the kind that the bytes show; None if they show none."""
    if data.startswith(b"%PDF-") or (path.suffix.lower() == ".pdf" and b"%PDF-" in data[:_PDF_WITHIN]):
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(_OLD_OFFICE):
        raise _old_office_error(data, path)
    if is_zip(data):
        return _kind_of_package(data) or (READERS.get(path.suffix.lower()) if _may_be_package(path) else None) or "zip"
    return None


def _may_be_package(path: Path) -> bool:
    return READERS.get(path.suffix.lower()) in _BINARY - {"pdf", "rtf"}


def _kind_of_package(data: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
            if "mimetype" in names and package.getinfo("mimetype").file_size < 200:  # noqa: PLR2004
                said = package.read("mimetype").decode("ascii", "replace").strip()
                return next((kind for start, kind in _MIMETYPES if said.startswith(start)), None)
    except Exception:  # a damaged package; its reader says so
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((kind for start, kind in _PARTS if any(name.startswith(start) for name in names)), None)


def _old_office_error(data: bytes, path: Path) -> UnreadableFileError:
    if _ENCRYPTED_OFFICE in data:
        return UnreadableFileError(f"{path} is encrypted. Open it, save a copy without a password and add that.")
    return UnreadableFileError(
        f"{path} is an old Office document or an Outlook message. Save it in today's format, for example: "
        f"soffice --headless --convert-to docx '{path.name}'"
    )
