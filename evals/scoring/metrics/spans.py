"""Metrics of how much of the gold text was retrieved, counted in characters.

An interval is ``(document_id, start, end)``, ``end`` exclusive, in characters of the document's text. Gold
intervals are merged first, so a character is gold once. Empty intervals are ignored; one that ends before it
starts raises ValueError. Without gold every function returns None; with gold and nothing retrieved, 0.

Retrieved chunks may overlap, and the sources differ in how they count that:

================== ================================ ==============================================
function           numerator                        denominator
================== ================================ ==============================================
span_recall        gold characters found, each once gold characters
span_precision     gold characters found, each once sum of the chunks' lengths (repeats count)
span_iou           gold characters found, each once sum of the chunks' lengths + gold not found
snippet_precision  sum of the chunks' gold          sum of the chunks' lengths
precision_omega    gold characters in any chunk     union of the chunks that touch gold, and all gold
================== ================================ ==============================================

Sources: Smith & Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma 2024, as its code computes
them (``span_*`` and ``precision_omega``): the report speaks of tokens, the code counts characters. Pipitone &
Houir Alami, "LegalBench-RAG", arXiv 2408.10343, 2024 (``snippet_precision``): its recall is ``span_recall``
for disjoint snippets, while its code counts a gold character once per snippet that holds it and can pass 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

Interval: TypeAlias = tuple[str, int, int]
_Ranges: TypeAlias = Mapping[str, list[tuple[int, int]]]


def span_recall(retrieved: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return share of the gold characters that lie in some retrieved chunk (Chroma, LegalBench-RAG)."""
    wanted = merge_intervals(gold)
    if not wanted:
        return None
    return _size(_common(merge_intervals(retrieved), wanted)) / _size(wanted)


def span_precision(retrieved: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return gold characters found over characters read: text retrieved twice is read twice (Chroma)."""
    chunks, wanted = _not_empty(retrieved), merge_intervals(gold)
    if not wanted:
        return None
    return _ratio(_size(_common(merge_intervals(chunks), wanted)), _length(chunks))


def span_iou(retrieved: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return gold characters found over characters read plus gold characters missed (Chroma)."""
    chunks, wanted = _not_empty(retrieved), merge_intervals(gold)
    if not wanted:
        return None
    found = _size(_common(merge_intervals(chunks), wanted))
    return found / (_length(chunks) + _size(wanted) - found)


def snippet_precision(retrieved: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return share of the retrieved characters that are gold, repeats counted above and below (LegalBench-RAG)."""
    chunks, wanted = _not_empty(retrieved), merge_intervals(gold)
    if not wanted:
        return None
    return _ratio(sum(_size(_common(merge_intervals([chunk]), wanted)) for chunk in chunks), _length(chunks))


def precision_omega(chunks: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return the precision a chunking allows at perfect recall (Chroma's precision Ω).

    ``chunks`` are *all* chunks of the corpus. Those sharing at least one character with gold are taken as
    retrieved, and here their union is counted, together with gold that no chunk holds.
    """
    wanted = merge_intervals(gold)
    if not wanted:
        return None
    touching = [chunk for chunk in chunks if _common(merge_intervals([chunk]), wanted)]
    found = _common(merge_intervals(touching), wanted)
    read = _size(merge_intervals(touching)) + _size(wanted) - _size(found)
    return _size(found) / read


def shared_characters(one: Interval, other: Interval) -> int:
    """Count the characters that two intervals have in common."""
    if one[0] != other[0]:
        return 0
    return max(0, min(one[2], other[2]) - max(one[1], other[1]))


def merge_intervals(intervals: Iterable[Interval]) -> dict[str, list[tuple[int, int]]]:
    """Merge intervals: per document its disjoint ranges, in order; touching ones are joined."""
    union: dict[str, list[tuple[int, int]]] = {}
    for document, start, end in sorted(_not_empty(intervals)):
        ranges = union.setdefault(document, [])
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
        else:
            ranges.append((start, end))
    return union


def _not_empty(intervals: Iterable[Interval]) -> list[Interval]:
    kept = []
    for interval in intervals:
        document, start, end = interval
        if end < start:
            raise ValueError(f"interval of {document} ends at {end}, before its start {start}")
        if end > start:
            kept.append(interval)
    return kept


def _common(one: _Ranges, other: _Ranges) -> _Ranges:
    common: dict[str, list[tuple[int, int]]] = {}
    for document in one.keys() & other.keys():
        if ranges := _intersection(one[document], other[document]):
            common[document] = ranges
    return common


def _intersection(one: Sequence[tuple[int, int]], other: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def _size(union: _Ranges) -> int:
    return sum(end - start for ranges in union.values() for start, end in ranges)


def _length(intervals: Iterable[Interval]) -> int:
    return sum(end - start for _, start, end in intervals)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
