"""Who sent a letter, and which clause deals with a topic."""

from collections.abc import Callable

import pytest
from case_table import rows

from index.schema import Passage
from index.text.sentences import sentence_spans
from rag.pipeline import Pipeline
from rag.question.located import located_topic
from rag.reading.preferences.located import deals_with, prefer_places
from rag.reading.preferences.sender import sender_lines
from rag.reading.sentence_ranker import Quote

INVOICE = (
    "To: Brackwater Boatyard\n\nThank you for your order. This invoice is due in May.\n\n"
    "Northfold Tools Ltd · 12 Quay Street · Larne · VAT GB 291 4471 08"
)
LETTER = "Dear Ms Holt,\n\nThis letter confirms your visit.\n\nYours sincerely,\n\nIda Varga"
LABELLED = (
    "From: Ida Varga\n\nTo: Northfold Tools Ltd, 12 Quay Street, +44 28 555\n\nThe offer in this letter ends soon."
)


def quotes_of(text: str) -> list[Quote]:
    passage = Passage("d", 0, len(text), text, source="letters/a.docx")
    return [Quote(passage, a, b, 0.1, ()) for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    ("question", "text", "line"),
    [
        ("Who sent the invoice?", INVOICE, "Northfold Tools Ltd"),
        ("Which company issued this invoice?", INVOICE, "Northfold Tools Ltd"),
        ("Who is the invoice from?", INVOICE, "Northfold Tools Ltd"),
        ("Who wrote the letter?", LETTER, "Ida Varga"),
        ("Who sent the letter to us?", LABELLED, "From: Ida Varga"),
    ],
)
def test_the_sender_is_on_the_label_the_letterhead_or_below_the_closing_words(
    question: str, text: str, line: str
) -> None:
    assert [quote.text.startswith(line) for quote in sender_lines(quotes_of(text), question)][:1] == [True]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who received the invoice?", INVOICE),
        ("Who sent the parcel?", INVOICE),
        ("Who sent the offer?", INVOICE),  # nothing there speaks of an offer
        ("Who sent the letter?", "The letter was lost. Northfold Tools Ltd was told of it."),
    ],
)
def test_no_sender_is_made_up(question: str, text: str) -> None:
    assert sender_lines(quotes_of(text), question) == ()


@pytest.mark.parametrize(
    ("question", "topic"),
    rows(
        """
        Which section of the handbook covers sick leave? | sick leave
        What clauses are about parking?                  | parking
        In which article is voting regulated?            | voting
        Which clause applies?                            |
        What does clause 4 say about parking?            |
        Which team deals with rent increases?            |
        """
    ),
)
def test_the_topic_of_a_question_for_a_place(question: str, topic: str) -> None:
    assert located_topic(question) == topic


def test_numbered_clauses_come_alone_and_all_words_of_the_topic_must_be_met() -> None:
    quotes = quotes_of("The roof is old.\n\n4.2 The landlord repairs the roof and the gates.")
    places = prefer_places(quotes)
    assert [quote.text[:3] for quote in places] == ["4.2"]
    assert deals_with(places[0], "the roof")
    assert not deals_with(places[0], "the cellar")
    assert prefer_places(quotes[:1]) == tuple(quotes[:1])


def test_a_clause_is_found_by_its_topic(indexed: Callable[..., Pipeline]) -> None:
    lease = "1. The premises\n\n1.1 The yard is for parking lorries.\n\n1.2 The landlord repairs the roof."
    answer = indexed(lease=lease).ask("Which clause deals with the roof?")
    assert answer.claims[0].text == "1.2 The landlord repairs the roof."
