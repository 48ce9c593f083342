"""Check the files of Chroma's vector graph, which Chroma does not: it would follow overwritten links.

The layout is that of hnswlib's ``saveIndex``, cut into a file for the header, one for the vectors with their nearest
neighbours, one for the links of the upper levels and one for lengths (https://github.com/chroma-core/hnswlib). Bytes
that change a vector by less than a ten-thousandth, or name another existing neighbour, go unnoticed and cost next to
nothing.
"""

import logging
import math
import shutil
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
_HEADER_FILE, _VECTORS_FILE = "header.bin", "data_level0.bin"
_HEADER_TOP = struct.calcsize("<iQQQQQQ")  # where the header says which level is the highest
_VERSION = 1
_VECTORS_PER_READ = 20_000  # vectors
_MAX_LEVELS = 64  # more than any graph has
_COUNT_MASK = 0xFFFF  # the bits of a list's first number that say how many links follow
MAX_LENGTH_ERROR = 1e-4  # a vector whose length differs from 1 by more is not what was written


_CUT_MARKER_FILE = "links-cut"  # a file left beside a graph whose links were cut


@dataclass(frozen=True, slots=True)
class _Layout:
    count: int
    size: int  # bytes of an element: its links, its vector and its label
    vector_at: int
    label_at: int
    upper_links: int  # at most, of an element in each upper level
    links: int  # at most, of an element in the lowest
    top: int  # the highest level, where a search begins at
    entry: int  # this element


def find_flaw(folder: Path, *, unit: bool) -> str:
    """Say what is wrong with the graph in ``folder``; empty if it is whole or was never written out.

    ``unit`` says that its vectors have length 1. A graph of an unknown version counts as whole.
    """
    if (folder / _CUT_MARKER_FILE).exists():
        return "links of it were cut, and it was not made anew yet"
    return _first_flaw(folder, lambda layout: _flaws(folder, layout, unit=unit))


def find_stray_links(folder: Path) -> str:
    """Say what in the graph would make Chroma read beyond its end, which ends the process; empty if it is safe.

    It takes some 50 ms for 100,000 vectors, once the file is in the system's memory.
    """
    return _first_flaw(folder, lambda layout: _stray_links(folder, layout))


def cut_links(folder: Path) -> None:
    """Cut links that lead nowhere, so that Chroma can open the graph and read its vectors; it must then be rebuilt.

    A graph that cannot be read at all is removed.
    """
    try:
        layout = _read_layout((folder / _HEADER_FILE).read_bytes())
        whole = layout is None or (folder / _VECTORS_FILE).stat().st_size >= layout.count * layout.size
    except (OSError, struct.error, ValueError) as error:
        layout, whole = None, False
        _log.warning("the graph in %s cannot be read: %s", folder, error)
    if not whole:
        _log.warning("the graph in %s is removed with its vectors, to be made anew", folder)
        shutil.rmtree(folder)
        folder.mkdir()
    (folder / _CUT_MARKER_FILE).touch()
    if layout is None or not whole:
        return
    held = _lowest_level(folder, layout, "r+")
    held[_has_stray_link(held[:, : layout.links + 1], layout.count), 0] = 0
    held.flush()
    with (folder / _HEADER_FILE).open("r+b") as header:  # then a search never visits the upper levels
        header.seek(_HEADER_TOP)
        header.write(struct.pack("<i", 0))
    _log.warning("links that led nowhere were cut from the graph in %s", folder)


def _first_flaw(folder: Path, look: Callable[[_Layout], Iterator[str]]) -> str:
    try:
        layout = _read_layout((folder / _HEADER_FILE).read_bytes())
        return "" if layout is None or not layout.count else next(look(layout), "")
    except FileNotFoundError:
        return "" if not (folder / _HEADER_FILE).exists() else "a file of it is missing"
    except (OSError, struct.error, ValueError) as error:
        return f"it cannot be read: {error}"


def _read_layout(header: bytes) -> _Layout | None:
    """Read the header; None for another version. Raises ValueError if it contradicts itself."""
    read: tuple[Any, ...] = _HEADER.unpack(header)
    version, start, room, count, size, label_at, vector_at, top, entry, upper, lowest, wanted, spread, _ = read
    fits = start == 0 and vector_at == 4 * lowest + 4 and label_at + 8 == size and vector_at < label_at
    fits &= upper == wanted > 1 and lowest == 2 * upper and abs(spread - 1 / math.log(upper)) < MAX_LENGTH_ERROR
    if fits and version != _VERSION:
        return None
    if not fits or count > room or (count and (entry >= count or not 0 <= top < _MAX_LEVELS)):
        raise ValueError("its header is damaged")
    return _Layout(count, size, vector_at, label_at, upper, lowest, top, entry)


