"""Metrics of one case, as pure functions of plain values.

A value is a float in [0, 1], or None where the metric does not apply to the case (no gold evidence, no
claims, nothing refused). None is counted as unscored by ``evals.stats.interval.estimate`` and never as 0.
"""
