"""The headings of plain text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.formats.base import join_blocks
from index.reading.formats.text import read
from index.reading.formats.text_headings import text_blocks
from index.text.normalize import normalise

MINUTES = """\
HILLTOP SCHOOL
PARENTS' COUNCIL

Minutes of the meeting of Thursday 6 November 2025
School library, 7.00 pm

1. Lunches
Portions are too small. The caterer will offer more bread.

2. Traffic
Larch Road is closed to cars between 8.20 and 9.00 am.
"""


def headings(text: str) -> list[tuple[str, int]]:
    _, sections = join_blocks(text_blocks(normalise(text)))
    return [(section.label, section.level) for section in sections if section.kind == "heading"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINUTES, [("1. Lunches", 1), ("2. Traffic", 1)]),
        ("Rule 1. Name\nWe row.\n\nRule 2. Fees\nThey are due.", [("Rule 1. Name", 1), ("Rule 2. Fees", 1)]),
        ("1 Use\n1.1 Care\nBe kind.\n\n1.2 Dogs\nNone.\n\n2 End\nBye.", [("1 Use", 1), ("1.2 Dogs", 2), ("2 End", 1)]),
        ("OPENING HOURS\n\nWe open at nine.\n\nPRICES\n\nTea is £2.", [("OPENING HOURS", 1), ("PRICES", 1)]),
        ("Hours\n=====\nFrom nine.\n\nPrices\n------\nTea is £2.", [("Hours", 1), ("Prices", 2)]),
    ],
)
def test_headings_are_found_by_their_form(text: str, expected: list[tuple[str, int]]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "You need:\n\n1. Flour\n2. Sugar\n3. Eggs\n\nMix them.",
        "He paid.\n\n3 men came\nto the door.\n\nThey left.",
        "between\n\nAnn Lee\n\nand\n\nBo Frith\n\nagreed as follows.",
        "The first line of a story\n\nIt goes on here.\n\nAnd ends.",
    ],
)
def test_lists_and_prose_hold_none(text: str) -> None:
    assert headings(text) == []


@given(
    st.lists(
        st.sampled_from(["1. Fees", "2. Dogs", "PRICES", "=====", "They are low.", "", "and", "3.1 Cats"]), max_size=14
    )
)
def test_the_text_stays_the_same(lines: list[str]) -> None:
    text = normalise("\n".join(lines))
    assert join_blocks(text_blocks(text))[0] == text


def test_minutes_are_of_the_day_that_their_heading_names() -> None:
    assert read(MINUTES.encode(), Path("minutes.txt")).metadata["date"] == "2025-11-06"


def test_a_heading_with_two_days_dates_nothing() -> None:
    text = "RULES\nPublished on 9 March 2022 and updated on 13 March 2024\n\nDogs stay outside."
    assert "date" not in read(text.encode(), Path("rules.txt")).metadata
