"""Read PowerPoint presentations: each slide a page, its notes after it."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.reading.formats.base import Block, Reading
from index.reading.formats.links import spoken_target
from index.reading.formats.office.chart import chart_blocks
from index.reading.formats.table_rows import rows_to_blocks
from index.reading.formats.text import read_header_lines
from index.reading.formats.zip_package import damaged_error, load_office_library

HEADER_BLOCKS = 8  # paragraphs in which a name and a date may stand
MAX_DEPTH = 20  # groups in groups


def read(data: bytes, path: Path) -> Reading:
    """Read the words of every slide, titles as headings, tables and charts as ``column: value; …``, then its notes.

    Raises:
        UnreadableFileError: damaged, encrypted, too large inside, or no presentation.
    """
    library = load_office_library("pptx", data, path, "PowerPoint")
    # python-pptx meets arbitrary files here; whatever it trips over, the file is at fault.
    try:
        presentation = library.Presentation(io.BytesIO(data))
        blocks = tuple(block for n, slide in enumerate(presentation.slides, 1) for block in _slide(slide, n))
        stated = presentation.core_properties
        day = stated.created or stated.modified
        metadata = {"author": stated.author or "", "file_date": day.date().isoformat() if day else ""}
        title = stated.title or ""
    except Exception as error:
        raise damaged_error(path, "PowerPoint") from error
    # A date on the slides is the talk's; the one in the properties is the file's.
    above = read_header_lines(block.text for block in blocks[:HEADER_BLOCKS] if block.text)
    return Reading(blocks, "" if title == "PowerPoint Presentation" else title, {**metadata, **above})


def _slide(slide: Any, number: int) -> Iterator[Block]:
    yield Block("", "page", f"slide {number}")
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        yield Block(title.text_frame.text.replace("\v", " "), "heading")
    yield from _shapes(slide.shapes, None if title is None else title.shape_id, 0)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        yield Block(slide.notes_slide.notes_text_frame.text)


def _shapes(shapes: Any, title: int | None, depth: int) -> Iterator[Block]:
    for shape in shapes:
        if shape.shape_id == title:
            continue
        if getattr(shape, "has_table", False) and shape.has_table:
            yield from rows_to_blocks(_rows(shape.table))
        elif getattr(shape, "has_chart", False) and shape.has_chart:
            yield from chart_blocks(shape.chart.part._element)
        elif shape.has_text_frame:
            yield from (Block(_words(paragraph)) for paragraph in shape.text_frame.paragraphs)
        elif hasattr(shape, "shapes") and depth < MAX_DEPTH:
            yield from _shapes(shape.shapes, title, depth + 1)


def _words(paragraph: Any) -> str:
    """Return the words of a paragraph; after each link the address that people are meant to read."""
    if not any(run.hyperlink.address for run in paragraph.runs):
        return str(paragraph.text).replace("\v", "\n")
    return "".join(run.text + spoken_target(run.text, run.hyperlink.address) for run in paragraph.runs)


def _rows(table: Any) -> Iterator[list[str]]:
    """Yield the cells of each row, a merged cell in every place that it covers."""
    held = [[cell.text for cell in row.cells] for row in table.rows]
    for r, row in enumerate(table.rows):
        for c, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for down in held[r : r + cell.span_height]:
                    down[c : c + cell.span_width] = [cell.text] * len(down[c : c + cell.span_width])
    yield from held
