from __future__ import annotations

import pytest

from evals.scoring.duplicates import cited_spans
from evals.scoring.metrics.citations import (
    CitedClaim,
    ClaimSupport,
    Verifier,
    citation_precision,
    citation_recall,
    cited_claims,
    claim_support,
    gold_precision,
    gold_recall,
    novel_words,
    resolved_share,
    spans_match,
    supported_share,
    unresolved_citations,
)
from index.schema import Passage
from rag.schema import Answer, Citation, Claim

TEXT = "Snow fell in Oslo. The airport closed at noon. Trains ran."


def needs(*facts: str) -> Verifier:
    """A verifier for claims that need every fact named in the claim itself."""
    return lambda claim, evidence: all(fact in evidence for fact in facts if fact in claim)


def support(claim: CitedClaim) -> ClaimSupport:
    return claim_support(claim, needs("A", "B"))


def citation(start: int, end: int, marker: int = 1, text: str = TEXT) -> Citation:
    return Citation(marker, Passage("d", 0, len(text), text), start, end)


def answer(*claims: Claim) -> Answer:
    return Answer("q", "q", claims, (), refused=not claims)


def test_support_may_come_from_sources_together() -> None:
    judged = support(CitedClaim("A and B", ("A", "B")))
    assert judged.supported
    assert judged.relevant == (True, True)  # neither suffices, neither can go


def test_a_citation_is_irrelevant_when_it_neither_supports_nor_is_needed() -> None:
    judged = support(CitedClaim("A and B", ("A and B", "nothing")))
    assert judged.relevant == (True, False)
    # "A" alone is not enough, and without it the first source still supports
    assert support(CitedClaim("A and B", ("A and B", "A"))).relevant == (True, False)
    # both suffice alone: ALCE punishes neither
    assert support(CitedClaim("A and B", ("A B", "B A"))).relevant == (True, True)


def test_citations_of_an_unsupported_claim_are_all_wrong() -> None:
    judged = support(CitedClaim("A and B", ("A", "nothing")))
    assert not judged.supported
    assert judged.relevant == (False, False)


def test_recall_is_by_claim_and_precision_by_citation() -> None:
    judged = [
        support(CitedClaim("A", ("A",))),
        support(CitedClaim("B", ())),
        support(CitedClaim("A", ("A", "nothing", "nothing"))),
    ]
    assert citation_recall(judged) == pytest.approx(2 / 3)
    assert citation_precision(judged) == pytest.approx(2 / 4)
    assert citation_precision([support(CitedClaim("B", ()))]) == 0
    assert citation_recall([]) is None
    assert citation_precision([]) is None


def test_the_verifier_is_asked_no_more_than_needed() -> None:
    asked = []
    claim_support(CitedClaim("A", ("A",)), lambda claim, evidence: asked.append(evidence) or True)
    claim_support(CitedClaim("A", ()), lambda claim, evidence: asked.append(evidence) or True)
    claim_support(CitedClaim("A", ("x", "y")), lambda claim, evidence: asked.append(evidence) or False)
    assert asked == ["A", "x\ny"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (("d", 0, 100), True),  # within
        (("d", 15, 25), True),  # half of the shorter one
        (("d", 16, 26), False),  # less than half
        (("d", 20, 30), False),  # touching
        (("e", 10, 20), False),
        (("d", 12, 12), False),  # empty
    ],
)
def test_spans_meet_when_they_share_half_of_the_shorter(other: tuple[str, int, int], expected: bool) -> None:
    assert spans_match(("d", 10, 20), other) is expected
    assert spans_match(other, ("d", 10, 20)) is expected


def test_precision_and_recall_by_gold_spans() -> None:
    gold = [("d", 0, 10), ("d", 5, 12), ("e", 0, 4)]
    cited = [("d", 0, 12), ("d", 50, 60), ("f", 0, 4)]
    assert gold_precision(cited, gold) == pytest.approx(1 / 3)
    assert gold_recall(cited, gold) == 0.5  # the first two gold spans overlap: one
    assert gold_precision([], gold) == 0
    assert gold_recall([], gold) == 0
    assert gold_precision(cited, []) is None
    assert gold_recall(cited, []) is None


def test_citations_resolve_only_to_their_exact_words() -> None:
    good = citation(0, 18)
    empty, outside = citation(5, 5, 2), citation(0, len(TEXT) + 4, 3)
    unknown = Citation(4, Passage("other", 0, 4, "Snow"), 0, 4)
    moved = Citation(5, Passage("d", 1, 1 + 18, TEXT[:18]), 1, 19)  # offsets one too late
    before = Citation(6, Passage("d", 19, 45, TEXT[19:45]), 0, 18)  # outside its passage
    said = answer(
        Claim("s", (good, empty, outside), "supported", ""),
        Claim("t", (unknown, moved, before), "supported", ""),
    )
    assert unresolved_citations(said, {"d": TEXT}) == (empty, outside, unknown, moved, before)
    assert resolved_share(said, {"d": TEXT}) == pytest.approx(1 / 6)
    assert resolved_share(answer(), {"d": TEXT}) is None


def test_two_citations_that_share_a_marker_are_both_checked() -> None:
    wrong = citation(0, 18, text="rain" + TEXT[4:])
    said = answer(Claim("s", (wrong,), "supported", ""), Claim("t", (citation(0, 18),), "supported", ""))
    assert unresolved_citations(said, {"d": TEXT}) == (wrong,)


def test_claims_are_read_with_their_words_or_their_passages() -> None:
    said = answer(Claim("Snow.", (citation(0, 18), citation(0, 18)), "supported", ""))
    assert cited_claims(said) == (CitedClaim("Snow.", (TEXT[:18], TEXT[:18])),)
    assert cited_claims(said, whole_passages=True)[0].sources == (TEXT, TEXT)
    assert cited_spans(said) == (("d", 0, 18),)


def test_claims_supported_is_the_share_of_verdicts() -> None:
    fine, part = Claim("a", (), "supported", ""), Claim("b", (), "partly", "")
    assert supported_share(answer(fine, part, part, fine)) == 0.5
    assert supported_share(answer()) is None


def test_novel_words_are_those_in_no_source_of_their_own_claim() -> None:
    assert novel_words([CitedClaim("SNOW fell, in Oslo", ("Snow fell in Oslo.",))]) == 0
    assert novel_words([CitedClaim("snow fell heavily", ("Snow", "fell"))]) == pytest.approx(1 / 3)
    assert novel_words([CitedClaim("snow", ("rain",)), CitedClaim("rain", ("snow",))]) == 1
    assert novel_words([CitedClaim("it cost 1200", ("It cost $1,200.",))]) == 0
    assert novel_words([CitedClaim("by 3", ("by 5.3",))]) == 0.5
    assert novel_words([CitedClaim("snow", ())]) == 1
    assert novel_words([]) is None
    assert novel_words([CitedClaim("…", ("x",))]) is None
