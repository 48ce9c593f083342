from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evals.bootstrap import cluster
from evals.interval import CaseScore
from evals.paired import compare, mcnemar_p_value, sign_flip_p_value


def run(values: list[float | None], groups: list[str] | None = None) -> list[CaseScore]:
    names = groups or [f"g{i}" for i in range(len(values))]
    return [CaseScore(f"c{i}", g, v) for i, (v, g) in enumerate(zip(values, names, strict=True))]


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_the_exact_binomial_test(wins: int, losses: int) -> None:
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert mcnemar_p_value(wins, losses) == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(-4, 4)), min_size=1, max_size=20))
def test_sign_flips_agree_with_trying_every_flip(cases: list[tuple[str, int]]) -> None:
    sums: dict[str, int] = {}
    for group, difference in cases:
        sums[group] = sums.get(group, 0) + difference
    observed = abs(sum(sums.values()))
    flips = list(product((1, -1), repeat=len(sums)))
    extreme = sum(abs(np.dot(f, list(sums.values()))) >= observed for f in flips)
    clusters = cluster([d for _, d in cases], [g for g, _ in cases])
    assert sign_flip_p_value(clusters) == pytest.approx(extreme / len(flips))


def test_random_flips_agree_with_scipys_permutation_test() -> None:
    differences = np.random.default_rng(2).normal(0.1, 0.4, 60)
    ours = sign_flip_p_value(cluster(differences.tolist(), [str(i) for i in range(60)]), draws=20_000)
    theirs = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=20_000, rng=1
    ).pvalue
    assert ours == pytest.approx(theirs, abs=0.015)


def test_a_better_run_is_said_to_be_better() -> None:
    a = run([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    b = run([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    found = compare(a, b)
    assert (found.wins, found.ties, found.losses, found.n) == (8, 3, 1, 12)
    assert found.difference == pytest.approx(7 / 12)
    assert (found.mean_a, found.mean_b) == (pytest.approx(4 / 12), pytest.approx(11 / 12))
    assert found.low > 0
    assert found.test == "mcnemar"
    assert found.p_value == pytest.approx(stats.binomtest(1, 9).pvalue)
    assert found.flipped == tuple(f"c{i}" for i in range(9))


def test_turning_the_runs_round_turns_the_result_round() -> None:
    rng = np.random.default_rng(0)
    groups = [str(i // 3) for i in range(60)]
    a, b = run(rng.random(60).tolist(), groups), run(rng.random(60).tolist(), groups)
    there, back = compare(a, b), compare(b, a)
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert there.difference == pytest.approx(-back.difference)
    assert (there.low, there.high) == (pytest.approx(-back.high), pytest.approx(-back.low))
    assert (there.test, there.p_value) == ("sign-flip", back.p_value)
    assert there.p_value == there.clustered_p_value
    assert there.flipped == back.flipped


def test_equal_runs_differ_by_nothing() -> None:
    a = run([0.0, 1.0, 0.5])
    found = compare(a, a)
    assert (found.difference, found.low, found.high, found.p_value, found.flipped) == (0, 0, 0, 1.0, ())
    assert (found.wins, found.ties, found.losses) == (0, 3, 0)


def test_rounding_is_a_tie() -> None:
    assert compare(run([0.1 + 0.2]), run([0.3])).ties == 1


def test_a_graded_change_flips_only_across_one_half() -> None:
    found = compare(run([0.9, 0.4, 0.6]), run([0.6, 0.6, 0.2]))
    assert (found.wins, found.losses, found.flipped) == (1, 2, ("c1", "c2"))


def test_where_less_is_better_wins_are_the_lower_and_crashes_the_highest() -> None:
    a, b = run([0.5, 0.5]), [CaseScore("c0", "g0", 0.2), CaseScore("c1", "g1", None, crashed=True)]
    found = compare(a, b, higher_is_better=False)
    assert (found.wins, found.losses) == (1, 1)
    assert found.difference == pytest.approx((-0.3 + 0.5) / 2)
    assert compare(a, b).difference == pytest.approx((-0.3 - 0.5) / 2)


def test_cases_that_cannot_be_compared_are_named() -> None:
    a = [
        CaseScore("1", "d", 1.0),
        CaseScore("2", "d", 0.0),
        CaseScore("3", "e", None),
        CaseScore("4", "e", 1.0),
    ]
    b = [
        CaseScore("1", "d", 1.0),
        CaseScore("3", "e", 1.0),
        CaseScore("4", "e", None),
        CaseScore("5", "f", 1.0),
    ]
    found = compare(a, b)
    assert found.n == 1
    assert (found.missing_in_a, found.missing_in_b) == (("5",), ("2",))
    assert (found.unscored_in_a, found.unscored_in_b) == (("3",), ("4",))
    assert (found.low, found.high) == (None, None)


def test_without_a_common_case_there_is_no_number() -> None:
    found = compare(run([1.0]), [])
    assert (found.n, found.mean_a, found.mean_b, found.difference) == (0, None, None, None)
    assert (found.low, found.p_value, found.clustered_p_value) == (None, None, None)
    with pytest.raises(ValueError, match="twice"):
        compare([CaseScore("1", "a", 1.0)] * 2, [])


def test_one_document_that_moved_does_not_prove_anything() -> None:
    groups = ["big"] * 20 + [f"d{i}" for i in range(10)]
    found = compare(run([0.0] * 30, groups), run([1.0] * 20 + [0.0] * 10, groups))
    assert found.p_value < 0.001
    assert found.clustered_p_value == 1.0
    assert found.low <= 0


def test_equal_answerers_are_rarely_told_apart() -> None:
    rng = np.random.default_rng(8)
    groups = [str(i // 4) for i in range(80)]
    off_zero = low_p = 0
    for seed in range(200):
        shift = rng.normal(0, 0.3, 20)[np.arange(80) // 4]
        a = rng.random(80).clip(0, 1)
        b = (a + shift + rng.normal(0, 0.1, 80)).clip(-1, 2)
        found = compare(run(a.tolist(), groups), run(b.tolist(), groups), draws=1000, seed=seed)
        off_zero += found.low > 0 or found.high < 0
        low_p += found.p_value < 0.05
    assert off_zero / 200 < 0.09
    assert low_p / 200 < 0.09


@pytest.mark.timeout(200)
def test_ten_thousand_cases_and_draws_fit() -> None:
    rng = np.random.default_rng(0)
    a, b = run(rng.random(10_000).tolist()), run(rng.random(10_000).tolist())
    found = compare(a, b, draws=10_000)
    assert found.n == 10_000 and found.low < found.difference < found.high
