from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.stats.bootstrap import bootstrap_interval, cluster, resampled_means, t_quantile
from evals.stats.interval import CaseScore, bootstrap_estimate, clustered_stderr, estimate

graded = st.lists(st.tuples(st.sampled_from("abcde"), st.floats(0, 1)), max_size=25)


def scores(values: list[float | None], groups: str | None = None) -> list[CaseScore]:
    names = groups or [f"g{i}" for i in range(len(values))]
    return [CaseScore(f"c{i}", g, v) for i, (v, g) in enumerate(zip(values, names, strict=True))]


@given(graded)
def test_standard_error_is_millers_with_the_finite_cluster_factor(cases: list[tuple[str, float]]) -> None:
    groups, values = [g for g, _ in cases], [v for _, v in cases]
    count, n = len(set(groups)), len(values)
    error = clustered_stderr(cluster(values, groups))
    if count < 2:
        assert error is None
        return
    mean = sum(values) / n
    products = sum(
        (values[i] - mean) * (values[j] - mean) for i, j in product(range(n), repeat=2) if groups[i] == groups[j]
    )
    assert error == pytest.approx(sqrt(max(0, products) * count / (count - 1)) / n, abs=1e-9)


def test_one_case_a_document_is_the_ordinary_t_interval() -> None:
    values = [0.1, 0.4, 0.5, 0.35, 0.8, 0.2]
    found = estimate(scores(values), bounds=None)
    low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert (found.n, found.clusters, found.crashed, found.unscored) == (6, 6, 0, 0)


def test_copies_of_a_case_add_nothing_to_what_is_known() -> None:
    values = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0]
    once = estimate(scores(values, "abcdef"))
    thrice = estimate(scores(values * 3, "abcdef" * 3))
    assert (thrice.low, thrice.high) == (pytest.approx(once.low), pytest.approx(once.high))
    assert estimate(scores(values * 3)).high - estimate(scores(values * 3)).low < once.high - once.low


def test_cases_without_a_group_stand_alone() -> None:
    found = estimate([CaseScore(name, group, 0.5) for name, group in [("a", ""), ("b", ""), ("c", "a"), ("d", "a")]])
    assert found.clusters == 3


def test_crashes_count_as_the_worst_and_unscored_not_at_all() -> None:
    given_scores = [
        CaseScore("1", "a", 1.0),
        CaseScore("2", "b", 1.0),
        CaseScore("3", "c", None),
        CaseScore("4", "d", None, crashed=True),
        CaseScore("5", "e", 1.0, crashed=True),
    ]
    found = estimate(given_scores)
    assert (found.mean, found.n, found.clusters, found.crashed, found.unscored) == (0.5, 4, 4, 2, 1)
    assert estimate(given_scores, higher_is_better=False).mean == 1.0
    assert bootstrap_estimate(given_scores).mean == 0.5


def test_what_cannot_be_known_is_none() -> None:
    assert estimate([]).mean is None
    assert estimate(scores([None, None])).unscored == 2
    alone = estimate(scores([0.2, 0.4, 0.9], "aaa"))
    assert (alone.mean, alone.low, alone.high, alone.clusters) == (pytest.approx(0.5), None, None, 1)
    assert bootstrap_estimate(scores([0.2, 0.4], "aa")).low is None


@pytest.mark.parametrize(("value", "right"), [(1.0, 20), (0.0, 0)])
def test_a_perfect_score_is_not_certainty(value: float, right: int) -> None:
    found = estimate(scores([value] * 20))
    exact = stats.binomtest(right, 20).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


@given(graded)
def test_an_interval_holds_its_mean_and_stays_in_bounds(cases: list[tuple[str, float]]) -> None:
    found = estimate([CaseScore(str(i), g, v) for i, (g, v) in enumerate(cases)])
    if found.low is not None:
        assert 0 <= found.low <= found.mean + 1e-12
        assert found.mean - 1e-12 <= found.high <= 1


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    plain = drawn = 0
    for trial in range(300):
        effects = rng.normal(0.5, 0.1, 15).clip(0, 1)
        cases = [(str(c), float(rng.random() < p)) for c, p in enumerate(effects) for _ in range(5)]
        run = [CaseScore(str(i), g, v) for i, (g, v) in enumerate(cases)]
        found, boot = estimate(run), bootstrap_estimate(run, draws=1000, seed=trial)
        plain += found.low <= 0.5 <= found.high
        drawn += boot.low <= 0.5 <= boot.high
    assert 0.91 <= plain / 300 <= 0.99
    assert 0.90 <= drawn / 300 <= 0.99


def test_bootstrap_is_repeatable_and_spreads_as_the_standard_error() -> None:
    rng = np.random.default_rng(1)
    clusters = cluster(rng.random(400).tolist(), [str(g) for g in rng.integers(0, 60, 400)])
    one = resampled_means(clusters, draws=4000, seed=3)
    assert np.array_equal(one, resampled_means(clusters, draws=4000, seed=3))
    assert not np.array_equal(one, resampled_means(clusters, draws=4000, seed=4))
    assert one.std() == pytest.approx(clustered_stderr(clusters), rel=0.08)
    low, high = bootstrap_interval(clusters)
    assert low < clusters.sums.sum() / 400 < high


def test_draws_do_not_depend_on_how_they_are_batched(monkeypatch: pytest.MonkeyPatch) -> None:
    clusters = cluster([0.0, 1.0, 0.5, 0.25], list("abcd"))
    at_once = resampled_means(clusters, draws=500, seed=0)
    monkeypatch.setattr("evals.stats.bootstrap._CELLS", 40)
    assert np.array_equal(at_once, resampled_means(clusters, draws=500, seed=0))


def test_t_quantile_is_scipys() -> None:
    assert t_quantile(0.95, 9) == pytest.approx(stats.t.ppf(0.975, 9))


def test_nonsense_is_refused() -> None:
    for value in (1.5, float("nan")):
        with pytest.raises(ValueError, match="outside"):
            estimate(scores([value, 0.5]))
    with pytest.raises(ValueError, match="twice"):
        estimate([CaseScore("1", "a", 1.0), CaseScore("1", "b", 1.0)])
    with pytest.raises(ValueError, match="for 1 groups"):
        cluster([1.0, 2.0], ["a"])
