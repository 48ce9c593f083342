"""What a passage costs as the index grows, and what ten million would: time of writing, disk, memory.

The text is made up and the vectors are drawn, which costs the store the same as real ones; encoding is left out, since
it does not depend on how many there are already.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embedding.sentence_transformers import scale_to_unit
from index.embedding.token_codes import TokenCodes
from index.schema import Document, Passage
from index.storage.store import Store
from index.storage.writer import DocumentEntry

TEN_MILLION = 10_000_000
_DIMENSION, _A_DOCUMENT, _AT_ONCE = 384, 8, 256
_TOKENS, _WORDS = 100, 120  # of a passage


@dataclass(frozen=True, slots=True)
class StoreSize:
    """A store of so many ``passages``: seconds of processor time a passage since the size before, and bytes.

    ``disk`` is all that lies in its folder, ``tokens`` the part of it that the codes of tokens take.
    """

    passages: int
    seconds_a_passage: float
    disk: int
    tokens: int
    memory: int


@dataclass(frozen=True, slots=True)
class CostModel:
    """What a passage costs: ``seconds + slope * log2(passages)`` to write, and bytes of disk and memory."""

    seconds: float
    slope: float
    disk: float
    memory: float
    memory_at_rest: float

    def seconds_for(self, passages: int) -> float:
        """Return the processor seconds to write an index of that size, without encoding."""
        # The integral of log2 from 1 on.
        return passages * (self.seconds + self.slope * (math.log2(passages) - 1 / math.log(2)))


def grow_store(folder: Path, sizes: Sequence[int], progress: Callable[[int], None] = lambda _: None) -> list[StoreSize]:
    """Grow a store to each of ``sizes``, ascending, and measure it at each."""
    store = Store(folder, "growth", {"model": "drawn", "chunking": "none"})
    drawn = np.random.default_rng(0)
    words = np.array([f"word{n}" for n in range(20_000)])
    grown: list[StoreSize] = []
    held = 0
    for size in sizes:
        since, before = time.process_time(), held
        making = 0.0
        while held < size:
            began = time.process_time()
            entries = [_entry(held + n, drawn, words) for n in range(0, _AT_ONCE, _A_DOCUMENT)]
            making += time.process_time() - began
            store.add_all(entries)
            held += _AT_ONCE
            progress(held)
        seconds = (time.process_time() - since - making) / (held - before)
        disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        grown.append(StoreSize(held, seconds, disk, (folder / "tokens.sqlite3").stat().st_size, resident_memory()))
    return grown


def fit_cost(grown: Sequence[StoreSize]) -> CostModel:
    """Fit the model by least squares; memory at rest belongs to the process, not to the passages."""
    sizes = np.array([g.passages for g in grown], dtype=float)
    middles = np.log2((sizes + np.concatenate([[1.0], sizes[:-1]])) / 2)
    slope, seconds = np.polyfit(middles, [g.seconds_a_passage for g in grown], 1)
    disk, _ = np.polyfit(sizes, [g.disk for g in grown], 1)
    memory, at_rest = np.polyfit(sizes, [g.memory for g in grown], 1)
    return CostModel(float(seconds), float(slope), float(disk), float(memory), float(at_rest))


def resident_memory() -> int:
    """Return the bytes of memory this process has now; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _entry(number: int, drawn: np.random.Generator, words: np.ndarray) -> DocumentEntry:
    texts = [" ".join(drawn.choice(words, _WORDS)) + f" {number + n}." for n in range(_A_DOCUMENT)]
    text = " ".join(texts)
    document = Document(f"d{number}", f"Document {number}", f"{number}.txt", text)
    passages, start = [], 0
    for one in texts:
        passages.append(Passage(document.id, start, start + len(one), one))
        start += len(one) + 1
    vectors = scale_to_unit(drawn.standard_normal((_A_DOCUMENT, _DIMENSION)).astype(np.float32))
    signs = drawn.integers(0, 256, (_A_DOCUMENT, _TOKENS, _DIMENSION // 8), dtype=np.uint8)
    starts = np.arange(0, 7 * _TOKENS, 7, dtype=np.int32)
    return DocumentEntry(document, passages, vectors, [TokenCodes(each, starts) for each in signs])
