"""Put token ids of two segments side by side: a question and its context, a claim and its evidence."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray


class TwoSegments(Protocol):
    """Token ids of ``[CLS] first [SEP] second [SEP]``."""

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids, the special ones included."""
        ...

    @property
    def first(self) -> int:
        """Where the ids of the second segment begin."""
        ...


S = TypeVar("S", bound=TwoSegments)


@dataclass(frozen=True, slots=True)
class Padded:
    """Rows side by side, each of shape (rows, tokens); ``kinds`` is 1 in the second segment, ``mask`` 0 in padding."""

    ids: NDArray[np.int64]
    kinds: NDArray[np.int64]
    mask: NDArray[np.int64]


def pad(rows: Sequence[TwoSegments]) -> Padded:
    """Pad rows to the longest of them."""
    shape = len(rows), max(len(row.ids) for row in rows)
    ids, kinds, mask = (np.zeros(shape, np.int64) for _ in range(3))
    for at, row in enumerate(rows):
        length = len(row.ids)
        ids[at, :length], mask[at, :length], kinds[at, row.first : length] = row.ids, 1, 1
    return Padded(ids, kinds, mask)


def shuffled_batches(rows: Sequence[S], size: int, rng: random.Random) -> list[list[S]]:
    """Group rows of like length into batches, in a random order, so that little is computed on padding."""
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids) + rng.random() * 16)
    batches = [[rows[i] for i in order[at : at + size]] for at in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def load_tokenizer(folder: Path) -> Any:
    """Load the ``tokenizers.Tokenizer`` of a model's ``folder``, without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
