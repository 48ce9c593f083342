"""Read the lines of a PDF's pages with PDFium, each character with its box."""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.pdf.page import Line, Page, Rectangle
from index.reading.pdf.right_to_left import is_right_to_left, lines_as_read
from index.reading.pdf.ruled_tables import MAX_RULES, edges

MAX_PAGES = 20_000
MAX_CHARACTERS = 30_000_000
MAX_OBJECTS = 5_000  # of one page that are looked at for the borders of tables

BOLD = 600  # of a font's weight

_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
# PDFium's marks for a hyphen at a line's end, and the soft hyphen itself.
_HYPHENS = (0x02, 0xAD, 0xFFFE)
_PASSWORD_ERROR = 4  # FPDF_ERR_PASSWORD


@contextmanager
def open_pdf(data: bytes, path: Path) -> Iterator[Any]:
    """Open a file as PDFium's document. Raises UnreadableFileError if it is encrypted, damaged or no PDF."""
    try:
        import pypdfium2

        library: Any = pypdfium2
    except ImportError as error:
        raise UnreadableFileError(f"{path}: PDFs are read by pypdfium2. Install it: pip install pypdfium2") from error
    try:
        document = library.PdfDocument(data)
        count = len(document)
    except library.PdfiumError as error:
        if getattr(error, "err_code", 0) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise UnreadableFileError(
                f"{path} is encrypted and opens only with its password. Open it with the password and print it to "
                f"a new PDF, or run: qpdf --decrypt --password=… '{path.name}' 'open-{path.name}'"
            ) from error
        raise UnreadableFileError(
            f"{path} is no whole PDF: it is damaged or cut off. Fetch it anew, or open it in a browser and "
            f"print it to a new PDF, or run: qpdf '{path.name}' 'whole-{path.name}'"
        ) from error
    try:
        if count > MAX_PAGES:
            raise UnreadableFileError(
                f"{path} has {count:,} pages, more than {MAX_PAGES:,}. Split it and add the parts."
            )
        yield document
    finally:
        document.close()


def read_pages(document: Any, path: Path, numbers: Sequence[int] | None = None) -> Iterator[Page]:
    """Yield the pages, or those of ``numbers``, counted from 1; a damaged one has no lines.

    Raises UnreadableFileError if there is more text than any book has.
    """
    import pypdfium2

    total = 0
    for number in numbers or range(1, len(document) + 1):
        try:
            page = _read_page(document, number)
        except pypdfium2.PdfiumError:
            page = Page(number, 0.0, 0.0, ())
        total += sum(len(line.text) for line in page.lines)
        if total > MAX_CHARACTERS:
            raise UnreadableFileError(
                f"{path} holds more than {MAX_CHARACTERS:,} characters. Split it and add the parts."
            )
        yield page


def _read_page(document: Any, number: int) -> Page:
    import pypdfium2.raw as pdfium

    page, filled = _with_filled_fields(document, document[number - 1], number)
    text = page.get_textpage()
    try:
        width, height = page.get_size()
        lines = tuple(_read_lines(text, pdfium, page.get_bbox(), page.get_rotation()))
        lines = tuple(_top_down(lines)) if filled else lines
        pictures = not lines and any(True for _ in page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
        backwards = is_right_to_left(lines)
        shown = lines_as_read(lines) if backwards else lines
        rules = tuple(_read_rules(page, pdfium)) if lines else ()
        return Page(number, width, height, shown, pictures, backwards, rules)
    finally:
        text.close()
        page.close()


def _with_filled_fields(document: Any, page: Any, number: int) -> tuple[Any, bool]:
    """Return the page with what is filled into its form or typed over it behind its text; and whether it has such."""
    import pypdfium2.raw as pdfium

    kinds = set()
    for n in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, n)
        kinds.add(pdfium.FPDFAnnot_GetSubtype(annotation))
        pdfium.FPDFPage_CloseAnnot(annotation)
    if not kinds & {pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT}:
        return page, False
    if pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return page, False
    page.close()
    return document[number - 1], True


