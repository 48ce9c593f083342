"""No text of a model, however odd, breaks a check or keeps it waiting."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operations import LINEAR, growth

from rag.verify.checks.amounts import find_amounts
from rag.verify.checks.base import CitedText
from rag.verify.checks.quoted import QuotationSource, check_quotations, quote_findings
from rag.verify.checks.speakers import claimed_speaker
from rag.verify.support import support_candidates
from rag.verify.verifier import fact_findings

ODD = st.text(alphabet="ab Ac1٣²9,.%$€-–—\"“”‘’'[]…\0\n: notMay\u200b", max_size=80) | st.text(max_size=60)


@settings(max_examples=300)
@given(ODD, ODD)
def test_odd_texts_are_checked_like_any(claim: str, source: str) -> None:
    found = fact_findings(claim, CitedText((source,), around=source, title=claim, day="2025-02-30"))
    assert all(one.reason for one in found)
    list(quote_findings(check_quotations(claim, [QuotationSource(source, ((0, len(source)),), source)])))
    claimed_speaker(claim)
    assert support_candidates(claim, []) == []


@pytest.mark.parametrize("text", ["9" * 500, "1" + "0" * 400, "one " * 2000, "12 " * 2000, "$" * 3000])
def test_endless_numbers_are_read(text: str) -> None:
    assert isinstance(find_amounts(text), tuple)


@pytest.mark.parametrize("claim", ["“" + "we found it " * 60 + "”", "He said “[a] [b] [c] [d] … [e] … [f]”", '"' * 400])
def test_a_long_quotation_of_a_long_document_keeps_nobody_waiting(claim: str) -> None:
    text = "We found it with our boots, and we found the others later, at the harbour. " * 2500
    check_quotations(claim, [QuotationSource(text, ((0, 70),))])
    assert (
        growth(lambda size: lambda: check_quotations(claim, [QuotationSource(text[: 75 * size], ((0, 70),))]), 30)
        < LINEAR
    )


def test_a_long_claim_against_long_sentences_keeps_nobody_waiting() -> None:
    said = "Varga told the 12 members of the council on 3 May not to sign it, and Eckhart left. "

    def work(size: int) -> Callable[[], object]:
        long = said * size
        return lambda: fact_findings(long, CitedText((long[1:], long[2:], long), around=long * 10))

    assert growth(work, 3) < LINEAR
