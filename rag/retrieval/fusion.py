"""Fuse the scores of several searches: each scaled to its lowest and highest, then weighted."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray


def min_max(scores: NDArray[np.floating]) -> NDArray[np.floating]:
    """Scale ``scores``, at least one, so that the lowest is 0 and the highest is 1; all are 1 where they are equal.

    >>> min_max(np.array([2.0, 4.0, 3.0])).tolist()
    [0.0, 1.0, 0.5]
    """
    spread = scores.max() - scores.min()
    return (scores - scores.min()) / spread if spread > 0 else np.ones_like(scores)


def fuse(dense: Mapping[str, float], keyword: Mapping[str, float], dense_weight: float) -> dict[str, float]:
    """Return one score in [0, 1] for each id: the weighted mean of both sides, each scaled by ``min_max``.

    An id missing on one side counts as the lowest there. When one side found nothing, the other decides alone.
    (Convex combination of min-max scores; Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions for Hybrid
    Retrieval", doi 10.1145/3596512.)

    >>> fuse({"a": 0.9, "b": 0.1}, {"b": 7.0}, dense_weight=0.5)
    {'a': 0.5, 'b': 0.5}
    """
    if not keyword or not dense:
        return _scale(dense or keyword)
    scaled_dense, scaled_keyword = _scale(dense), _scale({**dict.fromkeys(dense, 0.0), **keyword})
    ids = dict.fromkeys([*scaled_dense, *scaled_keyword])
    return {
        id_: dense_weight * scaled_dense.get(id_, 0.0) + (1 - dense_weight) * scaled_keyword.get(id_, 0.0)
        for id_ in ids
    }


def blend(fused: Mapping[str, float], late: Mapping[str, float], late_weight: float) -> dict[str, float]:
    """Return one score in [0, 1] for each id of ``fused``: the weighted mean of both, each scaled by ``min_max``.

    An id that late interaction has no score for keeps its scaled fused score.
    """
    scaled, late = _scale(fused), _scale(late)
    return {
        id_: late_weight * late[id_] + (1 - late_weight) * score if id_ in late else score
        for id_, score in scaled.items()
    }


def raise_above(scores: Mapping[str, float], ids: Collection[str]) -> dict[str, float]:
    """Put ``ids`` above all others, the order within both kept and every score still in [0, 1].

    >>> raise_above({"a": 1.0, "b": 0.5}, {"b"})
    {'a': 0.5, 'b': 0.75}
    """
    return {id_: (score + (id_ in ids)) / 2 for id_, score in scores.items()}


def _scale(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    return dict(zip(scores, min_max(np.array(list(scores.values()), dtype=np.float64)).tolist(), strict=True))
