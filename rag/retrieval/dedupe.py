"""Find the best distinct passages without reading the texts of all that were found."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from index.embedding.token_codes import TokenCodes
from index.schema import Hit, Passage
from rag.retrieval.collapse_duplicates import collapse_duplicates, same_score
from rag.retrieval.word_positions import Bools, may_be_copies

_NO_POSITIONS = np.zeros(0, dtype=np.int32)


def dedupe(
    scores: Mapping[str, float],
    k: int,
    read: Callable[[Sequence[str]], Mapping[str, Passage]],
    codes: Mapping[str, TokenCodes],
) -> tuple[Hit, ...]:
    """Return what ``collapse_duplicates`` returns for all the passages in ``scores``, reading few of their texts.

    ``read`` returns texts by id and leaves out those that are gone. It is asked for the best ``k`` passages that copy
    none, judged by their word positions in ``codes``, for what stands between them, and for what may copy one of them.
    All texts are read only where that does not suffice, as when some are gone.
    """
    best = sorted(scores, key=lambda id_: (-scores[id_], id_))
    if not best:
        return ()
    starts = [codes[id_].starts if id_ in codes else _NO_POSITIONS for id_ in best]
    may = may_be_copies(starts, [_passage_length(id_) for id_ in best])
    first = _extend_over_ties([scores[id_] for id_ in best], _count_to_kth_distinct(may, k))
    alone = frozenset(best[n] for n in np.flatnonzero(~(may.any(axis=0) | may.any(axis=1))))
    wanted = [id_ for n, id_ in enumerate(best) if n < first or may[n, :first].any()]
    texts = dict(read(wanted))
    found = collapse_duplicates((Hit(texts[id_], scores[id_]) for id_ in wanted if id_ in texts), k, alone)
    if len(wanted) == len(best) or (len(found) >= k and {hit.passage.id for hit in found} <= {*best[:first]}):
        return found
    texts |= read([id_ for id_ in best if id_ not in texts])
    return collapse_duplicates((Hit(texts[id_], scores[id_]) for id_ in best if id_ in texts), k, alone)


def _count_to_kth_distinct(may: Bools, k: int) -> int:
    """Return how many of the best to take until ``k`` of them copy no better one."""
    others = np.flatnonzero(~np.tril(may).any(axis=1))
    return int(others[k - 1]) + 1 if len(others) >= k else len(may)


def _extend_over_ties(scores: Sequence[float], first: int) -> int:
    """Return ``first``, raised so as not to cut between equal scores, which are ordered by dates not known yet."""
    after = (n for n, (one, other) in enumerate(pairwise(scores), 1) if n >= first and not same_score(one, other))
    return next(after, len(scores))


def _passage_length(id_: str) -> int:
    start, end = id_.rpartition(":")[2].split("-")
    return int(end) - int(start)
