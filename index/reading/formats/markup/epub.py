"""Read e-books: the chapters in their reading order."""

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading
from index.reading.formats.markup.html import visible_blocks
from index.reading.formats.zip_package import damaged_error, open_package, read_member
from index.text.dates import iso_date

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_OBFUSCATIONS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
MAX_CHAPTERS = 5_000


def read(data: bytes, path: Path) -> Reading:
    """Read an EPUB 2 or 3 by its spine (EPUB 3.3, 5.7), without tables of contents.

    Raises:
        UnreadableFileError: damaged, protected against copying, too large inside, or no e-book.
    """
    package = open_package(data, path, "EPUB")
    # lxml meets arbitrary files here; whatever it trips over, the file is at fault.
    try:
        _refuse_protected(package, path)
        at = _elements(_tree(read_member(package, _CONTAINER, path, "EPUB")), "rootfile")[0].get("full-path", "")
        book = _tree(read_member(package, at, path, "EPUB"))
        blocks = tuple(_chapters(package, book, posixpath.dirname(at), path))
        return Reading(blocks, _first_text(book, "title"), _metadata(book))
    except UnreadableFileError:
        raise
    except Exception as error:
        raise damaged_error(path, "EPUB") from error


def _refuse_protected(package: zipfile.ZipFile, path: Path) -> None:
    if _ENCRYPTION not in package.namelist():
        return
    methods = _elements(_tree(read_member(package, _ENCRYPTION, path, "EPUB")), "EncryptionMethod")
    if any(method.get("Algorithm", "").encode() not in _FONT_OBFUSCATIONS for method in methods):
        raise UnreadableFileError(f"{path} is protected against copying and cannot be read. Ask for a copy without.")


def _chapters(package: zipfile.ZipFile, book: Any, folder: str, path: Path) -> Iterator[Block]:
    items = {item.get("id"): item for item in _elements(book, "item")}
    read: set[str] = set()
    for reference in _elements(book, "itemref")[:MAX_CHAPTERS]:
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split():
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if name in read or name not in package.namelist():
            continue
        read.add(name)
        page = read_member(package, name, path, "EPUB").decode("utf-8", "replace")
        yield from visible_blocks(page.partition("?>")[2] if page.lstrip("\ufeff \n").startswith("<?xml") else page)


def _metadata(book: Any) -> dict[str, str]:
    return {
        "author": ", ".join(dict.fromkeys(_texts(book, "creator"))),
        "outlet": _first_text(book, "publisher"),
        "date": iso_date(_first_text(book, "date")) or _first_text(book, "date")[:4],
        "lang": language if len(language := _first_text(book, "language")) > 1 else "",
    }


def _first_text(book: Any, name: str) -> str:
    return next(iter(_texts(book, name)), "")


def _texts(book: Any, name: str) -> list[str]:
    return [words for element in _elements(book, name) if (words := " ".join("".join(element.itertext()).split()))]


def _elements(tree: Any, name: str) -> list[Any]:
    return list(tree.iter(f"{{*}}{name}"))


def _tree(data: bytes) -> Any:
    from lxml import etree  # type: ignore[import-untyped]

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
