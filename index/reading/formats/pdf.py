"""Read PDF files: text in reading order, and where each page begins."""

from pathlib import Path

from index.reading.formats.base import Reading
from index.reading.pdf.extract import reading_from_json
from index.reading.pdf.ocr import is_ocr_installed
from index.reading.sandbox import MAX_SECONDS, run_sandboxed

MIN_BYTES_PER_SECOND = 100_000  # allowed for large files, even on slow and busy machines
MIN_SCANNED_BYTES_PER_SECOND = 10_000  # the same if the text of scans is recognised


def read(data: bytes, path: Path) -> Reading:
    """Read the text of a PDF with PDFium, in a process of its own.

    Lines become paragraphs, larger ones headings. Words divided at line ends are joined, ligatures spelled out,
    recurring headers and footers left out. If some pages hold only images, the metadata's ``note`` says which; with the
    extra ``ocr`` their text is recognised, and the note says so.

    Raises:
        UnreadableFileError: encrypted, damaged, made to stall, or without any text, as scans are.
    """
    seconds = MAX_SECONDS + len(data) / (MIN_SCANNED_BYTES_PER_SECOND if is_ocr_installed() else MIN_BYTES_PER_SECOND)
    return reading_from_json(run_sandboxed("index.reading.pdf.extract:read", data, path, seconds=seconds))
