"""Estimate how much two texts have in common from small signatures: MinHash over runs of words.

Broder 1997, "On the resemblance and containment of documents" (doi 10.1109/SEQUEN.1997.666900); banding after Leskovec,
Rajaraman and Ullman, "Mining of Massive Datasets", 3.4. Written here because it is a page of numpy: datasketch, which
is well kept, hashes run by run in Python, ten times slower, and keeps its tables in memory or Redis.
"""

import re
import zlib

import numpy as np
from numpy.typing import NDArray

HASHES, BANDS = 120, 20  # bands of six: a pair that shares 0.6 of its runs is met with 0.62, one that shares 0.8 surely
_WORDS_PER_RUN = 3  # words
_RUNS_PER_STEP = 2_048  # runs hashed in one go, so that a book needs no more memory than a page
_WORD = re.compile(r"\w+")

Signature = NDArray[np.uint32]

_DRAWN = np.random.Generator(np.random.PCG64(20)).integers(1, 1 << 63, (2, HASHES, 1), dtype=np.uint64)
_MULTIPLIERS, _OFFSETS = _DRAWN[0] * np.uint64(2) + np.uint64(1), _DRAWN[1]
_MIX_CONSTANTS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], dtype=np.uint64)


def signature(text: str) -> Signature:
    """Compute a text's signature, shape ``(HASHES,)``; letter case, punctuation and layout do not matter."""
    runs = _hash_runs(text)
    least = np.full(HASHES, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(runs), _RUNS_PER_STEP):
        hashed = (_MULTIPLIERS * runs[start : start + _RUNS_PER_STEP] + _OFFSETS) >> np.uint64(32)
        np.minimum(least, hashed.min(axis=1).astype(np.uint32), out=least)
    return least


def estimate_similarity(one: Signature, others: Signature) -> NDArray[np.float64]:
    """Estimate the share of word runs that texts have in common (Jaccard); the standard error is 0.045 at most.

    ``others`` has shape ``(n, HASHES)``; the result has shape ``(n,)``.
    """
    return np.asarray((others == one).mean(axis=1))


def band_keys(one: Signature) -> list[int]:
    """Compute a key for each band; texts that share a key may be similar. Keys are signed, as SQLite's integers are."""
    bands = one.reshape(BANDS, -1).astype(np.uint64)
    keys = np.arange(BANDS, dtype=np.uint64)
    for column in bands.T:
        keys = _mix(keys * _MIX_CONSTANTS[0] + column)
    return [int(key) for key in keys.view(np.int64)]


def _hash_runs(text: str) -> NDArray[np.uint64]:
    """Hash each different run of words; a text shorter than a run is hashed whole."""
    crc = zlib.crc32
    words = np.array([crc(word.encode()) for word in _WORD.findall(text.casefold())], dtype=np.uint64)
    if not len(words):
        return words
    length = min(_WORDS_PER_RUN, len(words))
    runs = np.zeros(len(words) - length + 1, dtype=np.uint64)
    for n in range(length):
        runs = _mix(runs * _MIX_CONSTANTS[0] + words[n : n + len(runs)])
    return np.unique(runs)


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply SplitMix64's finaliser (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _MIX_CONSTANTS[1]
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _MIX_CONSTANTS[2]
    return np.asarray(numbers ^ (numbers >> np.uint64(31)), dtype=np.uint64)
