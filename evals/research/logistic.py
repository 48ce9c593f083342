"""Logistic regressions whose weights cannot have the wrong sign.

More evidence never counts against a text, and something missing never for it; this costs next to nothing on texts like
the ones fitted and keeps the models sane on others.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bounds = tuple[float | None, float | None]

_RIDGE = 0.3
_NOTHING = 5e-5  # a weight below this is left out


def weight_bounds(features: Sequence[str], against: Collection[str] = (), unused: Collection[str] = ()) -> list[Bounds]:
    """Return the bounds of each feature's weight: at most 0 for those ``against``, 0 for those unused, else at least 0.

    >>> weight_bounds(["shared", "missing", "length"], against=["missing"], unused=["length"])
    [(0.0, None), (None, 0.0), (0.0, 0.0)]
    """

    def bounds(name: str) -> Bounds:
        if name in unused:
            return 0.0, 0.0
        return (None, 0.0) if name in against else (0.0, None)

    return [bounds(name) for name in features]


def fit_logistic(
    rows: Floats, labels: Floats, weights: Floats, names: Sequence[str], bounds: Sequence[Bounds]
) -> dict[str, float]:
    """Fit a logistic regression that tells ``labels`` (0 or 1) from ``rows``; weights by name, with ``"bias"``.

    ``weights`` says how much each row counts, ``bounds`` what each weight may be. Ridge 0.3 on all but the bias.
    """
    from scipy.optimize import minimize

    padded = np.column_stack([rows, np.ones(len(rows))])

    def loss(w: Floats) -> tuple[float, Floats]:
        z = padded @ w
        p = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
        value = float(np.sum(weights * (np.logaddexp(0, z) - labels * z)) + _RIDGE * np.sum(w[:-1] ** 2))
        return value, padded.T @ (weights * (p - labels)) + 2 * _RIDGE * np.append(w[:-1], 0.0)

    found = minimize(loss, np.zeros(padded.shape[1]), jac=True, method="L-BFGS-B", bounds=[*bounds, (None, None)])
    named = zip((*names, "bias"), found.x, strict=True)
    return {name: round(float(w), 4) for name, w in named if name == "bias" or abs(w) > _NOTHING}
