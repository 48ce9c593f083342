"""Tell which passages may be copies without their texts, by the distances between the positions of their words.

Where two texts share a run of words, the tokens kept of it stand equally far apart in both. Reading the texts of fifty
passages takes most of a search's time beside the model's, and hardly one of them is a copy.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedding.token_codes import Places

_RUN_LENGTH = 4  # distances in a row, between five content words, which span some eight words
# The share of a text's runs that another must hold. Of 1,275 passages of news and encyclopedia, edited at evenly spread
# places until they were just copies, the lowest had 0.46.
_MIN_SHARED_RUNS = 0.3
_MIN_RUNS = 12  # a share of fewer runs means nothing
_MIN_COVERED = 0.8  # share of a text that its tokens must reach; a model cuts long texts off

Bools = NDArray[np.bool_]


def may_be_copies(texts: Sequence[Places], lengths: Sequence[int]) -> Bools:
    """Return whether each text may have most of its words from another: ``[n, m]`` for the ``n``-th from the ``m``-th.

    Errs towards yes; always yes for a text with too few tokens. A text is given as the positions where its tokens
    start, in characters, and as its length in characters.
    """
    runs, owner = _distance_runs(texts)
    counts = np.bincount(owner, minlength=len(texts))
    reached = np.array([places[-1] if len(places) else 0 for places in texts])
    vague = (counts < _MIN_RUNS) | (reached < _MIN_COVERED * np.asarray(lengths))
    may = _count_shared_runs(runs, owner, len(texts)) >= _MIN_SHARED_RUNS * counts[:, None]
    may[vague] = may[:, vague] = True
    np.fill_diagonal(may, val=False)
    return np.asarray(may)


def _count_shared_runs(runs: NDArray[np.uint64], owner: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return how many runs of each text stand in each other, shape ``(count, count)``."""
    order = np.argsort(runs, kind="stable")
    runs, owner = runs[order], owner[order]
    again = np.zeros(len(runs), dtype=bool)
    again[1:] = runs[1:] == runs[:-1]
    again[:-1] |= again[1:]
    runs, owner = runs[again], owner[again]  # most runs stand in one text alone
    low = np.searchsorted(runs, runs)
    times = np.searchsorted(runs, runs, side="right") - low
    # Every place where a run stands: those from ``low`` on, as many as it has.
    at = np.repeat(low, times) + np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    pairs = np.repeat(owner, times) * count + owner[at]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def _distance_runs(every: Sequence[Places]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Return all runs of distances, each packed into one number, and the index of the text that each belongs to."""
    starts = np.concatenate(every)
    owner = np.repeat(np.arange(len(every)), [len(places) for places in every])
    if len(starts) <= _RUN_LENGTH:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.intp)
    apart = np.diff(starts).astype(np.uint16).astype(np.uint64)
    runs = apart[: len(starts) - _RUN_LENGTH].copy()
    for n in range(1, _RUN_LENGTH):
        runs |= apart[n : n + len(runs)] << np.uint64(16 * n)
    whole = owner[:-_RUN_LENGTH] == owner[_RUN_LENGTH:]
    return runs[whole], owner[:-_RUN_LENGTH][whole]
