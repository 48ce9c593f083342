"""Whether a sentence holds the type of thing that is asked for."""

import pytest
from case_table import rows

from rag.pipeline import Pipeline
from rag.reading.answer_type import holds_answer_type


@pytest.mark.parametrize(
    ("question", "text"),
    rows(
        """
        what does the shuttle cost | The shuttle costs 3 euros.
        what does the shuttle cost | The shuttle is free.
        price of a crown | Crown: £615
        what date is the trip | The trip is on 4 May.
        which day is the market | The market is held on Thursdays.
        when must I leave | Leave as soon as the bell rings.
        phone number of the office | Call 0131 496 0118.
        how many people came | Dozens came.
        how long is the lease | It runs for a year.
        what is the email address | Write to desk@example.org.
        what time do you close | We close at six.
        what time do you open | Open 9-5 on weekdays.
        at what time is lights out | The door is bolted at ten.
        what time of the year is best | Come in autumn.
        why is the bridge closed | Cracks were found.
        """
    ),
)
def test_text_with_the_type_passes(question: str, text: str) -> None:
    assert holds_answer_type(text, question)


@pytest.mark.parametrize(
    ("question", "text"),
    rows(
        """
        what does the shuttle cost | The free shuttle runs every 20 minutes.
        what date is the trip | The profit goes towards the Year 6 trip.
        phone number of Marta Quill | Borrowed by: Marta Quill; Due back: 2026-03-14
        how many people came | The hall was full.
        at what time do they come back | 12 April
        what time is the deadline | Return the form by 12 April.
        what is her email address | She works in the archive.
        """
    ),
)
def test_text_without_the_type_does_not(question: str, text: str) -> None:
    assert not holds_answer_type(text, question)


def test_a_sentence_of_another_type_is_no_more_than_perhaps(seed_pipeline: Pipeline) -> None:
    answer = seed_pipeline.ask("What is the phone number of Pete Hegseth?")
    assert answer.refused
