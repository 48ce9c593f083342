"""PDF: text in reading order, and where each page begins."""

from pathlib import Path

from index.reading.formats.base import Reading
from index.reading.pdf.extract import decoded
from index.reading.pdf.ocr import installed
from index.reading.sandbox import MOST_SECONDS, apart

MIN_BYTES_PER_SECOND = 100_000  # that the largest files are given, on slow and busy machines
MIN_SCANNED_BYTES_PER_SECOND = 10_000  # the same where the text of scans is recognised


def read(data: bytes, path: Path) -> Reading:
    """Reads the text of a PDF with PDFium, in a process of its own.

    Lines become paragraphs, larger ones headings; words divided at line ends are made whole, ligatures taken
    apart, heads and feet that recur left out. Where some pages hold only images, the metadata's ``note`` says
    which; with the extra ``ocr`` their text is recognised, and the note says that.

    Raises:
        UnreadableFileError: encrypted, damaged, made to stall, or without any text, as scans are.
    """
    seconds = MOST_SECONDS + len(data) / (MIN_SCANNED_BYTES_PER_SECOND if installed() else MIN_BYTES_PER_SECOND)
    return decoded(apart("index.reading.pdf.extract:read", data, path, seconds=seconds))
