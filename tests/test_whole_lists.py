"""Lists with their lead-ins: one statement, quoted whole where all of it is asked for."""

import pytest

from index.schema import Passage
from index.text.lists import list_spans
from index.text.sentences import sentence_spans
from rag.answer.citations import cite_quotes
from rag.reading.preferences.whole_lists import prefer_whole_lists
from rag.reading.sentence_ranker import Quote

RISKS = "The project has risks:\n\n- rising prices\n- late timber\n- too few divers\n\nThe board meets monthly."
STEPS = "Reset\n\n1. Hold the key. Count to ten.\n2. Let go.\n3. Wait for the lamp.\n\nThen go on."


def lists_of(text: str) -> list[str]:
    return [text[slice(*each.span)] for each in list_spans(text, sentence_spans(text))]


def quotes_of(text: str, best: str) -> list[Quote]:
    """Quote every sentence of ``text``, the one that contains ``best`` first."""
    passage = Passage("d", 100, 100 + len(text), text)
    found = [Quote(passage, 100 + a, 100 + b, 0.5, ()) for a, b in sentence_spans(text)]
    return sorted(found, key=lambda quote: best not in quote.text)


def test_a_lead_in_and_its_items_are_one_span() -> None:
    assert lists_of(RISKS) == ["The project has risks:\n\n- rising prices\n- late timber\n- too few divers"]
    assert lists_of(STEPS) == ["1. Hold the key. Count to ten.\n2. Let go.\n3. Wait for the lamp."]


@pytest.mark.parametrize("text", ["One line: and more.", "Note:\n\n- a single item\n\nThe end.", "A.\n\nB."])
def test_what_is_no_list_is_none(text: str) -> None:
    assert lists_of(text) == []


def test_all_items_are_quoted_in_order_as_one_claim_with_one_span() -> None:
    ordered = prefer_whole_lists(quotes_of(RISKS, "late timber"), "What are the three risks?")
    claim = cite_quotes(ordered)[0]
    assert claim.text == "The project has risks:\n- rising prices\n- late timber\n- too few divers"
    assert len(claim.citations) == 1
    assert claim.citations[0].text == RISKS[: RISKS.index("\n\nThe board")]
    assert [quote.text for quote in ordered[1:]] == ["The board meets monthly."]


def test_steps_under_a_heading_are_quoted_whole() -> None:
    ordered = prefer_whole_lists(quotes_of(STEPS, "Let go"), "How do I reset it?")
    assert ordered[0].text == "1. Hold the key. Count to ten.\n2. Let go.\n3. Wait for the lamp."


def test_a_lead_in_is_never_quoted_alone() -> None:
    ordered = prefer_whole_lists(quotes_of(RISKS, "has risks"), "Who has risks?")
    assert ordered[0].is_list


@pytest.mark.parametrize("question", ["What is the last step?", "What is said of the lamp?", "When do I wait?"])
def test_a_single_item_stays_where_one_is_asked_for(question: str) -> None:
    ordered = prefer_whole_lists(quotes_of(STEPS, "Wait for"), question)
    assert ordered[0].text == "3. Wait for the lamp."