def _top_down(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines from the top down, those of about one height from left to right: labels and what is filled in."""
    height: list[Line] = []
    for line in sorted(lines, key=_middle):
        if height and _middle(line) - _middle(height[0]) > line.size / 2:
            yield from sorted(height, key=lambda one: one.box[0])
            height = []
        height.append(line)
    yield from sorted(height, key=lambda one: one.box[0])


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2


def _read_rules(page: Any, pdfium: Any) -> Iterator[Rectangle]:
    """Yield the thin lines and the sides of the frames that are drawn on a page; none of a page full of drawings."""
    bounds, rotation = page.get_bbox(), page.get_rotation()
    sides = tuple(ctypes.c_float() for _ in range(4))
    count = pdfium.FPDFPage_CountObjects(page)
    paths = (pdfium.FPDFPage_GetObject(page, n) for n in range(min(count, MAX_OBJECTS)))
    found = 0
    for path in paths:
        if pdfium.FPDFPageObj_GetType(path) != pdfium.FPDF_PAGEOBJ_PATH or found > MAX_RULES:
            continue
        pdfium.FPDFPageObj_GetBounds(path, *sides)
        left, bottom, right, top = (side.value for side in sides)
        for edge in edges(_to_shown_box((left, bottom, right, top), bounds, rotation)):
            found += 1
            yield edge


def _read_lines(text: Any, pdfium: Any, bounds: Rectangle, rotation: int) -> Iterator[Line]:
    characters: list[str] = []
    boxes: list[Rectangle] = []
    sizes: list[float] = []
    bold = False
    left, bottom, right, top = (ctypes.c_double() for _ in range(4))
    for n in range(min(text.count_chars(), MAX_CHARACTERS)):
        code = pdfium.FPDFText_GetUnicode(text, n)
        pdfium.FPDFText_GetCharBox(text, n, left, right, bottom, top)
        box = _to_shown_box((left.value, bottom.value, right.value, top.value), bounds, rotation)
        # PDFium writes no line end after the hyphen of a divided word, whether the next line stands below or in the
        # column beside, nor between the fields of a form.
        size = pdfium.FPDFText_GetFontSize(text, n) if code > 32 else 0.0  # noqa: PLR2004
        divided = bool(characters) and code > 32 and _on_another_line(box, boxes[-1], characters[-1], size)  # noqa: PLR2004
        if code in (10, 13) or divided:
            if "".join(characters).strip():
                yield _make_line(characters, boxes, sizes, bold=bold)
            characters, boxes, sizes = [], [], []
        if code in (10, 13):
            continue
        if not characters:
            bold = pdfium.FPDFText_GetFontWeight(text, n) >= BOLD
        if code == 32 and boxes and box[0] >= box[2] and pdfium.FPDFText_IsGenerated(text, n):  # noqa: PLR2004
            box = (boxes[-1][2], boxes[-1][1], boxes[-1][2], boxes[-1][3])
        for character in _decode_character(code):
            characters.append(character)
            boxes.append(box)
            if code > 32:  # noqa: PLR2004
                sizes.append(max(size, abs(box[3] - box[1])) if size <= 1 else size)
    if "".join(characters).strip():
        yield _make_line(characters, boxes, sizes, bold=bold)


def _on_another_line(box: Rectangle, before: Rectangle, character: str, size: float) -> bool:
    if character == "\u00ad":
        return box[0] < before[0] or box[1] > before[3] or box[3] < before[1]
    far = max(size, box[3] - box[1])
    return size > 1 and (box[1] > before[3] + far or box[3] < before[1] - far)


def _make_line(characters: Sequence[str], boxes: Sequence[Rectangle], sizes: Sequence[float], *, bold: bool) -> Line:
    """Make a line without white space at its ends."""
    text = "".join(characters)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    ordered = sorted(sizes) or [0.0]
    return Line(text[start:end], tuple(boxes[start:end]), ordered[len(ordered) // 2], bold=bold)


def _decode_character(code: int) -> str:
    if code in _HYPHENS:
        return "\u00ad"
    return _LIGATURES.get(code) or (chr(code) if 0 < code < 0x110000 else "")  # noqa: PLR2004


def _to_shown_box(box: Rectangle, bounds: Rectangle, rotation: int) -> Rectangle:
    """Convert a box from the page's own corner, y upwards, to the upper left of the page as shown, y downwards."""
    x0, y0, x1, y1 = box
    left, bottom, right, top = bounds
    match rotation:
        case 90:
            turned = (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        case 180:
            turned = (right - x1, y0 - bottom, right - x0, y1 - bottom)
        case 270:
            turned = (top - y1, right - x1, top - y0, right - x0)
        case _:
            turned = (x0 - left, top - y1, x1 - left, top - y0)
    return turned
