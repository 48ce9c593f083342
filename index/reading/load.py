"""Load files as documents; this is the one way in."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import UnreadableFileError
from index.reading.containers import container_of, unpack
from index.reading.filetype import MODULES, detect_kind, has_reader
from index.reading.formats.base import Reader, join_blocks
from index.reading.stored_path import real_to_stored_path, to_stored_path
from index.reading.title import guess_title
from index.schema import Document

MAX_BYTES = 1_000_000_000  # of one file


CONTAINER_KINDS = frozenset({"zip", "mbox", "jsonl"})


def load(path: Path, data: bytes | None = None) -> Document:
    """Read one file, or ``data`` in its place, as a document.

    The document's id is the first 16 hexadecimal digits of the SHA-256 of its text in UTF-8.

    Raises:
        UnreadableFileError: in one line, why the file cannot be read and what to do about it.

    >>> document = load(Path("notes/toll.txt"), b"The toll of the bridge is 3 crowns.")
    >>> document.text, document.metadata["format"]
    ('The toll of the bridge is 3 crowns.', 'text')
    """
    if data is None and path.is_dir():
        raise UnreadableFileError(f"{path} is a folder, not a file, or may not be opened. Check its permissions.")
    if data is None:
        data = read_bytes(path)
    module = detect_kind(data, path)
    if module in CONTAINER_KINDS:
        raise UnreadableFileError(f"{path} holds documents and is none itself. Index it, and each is read.")
    read = cast(Reader, import_module(f"index.reading.formats.{MODULES.get(module, module)}").read)
    reading = read(data, path)
    text, sections = join_blocks(reading.blocks)
    if not text:
        raise UnreadableFileError(f"{path} is empty: there is no text in it. Remove it or put text in it.")
    stated = {key: value for key, value in reading.metadata.items() if value}
    if "date" in stated:
        stated.pop("file_date", None)
    return Document(
        id=hashlib.sha256(text.encode()).hexdigest()[:16],
        title=reading.title or guess_title(text),
        source=to_stored_path(path),
        text=text,
        metadata={"format": module, **stated},
        sections=sections,
    )


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files to load, each once: those named, and the readable ones in the folders named, sorted.

    A named file may have any ending. Hidden files and folders are left out.

    Raises:
        UnreadableFileError: a path that does not exist.
    """
    return (path for path, _ in find_named_files(paths))


def find_named_files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield files as ``find_files`` does, each with its stored path, which asks the disk less often.

    Raises:
        UnreadableFileError: a path that does not exist.
    """
    for path in paths:
        if not path.exists():
            raise UnreadableFileError(f"There is no file or folder {path}. Check the spelling of the path.")
    return _find_each(paths)


def _find_each(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    seen: set[str] = set()
    for path in paths:
        for file, real in _walk(path, os.path.realpath(path), frozenset()) if path.is_dir() else [(path, "")]:
            name = to_stored_path(file) if not real else real_to_stored_path(real)
            if name not in seen:
                seen.add(name)
                yield file, name


def _walk(folder: Path, real: str, above: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """Yield files with their real paths, which are empty behind a link, where only the disk can tell."""
    # A folder found again below itself is a loop of links.
    if real in above:
        return
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        # Yielded, so that loading it reports it beside the other bad files and the walk goes on.
        yield folder, real
        return
    for entry in inside:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        is_link = entry.is_symlink()
        place = "" if is_link else f"{real.rstrip(os.sep)}{os.sep}{entry.name}"
        if path.is_dir() if is_link else entry.is_dir():
            yield from _walk(path, place or os.path.realpath(path), above | {real})
        elif has_reader(path) and (path.is_file() if is_link else entry.is_file()):
            yield path, place


def read_bytes(path: Path) -> bytes:
    """Read a file's bytes; for a path through an archive or a mail, those of the member it leads to.

    Raises UnreadableFileError, which says why they cannot be read.
    """
    outer = container_of(path)
    if outer != path:
        for member in unpack(outer, read_bytes(outer)):
            if member.path == path and not member.failure:
                return member.data
        raise UnreadableFileError(f"{outer} does not hold {path} any more. Index it anew.")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableFileError(
                f"{path} has {size / 1e6:,.0f} MB, more than {MAX_BYTES / 1e6:,.0f}. Split it and add the parts."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableFileError(f"There is no file {path}. Check the spelling of the path.") from error
    except PermissionError as error:
        raise UnreadableFileError(
            f"{path} may not be read by you. Allow it, for example: chmod u+r '{path}'"
        ) from error
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}. Check the disk.") from error