def _flaws(folder: Path, layout: _Layout, *, unit: bool) -> Iterator[str]:
    yield from _stray_links(folder, layout)
    held = np.memmap(folder / _VECTORS_FILE, np.uint8, "r", shape=(layout.count, layout.size))
    labels = held[:, layout.label_at :].copy().view("<u8").ravel()
    if len(np.unique(labels)) != len(labels):
        yield "its labels are damaged"
    for start in range(0, layout.count, _VECTORS_PER_READ):
        vectors = held[start : start + _VECTORS_PER_READ, layout.vector_at : layout.label_at].copy().view("<f4")
        if not are_valid_vectors(vectors, unit=unit):
            yield "its vectors are damaged"
    lengths = np.fromfile(folder / "length.bin", dtype="<f4", count=layout.count)
    off_unit = unit and (np.abs(lengths - 1) > MAX_LENGTH_ERROR).any()
    if len(lengths) < layout.count or not np.isfinite(lengths).all() or off_unit:
        yield "its lengths are cut off or damaged"


def are_valid_vectors(vectors: NDArray[np.float32], *, unit: bool = True) -> bool:
    """Tell whether every vector of ``(n, dimension)`` consists of finite numbers, and has length 1 if ``unit``."""
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
        return bool(np.isfinite(lengths).all()) and not (unit and (np.abs(lengths - 1) > MAX_LENGTH_ERROR).any())


def _stray_links(folder: Path, layout: _Layout) -> Iterator[str]:
    if (folder / _VECTORS_FILE).stat().st_size < layout.count * layout.size:
        yield "its vectors are cut off"
        return
    if _has_stray_link(_lowest_level(folder, layout, "r")[:, : layout.links + 1], layout.count).any():
        yield "its links are damaged"
    if not (folder / _CUT_MARKER_FILE).exists():
        yield from _stray_upper_links(folder, layout)


def _stray_upper_links(folder: Path, layout: _Layout) -> Iterator[str]:
    """Check that each element has the bytes its lists take, one list a level, linking to elements of that level."""
    held, each = np.fromfile(folder / "link_lists.bin", dtype="<u4"), layout.upper_links + 1
    levels = np.zeros(layout.count, dtype=np.int64)
    starts: list[int] = []
    at = 0
    for element, size in _sizes(held, layout.count):
        levels[element], rest = divmod(size, 4 * each)
        if rest:
            break
        starts += range(at + 1, at + 1 + size // 4, each)
        at += 1 + size // 4
    if at != len(held):
        yield "its upper levels are cut off or damaged"
        return
    of_level = np.concatenate([np.arange(1, many + 1) for many in levels[levels > 0]] or [np.zeros(0, dtype=np.int64)])
    lists = held[np.array(starts, dtype=np.int64)[:, None] + np.arange(each)]
    if _has_stray_link(lists, layout.count).any() or levels[layout.entry] < layout.top:
        yield "its links are damaged"
        return
    used = np.arange(layout.upper_links) < (lists[:, :1] & _COUNT_MASK)
    if (used & (levels[np.where(used, lists[:, 1:], 0)] < of_level[:, None])).any():
        yield "its links are damaged"


def _sizes(held: NDArray[np.uint32], count: int) -> Iterator[tuple[int, int]]:
    """Return the bytes that the upper-level lists of each existing element take."""
    words, at = memoryview(held.data), 0
    for element in range(count):
        if at >= len(words):
            return
        yield element, words[at]
        at += 1 + words[at] // 4


def _lowest_level(folder: Path, layout: _Layout, mode: Literal["r", "r+"]) -> "np.memmap[Any, np.dtype[np.uint32]]":
    return np.memmap(folder / _VECTORS_FILE, np.uint32, mode, shape=(layout.count, layout.size // 4))


def _has_stray_link(links: NDArray[np.uint32], count: int) -> NDArray[np.bool_]:
    """Tell which of the lists, ``(n, 1 + most)``, claim too many links or link to an element that does not exist."""
    many, most = links[:, :1] & _COUNT_MASK, links.shape[1] - 1
    return np.asarray((many[:, 0] > most) | ((np.arange(most) < many) & (links[:, 1:] >= count)).any(axis=1))
