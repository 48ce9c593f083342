"""Claims made true and false on purpose: every corruption changes what is said, and nothing else is one."""

import re
from collections import Counter

import pytest
from conftest import SEEDS
from hypothesis import given
from hypothesis import strategies as st

from evals.research.claims.made_claims import CLEAN, FALSE, MadeClaim, make_claims, sample_claims
from evals.research.claims.measure import balanced_accuracy
from index.text.terms import fold_words

TEXT = (SEEDS / "news" / "tram.txt").read_text("utf-8") + "\n" + (SEEDS / "news" / "harbour.txt").read_text("utf-8")
MADE = list(make_claims(TEXT, 1))


def source(one: MadeClaim) -> str:
    return " ".join(" ".join(TEXT[a:b].split()) for a, b in one.spans)


def words(text: str) -> list[str]:
    return fold_words(text)


def difference(one: MadeClaim) -> tuple[set[str], set[str]]:
    here, there = Counter(words(one.claim)), Counter(words(source(one)))
    return set(here - there), set(there - here)


def test_most_kinds_are_made_of_two_articles() -> None:
    assert {one.kind for one in MADE} >= {
        "verbatim", "number", "date", "name", "negation added", "speaker", "quote word", "quote stitched",
    }  # fmt: skip
    assert {one.kind for one in MADE} <= {*CLEAN, *FALSE}
    assert all(one.true == (one.kind in CLEAN) for one in MADE)


@pytest.mark.parametrize("one", [m for m in MADE if not m.true], ids=lambda m: m.kind)
def test_a_false_claim_never_stands_in_its_source(one: MadeClaim) -> None:
    assert " ".join(words(one.claim)) not in " ".join(words(source(one)))


@pytest.mark.parametrize(
    "one", [m for m in MADE if m.kind in ("number", "date", "name", "speaker")], ids=lambda m: m.kind
)
def test_an_exchange_puts_one_thing_in_the_place_of_another(one: MadeClaim) -> None:
    new, old = difference(one)
    assert new, one
    assert old, one
    if one.kind in ("name", "speaker"):
        assert not {w.rstrip("s") for w in new} & {w.rstrip("s") for w in words(source(one))}
        assert any(re.search(rf"\b{w}", TEXT, re.IGNORECASE) for w in new)


def test_a_negation_is_all_that_is_added() -> None:
    for one in MADE:
        if one.kind == "negation added":
            assert difference(one) == ({"not"}, set())
        if one.kind == "negation removed":
            assert difference(one)[0] == set()
            assert difference(one)[1] <= {"not", "never"}


def test_a_stitched_quotation_has_words_of_both_sentences_and_is_in_neither() -> None:
    for one in MADE:
        if one.kind == "quote stitched":
            quoted = one.claim[one.claim.index("“") + 1 : one.claim.index("”")]
            assert quoted not in " ".join(TEXT.split())
            assert set(words(quoted)) <= set(words(source(one)))


def test_verbatim_claims_are_sentences_of_the_text() -> None:
    assert all(one.claim == source(one) for one in MADE if one.kind == "verbatim")


def test_rewording_keeps_what_is_said() -> None:
    text = (
        "Later, Ana Ruiz said that the bridge of 1,200 metres didn't open on 3 May 2019 (a Friday) as the plan had it."
    )
    reworded = [one.claim for one in make_claims(text, 1) if one.kind == "reworded"]
    assert (
        "Ana Ruiz said that the bridge of 1,200 metres didn't open on 3 May 2019 (a Friday) as the plan had it."
        in reworded
    )
    assert any("May 3, 2019" in claim for claim in reworded)
    assert any("1200 metres" in claim for claim in reworded)
    assert any("did not open" in claim for claim in reworded)


@given(st.integers(0, 50))
def test_the_same_seed_makes_the_same_claims(seed: int) -> None:
    assert list(make_claims(TEXT[:1500], seed)) == list(make_claims(TEXT[:1500], seed))


def test_at_most_so_many_of_a_kind_are_drawn() -> None:
    kept = Counter(one.kind for one in sample_claims(MADE, 2, 1))
    assert max(kept.values()) <= 2
    assert kept.keys() == {one.kind for one in MADE}


def test_balanced_accuracy_counts_both_classes_alike() -> None:
    said = [True, True, False, False, False, False]
    true = [True, False, False, False, False, False]
    found = balanced_accuracy(said, true, list(range(6)))
    assert found.value == pytest.approx((1 + 0.8) / 2)
    assert found.f1 == pytest.approx(2 / 3)
    assert found.low <= found.value <= found.high
    with pytest.raises(ValueError, match="both classes"):
        balanced_accuracy([True], [True], ["a"])
