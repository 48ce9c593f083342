"""Look whether the files of Chroma's vector graph are whole, which Chroma does not: it would follow overwritten links.

The layout is that of hnswlib's ``saveIndex``, cut into a file for the header, one for the vectors with their nearest
neighbours, one for the links of the upper levels and one for lengths (https://github.com/chroma-core/hnswlib).
Unnoticed go bytes that change a vector by less than a ten-thousandth or name another neighbour that there is, which
cost next to nothing.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_HEADER = struct.Struct("<iQQQQQQiIQQQdQ")
_VERSION = 1
_AT_ONCE = 20_000  # vectors
_LEVELS = 64  # more than any graph has
_COUNT = 0xFFFF  # the bits of a list's first number that say how many links follow
OFF_UNIT = 1e-4  # from the length 1, from which on a vector is not what was written


@dataclass(frozen=True, slots=True)
class _Layout:
    count: int
    size: int  # bytes of an element: its links, its vector and its label
    vector_at: int
    label_at: int
    upper_links: int  # at most, of an element in each upper level
    links: int  # at most, of an element in the lowest


def flaw_in(folder: Path, *, unit: bool) -> str:
    """Say what is wrong with the graph in ``folder``, nothing where it is whole or was never written out.

    ``unit`` says that its vectors have length 1. A graph of another version than is known here counts as whole.
    """
    if not folder.is_dir() or not (folder / "header.bin").exists():
        return ""
    try:
        layout = _layout((folder / "header.bin").read_bytes())
        if layout is None:
            return ""
        return next(_flaws(folder, layout, unit=unit), "")
    except (OSError, struct.error, ValueError) as error:
        return f"it cannot be read: {error}"


def _layout(header: bytes) -> _Layout | None:
    """What the header says; None where it is of another version. Raises ValueError where it contradicts itself."""
    read: tuple[Any, ...] = _HEADER.unpack(header)
    version, start, room, count, size, label_at, vector_at, levels, entry, upper, lowest, wanted, spread, _ = read
    fits = start == 0 and vector_at == 4 * lowest + 4 and label_at + 8 == size and vector_at < label_at
    fits &= upper == wanted > 1 and lowest == 2 * upper and abs(spread - 1 / math.log(upper)) < OFF_UNIT
    if fits and version != _VERSION:
        return None
    if not fits or count > room or (count and (entry >= count or not 0 <= levels < _LEVELS)):
        raise ValueError("its header is damaged")
    return _Layout(count, size, vector_at, label_at, upper, lowest)


def _flaws(folder: Path, layout: _Layout, *, unit: bool) -> Iterator[str]:
    if (folder / "data_level0.bin").stat().st_size < layout.count * layout.size:
        yield "its vectors are cut off"
        return
    if not layout.count:
        return
    held = np.memmap(folder / "data_level0.bin", np.uint8, "r", shape=(layout.count, layout.size))
    labels = held[:, layout.label_at :].copy().view("<u8").ravel()
    if len(np.unique(labels)) != len(labels):
        yield "its labels are damaged"
    for start in range(0, layout.count, _AT_ONCE):
        part = held[start : start + _AT_ONCE]
        if _lead_nowhere(part[:, : layout.vector_at].copy().view("<u4"), layout.links, layout.count):
            yield "its links are damaged"
        vectors = part[:, layout.vector_at : layout.label_at].copy().view("<f4")
        if not are_whole(vectors, unit=unit):
            yield "its vectors are damaged"
    lengths = np.fromfile(folder / "length.bin", dtype="<f4", count=layout.count)
    if (
        len(lengths) < layout.count
        or not np.isfinite(lengths).all()
        or (unit and (np.abs(lengths - 1) > OFF_UNIT).any())
    ):
        yield "its lengths are cut off or damaged"
    yield from _upper_flaws(folder, layout)


def are_whole(vectors: NDArray[np.float32], *, unit: bool = True) -> bool:
    """Tell whether every vector of ``(n, dimension)`` consists of numbers, and has length 1 where ``unit``."""
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
        return bool(np.isfinite(lengths).all()) and not (unit and (np.abs(lengths - 1) > OFF_UNIT).any())


def _upper_flaws(folder: Path, layout: _Layout) -> Iterator[str]:
    held, each = np.fromfile(folder / "link_lists.bin", dtype="<u4"), layout.upper_links + 1
    at, lists = 0, [np.zeros((0, each), dtype=np.uint32)]
    for _ in range(layout.count):
        if at >= len(held) or held[at] % (4 * each):
            break
        end = at + 1 + int(held[at]) // 4
        if end > at + 1:
            lists.append(held[at + 1 : end].reshape(-1, each) if end <= len(held) else lists[0])
        at = end
    else:
        if at == len(held):
            if _lead_nowhere(np.concatenate(lists), layout.upper_links, layout.count):
                yield "its links are damaged"
            return
    yield "its upper levels are cut off or damaged"


def _lead_nowhere(links: NDArray[np.uint32], most: int, count: int) -> bool:
    """Whether any of the lists, ``(n, 1 + most)``, says it has more links than it can, or one to what is not there."""
    many = links[:, 0] & _COUNT
    used = np.arange(most) < many[:, None]
    return bool((many > most).any() or (used & (links[:, 1:] >= count)).any())
