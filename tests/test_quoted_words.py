"""Whether what a claim puts in quotation marks stands in a cited source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verify.checks.quoted import QuotationSource, check_quotations, quote_findings

TEXT = (
    "The mayor spoke on Monday. “We found it with our boots, and not by luck,” Dorota Wilk said. “I will not resign, "
    "whatever they print,” Varga told reporters. Eckhart called it “a policy of floods”. It cost 310 million crowns."
)


def source(*cited: str) -> list[QuotationSource]:
    return [
        QuotationSource(
            TEXT, tuple((TEXT.index(c), TEXT.index(c) + len(c)) for c in cited or (TEXT,)), "Tram costs double"
        )
    ]


def standing(claim: str, *cited: str) -> list[str]:
    return [one.status for one in check_quotations(claim, source(*cited))]


@pytest.mark.parametrize(
    "claim",
    [
        "Wilk said “We found it with our boots”.",
        'Wilk said "we found it with our boots".',
        "Wilk said ‘We found it with our boots.’",
        "Wilk said 'we found it with our boots' on Monday.",
        "Wilk said: «We found it with our boots»",
        "“[W]e found it with our boots,” Wilk said.",
        "“We found [the gallery] with our boots,” Wilk said.",
        "“We found it … and not by luck,” Wilk said.",
        "“We found it [...] not by luck,” Wilk said.",
        "“We found it with our boots [sic], and not by luck,” Wilk said.",
        "The article “Tram costs double” says so.",
    ],
)
def test_words_that_stand_in_the_cited_sentence_are_found(claim: str) -> None:
    assert standing(claim) == ["cited"]
    assert list(quote_findings(check_quotations(claim, source()))) == []


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Wilk said “We found it with our shoes, and not by luck”.", "altered"),
        ("“We found it with our boots, whatever they print,” Wilk said.", "stitched"),
        ("“We found it with … whatever they print,” Wilk said.", "cited"),
        ("Wilk said “the town is bankrupt and everybody knows that”.", "not found"),
        ("It cost “320 million crowns”.", "not found"),
    ],
)
def test_words_that_do_not_stand_there_are_told_apart(claim: str, expected: str) -> None:
    assert standing(claim) == [expected]


def test_words_that_stand_elsewhere_in_the_document_say_so() -> None:
    found = check_quotations("Varga said “I will not resign”.", source("The mayor spoke on Monday."))
    assert [(f.severity, f.reason) for f in quote_findings(found)] == [
        ("missing", "“I will not resign” stands in the source, but not in the cited sentence")
    ]


def test_an_omission_that_drops_a_negation_is_wrong() -> None:
    found = check_quotations("“I will … resign,” Varga said.", source())
    assert [f.reason for f in quote_findings(found)] == ["“I will … resign” leaves out a “not” of the source"]


def test_an_altered_quotation_shows_what_the_source_has() -> None:
    (found,) = quote_findings(check_quotations("“I will not retire, whatever they print,” Varga said.", source()))
    assert "the source has “" in found.reason
    assert "resign" in found.reason


def test_apostrophes_are_no_quotation_marks() -> None:
    assert standing("The mayors' plan and the engineers' plan don't agree with Varga's.") == []


def test_a_title_that_is_not_there_is_missing_not_invented_speech() -> None:
    (found,) = quote_findings(check_quotations("She wrote “The River Wall”.", source()))
    assert found.severity == "missing"


SENTENCE = "We found it with our boots, and not by luck"


@given(st.integers(0, 9), st.sampled_from("harbour quarry seven cello".split()))
def test_a_changed_word_is_never_found(at: int, other: str) -> None:
    words = SENTENCE.split()
    words[at] = other
    assert standing(f"Wilk said “{' '.join(words)}”.") != ["cited"]


@given(st.integers(0, 8), st.integers(1, 10))
def test_any_run_of_the_source_is_found(start: int, length: int) -> None:
    run = " ".join(SENTENCE.split()[start : start + length])
    assert standing(f"Wilk said “{run}”.") == ["cited"]
