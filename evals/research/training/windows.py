"""Cut questions with their contexts into windows of tokens, with the places of the answers."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.research.training.questions import Question
from evals.research.training.segments import pad
from rag.reading.reader.window import MAX_QUESTION_TOKENS, MAX_TOKENS

LONGEST = MAX_TOKENS
_LONGEST_QUESTION = MAX_QUESTION_TOKENS


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids of ``[CLS] question [SEP] context [SEP]``; ``first`` is where the context's begin.

    ``starts`` and ``ends`` are the first and last tokens of its answers, in the same order, empty where there is none.
    """

    ids: tuple[int, ...]
    first: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def windows_of(questions: Sequence[Question], tokenizer: Any, seed: int = 0) -> Iterator[Window]:
    """Yield a window for each question: around one of its answers, at a random place where it has none.

    ``tokenizer`` is a ``tokenizers.Tokenizer`` without truncation or padding.
    """
    rng = random.Random(seed)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    for question in questions:
        asked = tokenizer.encode(question.text, add_special_tokens=False).ids[:_LONGEST_QUESTION]
        context = tokenizer.encode(question.context, add_special_tokens=False)
        spans = [span for a, b in question.answers if (span := _tokens_at(context.offsets, a, b)) is not None]
        if question.answerable and not spans:
            continue
        room = LONGEST - len(asked) - 3
        begin = _begin(len(context.ids), room, rng.choice(spans) if spans else None, rng)
        end = begin + room
        first = len(asked) + 2
        inside = sorted({(s, e) for s, e in spans if s >= begin and e < end})
        ids = (cls, *asked, sep, *context.ids[begin:end], sep)
        yield Window(
            ids, first, tuple(s - begin + first for s, _ in inside), tuple(e - begin + first for _, e in inside)
        )


def _tokens_at(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    first = next((i for i, (_, b) in enumerate(offsets) if b > start), None)
    last = next((i for i in range(len(offsets) - 1, -1, -1) if offsets[i][0] < end), None)
    return (first, last) if first is not None and last is not None and first <= last else None


def _begin(length: int, room: int, span: tuple[int, int] | None, rng: random.Random) -> int:
    if length <= room:
        return 0
    if span is None:
        return rng.randint(0, length - room)
    low, high = max(0, span[1] + 1 - room), min(span[0], length - room)
    return rng.randint(low, high) if low <= high else max(0, min(span[0], length - room))


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows side by side. ``ids``, ``kinds``, ``mask`` have shape (windows, tokens); spans are marked by 1."""

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    mask: NDArray[np.int64]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    answerable: NDArray[np.float32]


def batch_of(windows: Sequence[Window]) -> Batch:
    """Pad windows to the longest of them."""
    rows = pad(windows)
    starts, ends = np.zeros(rows.ids.shape, np.float32), np.zeros(rows.ids.shape, np.float32)
    for row, window in enumerate(windows):
        starts[row, list(window.starts)] = 1
        ends[row, list(window.ends)] = 1
    return Batch(rows.ids, rows.kinds, rows.mask, starts, ends, np.array([bool(w.starts) for w in windows], np.float32))
