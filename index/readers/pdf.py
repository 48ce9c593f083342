"""PDF: text in reading order, and where each page begins."""

from pathlib import Path

from index.apart import MOST_SECONDS, apart
from index.pdf.ocr import installed
from index.pdf.read import decoded
from index.readers import Reading

BYTES_A_SECOND = 100_000  # that the largest files are given, on slow and busy machines
SCANNED_BYTES_A_SECOND = 10_000  # the same where the text of scans is recognised


def read(data: bytes, path: Path) -> Reading:
    """Reads the text of a PDF with PDFium, in a process of its own.

    Lines become paragraphs, larger ones headings; words divided at line ends are made whole, ligatures taken
    apart, heads and feet that recur left out. Where some pages hold only images, the metadata's ``note`` says
    which; with the extra ``ocr`` their text is recognised, and the note says that.

    Raises:
        UnreadableFile: encrypted, damaged, made to stall, or without any text, as scans are.
    """
    seconds = MOST_SECONDS + len(data) / (SCANNED_BYTES_A_SECOND if installed() else BYTES_A_SECOND)
    return decoded(apart("index.pdf.read:read", data, path, seconds=seconds))
