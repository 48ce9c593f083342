"""Read Rich Text Format: the words, tables by row."""

import re
from collections.abc import Iterator
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading, import_optional
from index.reading.formats.office.rtf_charsets import spell_out_bytes
from index.reading.formats.table_rows import rows_to_blocks
from index.reading.formats.text import read_header_lines

MAX_BYTES = 60_000_000
HEADER_BLOCKS = 8  # lines in which a byline and a date may stand
_INFO = re.compile(r"\{\\(title|author) ([^{}]{1,500})\}")
_CREATED = re.compile(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_CODEPAGE = re.compile(rb"\\ansicpg(\d{3,5})")


def read(data: bytes, path: Path) -> Reading:
    """Read the text of an RTF document (version 1.9.1); its headings cannot be told from other words.

    Raises:
        UnreadableFileError: damaged, far too large, or no RTF.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(f"{path} is larger than {MAX_BYTES // 10**6} MB. Save it as .docx and add that.")
    library = import_optional("striprtf.striprtf", path, "onrecord[formats]")
    page = _CODEPAGE.search(data)
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    source = spell_out_bytes(data.decode("latin-1"))
    # striprtf meets arbitrary files here; whatever it trips over, the file is at fault.
    try:
        text = library.rtf_to_text(source, encoding=encoding, errors="replace")
        stated = {
            name: library.rtf_to_text("{\\rtf1 " + value + "}", encoding=encoding, errors="replace").strip()
            for name, value in _INFO.findall(source)
        }
    except Exception as error:
        raise UnreadableFileError(
            f"{path} is no whole RTF file: it is damaged or cut off. Open it, save it anew and add that."
        ) from error
    # Some writers end the paragraph of a cell before the cell.
    text = text.replace("\n|", "|")
    made = _CREATED.search(source)
    if made:
        stated["file_date"] = f"{made[1]}-{int(made[2]):02}-{int(made[3]):02}"
    blocks = tuple(_blocks(text))
    return Reading(
        blocks, stated.pop("title", ""), {**stated, **read_header_lines(block.text for block in blocks[:HEADER_BLOCKS])}
    )


def _blocks(text: str) -> Iterator[Block]:
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if line.count("|") > 1 or (rows and "|" in line):
            rows.append([cell.strip() for cell in line.rstrip("|").split("|")])
            continue
        if line.strip() or not rows:
            yield from rows_to_blocks(rows)
            rows = []
            # pandoc and Writer put a tab between an item's mark and its words.
            yield Block(re.sub(r"^[•◦▪·\u00b7\uf0b7-]\s+", "- ", line.strip()))
    yield from rows_to_blocks(rows)
