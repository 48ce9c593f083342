"""Recognise the text of scanned pages with RapidOCR, if the extra ``ocr`` is installed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from index.reading.pdf.page import Line, Page

LIBRARY = "rapidocr_onnxruntime"
SCALE = 2.5  # pixels a point, 180 a inch
MAX_PIXELS = 12_000_000
MIN_CONFIDENCE = 0.6  # of a line, from 0 to 1; less certain ones are left out


def is_ocr_installed() -> bool:
    """Tell whether scanned pages can be read."""
    return find_spec(LIBRARY) is not None


def recognise_pages(document: Any, pages: Sequence[Page]) -> list[Page]:
    """Return the pages; those that hold only images get the lines that were recognised on them.

    A line's characters share its width evenly, which is near enough to mark words by.
    """
    from importlib import import_module

    if not any(page.pictures for page in pages):
        return list(pages)
    engine = import_module(LIBRARY).RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)
    return [replace(page, lines=tuple(_lines(engine, document, page))) if page.pictures else page for page in pages]


def _lines(engine: Any, document: Any, page: Page) -> Iterator[Line]:
    scale = min(SCALE, (MAX_PIXELS / max(page.width * page.height, 1)) ** 0.5)
    held = document[page.number - 1]
    try:
        found, _ = engine(held.render(scale=scale).to_numpy())
    finally:
        held.close()
    for corners, text, sure in found or ():
        if not text.strip() or float(sure) < MIN_CONFIDENCE:
            continue
        x0, x1 = (end(corner[0] for corner in corners) / scale for end in (min, max))
        y0, y1 = (end(corner[1] for corner in corners) / scale for end in (min, max))
        words = text.strip()
        wide = (x1 - x0) / len(words)
        boxes = tuple((x0 + n * wide, y0, x0 + (n + 1) * wide, y1) for n in range(len(words)))
        yield Line(words, boxes, round((y1 - y0) * 0.75))
