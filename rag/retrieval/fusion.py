"""Fuse the scores of several searches: each scaled to its best and worst, then weighed."""

from collections.abc import Mapping


def fuse(dense: Mapping[str, float], keyword: Mapping[str, float], dense_weight: float) -> dict[str, float]:
    """One score an id in [0, 1]: both sides scaled to their best and worst, then weighed.

    An id missing on one side counts as that side's worst. When one side found nothing the other decides
    alone. (Convex combination of min-max scores; Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions
    for Hybrid Retrieval", doi 10.1145/3596512.)
    """
    if not keyword or not dense:
        return _scaled(dense or keyword)
    scaled_dense, scaled_keyword = _scaled(dense), _scaled({**dict.fromkeys(dense, 0.0), **keyword})
    ids = scaled_dense.keys() | scaled_keyword.keys()
    return {
        id_: dense_weight * scaled_dense.get(id_, 0.0) + (1 - dense_weight) * scaled_keyword.get(id_, 0.0)
        for id_ in ids
    }


def blend(fused: Mapping[str, float], late: Mapping[str, float], late_weight: float) -> dict[str, float]:
    """One score in [0, 1] for each of ``fused``: both scaled to their best and worst, then weighed.

    An id that late interaction knows nothing of keeps its fused score alone.
    """
    scaled, met = _scaled(fused), _scaled(late)
    return {
        id_: late_weight * met[id_] + (1 - late_weight) * score if id_ in met else score
        for id_, score in scaled.items()
    }


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    spread = high - low
    return {id_: (score - low) / spread if spread > 0 else 1.0 for id_, score in scores.items()}
