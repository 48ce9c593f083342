"""Who holds an office, whose words stand beside another's, and words that a prefix turns into their opposite."""

from collections.abc import Sequence

import pytest
from test_verify_claims import verifier

from index.chunking.chunk import Chunking, chunk
from index.schema import Document, Hit, Passage
from index.text.sentences import sentence_spans
from rag.schema import Citation, Claim
from rag.verify.checks.base import CitedText
from rag.verify.verifier import fact_findings

SUMMIT = (
    "Defence Secretary Anna Berg said on Monday that the plan was unrealistic. "
    "The defence secretary also said the port should not be closed. "
    "President Omar Diaz said talks would begin soon. "
    "Paul Roth, the finance minister, was not at the meeting."
)
DOCUMENT = Document("d", "Summit", "summit.txt", SUMMIT)


def reasons(claim: str, *sentences: str, around: str = SUMMIT) -> list[str]:
    return [f.reason for f in fact_findings(claim, CitedText(sentences, around)) if f.severity == "wrong"]


@pytest.mark.parametrize(
    "claim",
    [
        "The defence secretary is Omar Diaz.",
        "Omar Diaz is the defence secretary.",
        "Omar Diaz, the defence secretary, spoke.",
    ],
)
def test_an_office_given_to_another_is_wrong_and_says_whose_it_is(claim: str) -> None:
    assert any("defence secretary is Anna Berg, not Omar Diaz" in r for r in reasons(claim, SUMMIT))


@pytest.mark.parametrize(
    "claim",
    [
        "The defence secretary is Anna Berg.",
        "Berg is the defence secretary.",
        "Anna Berg, the defence secretary, called the plan unrealistic.",
        "Finance minister Paul Roth was absent.",
        "The interior minister is Lea Holm.",  # the source has none, which is another check's to find
        "A minister said nothing.",
    ],
)
def test_an_office_that_fits_or_is_nobody_s_there_is_let_alone(claim: str) -> None:
    assert not any(" is " in r and ", not " in r for r in reasons(claim, SUMMIT))


def test_a_word_without_its_negating_prefix_is_wrong_in_any_wording() -> None:
    assert reasons("Realistic is what Berg calls it.", "Berg said the plan was unrealistic.", around="")
    assert reasons("The deal is unsafe.", "Experts who looked at it for a year called the deal safe.", around="")
    assert not reasons("Berg says it is not realistic.", "Berg said the plan was unrealistic.", around="")
    assert not reasons("Berg calls it unrealistic.", "Berg said the plan was not realistic.", around="")


def citations(*beginnings: str) -> tuple[Citation, ...]:
    passage: Passage = chunk(DOCUMENT, Chunking())[0]
    spans = [s for b in beginnings for s in sentence_spans(SUMMIT) if SUMMIT[slice(*s)].startswith(b)]
    return tuple(Citation(n, passage, a, b) for n, (a, b) in enumerate(spans, 1))


def verdict(text: str, cited: Sequence[Citation]) -> str:
    return verifier(DOCUMENT).check(Claim(text, tuple(cited), "unsupported", "")).verdict


def test_citing_a_person_s_other_words_beside_does_not_make_these_theirs() -> None:
    both = citations("The defence secretary also", "President Omar")
    assert verdict("Omar Diaz said the port should not be closed.", both) == "unsupported"
    assert verdict("Anna Berg said the port should not be closed.", both) != "unsupported"
    assert verdict("Omar Diaz said talks would begin soon.", both) == "supported"


def test_support_is_not_put_together_from_a_sentence_that_says_otherwise() -> None:
    hits = [Hit(passage, 1.0) for passage in chunk(DOCUMENT, Chunking())]
    assert verifier(DOCUMENT).support("Omar Diaz said the port should not be closed.", hits) == ()
