"""Lists of deadlines, sums and decisions, of what stands under a heading, and of people; summaries of what is named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.pipeline import Pipeline
from rag.question.asked_list import asked_list
from rag.schema import Answer

MINUTES = """# Minutes of the allotment committee

Present: Helen Brough (chair), Tomasz Wolny.

Apologies: Owen Marsh.

## Budget

Tomasz Wolny presented the plan for the year. The committee approved the budget by four votes to one.

## Water

Tap water costs the society £310 a year. It is due on 31 March. Lucy Faraday will ring the water company.

## Deadlines

- Entries for the summer show close on 2 June.
- Forms reach the secretary a week earlier.
"""
MANUAL = """# Lawnfox mower: manual

The Lawnfox is a mower for small lawns.

## Safety

Never put your hands under the deck. Keep children away from the mower.

## Before starting

1. Put in the key.
2. Hold the button.

## Faults

| Fault | Remedy | Covered |
| --- | --- | --- |
| Red light | Let it cool down | no |
| Shaking | Replace the blade | yes |
| Silence | Charge the battery | yes |
"""
REPORT = (
    "Annual report {year} of the ferry trust\nDate: {next}-02-14\n\nThe trust carried {many} passengers in {year}.\n"
)


@pytest.fixture
def mixed(indexed: Callable[..., Pipeline], folder: Path) -> Pipeline:
    (folder / "minutes.md").write_text(MINUTES, encoding="utf-8")
    (folder / "manual.md").write_text(MANUAL, encoding="utf-8")
    return indexed(
        old=REPORT.format(year=2023, next=2024, many="378,000"), new=REPORT.format(year=2024, next=2025, many="412,000")
    )


def points(answer: Answer) -> list[str]:
    return [claim.text for claim in answer.claims]


@pytest.mark.parametrize(
    ("question", "listed"),
    [
        (
            "what are the deadlines?",
            [
                "Tap water costs the society £310 a year. It is due on 31 March.",
                "Entries for the summer show close on 2 June.",
                "Forms reach the secretary a week earlier.",
            ],
        ),
        ("what costs are mentioned", ["Tap water costs the society £310 a year."]),
        ("what was decided", ["The committee approved the budget by four votes to one."]),
        ("action items", ["Lucy Faraday will ring the water company."]),
        ("list the people present", ["Present: Helen Brough (chair), Tomasz Wolny."]),
        ("who was absent?", ["Apologies: Owen Marsh."]),
    ],
)
def test_what_is_named_anywhere_is_listed_whole(mixed: Pipeline, question: str, listed: list[str]) -> None:
    answer = mixed.ask(question)
    assert points(answer) == listed
    assert answer.is_list
    assert all(claim.verdict == "supported" for claim in answer.claims)


@pytest.mark.parametrize(
    ("question", "listed"),
    [
        ("what are the safety rules", ["Never put your hands under the deck.", "Keep children away from the mower."]),
        ("What are the steps before starting the mower?", ["Put in the key.", "Hold the button."]),
        ("give me a summary of safety", ["Never put your hands under the deck.", "Keep children away from the mower."]),
    ],
)
def test_what_stands_under_the_heading_that_is_named_is_listed(
    mixed: Pipeline, question: str, listed: list[str]
) -> None:
    answer = mixed.ask(question)
    assert points(answer) == listed
    assert "Lawnfox mower: manual" in answer.lead


def test_all_rows_are_listed_or_those_of_which_a_column_says_yes(mixed: Pipeline) -> None:
    assert len(points(mixed.ask("list all faults"))) == 3
    covered = mixed.ask("which faults are covered?")
    assert [point.split(";")[0] for point in points(covered)] == ["Fault: Shaking", "Fault: Silence"]
    assert [point.split(";")[0] for point in points(mixed.ask("which faults are not covered"))] == ["Fault: Red light"]


def test_a_summary_is_of_what_is_called_so_and_as_long_as_asked(mixed: Pipeline) -> None:
    assert {c.passage.title for c in mixed.ask("summarise the manual").citations} == {"Lawnfox mower: manual"}
    minutes = mixed.ask("summarise the minutes in two sentences")
    assert points(minutes)[0] == "Tomasz Wolny presented the plan for the year."
    assert len(points(minutes)) == 2


def test_a_year_in_a_title_is_meant_before_the_year_of_publication(mixed: Pipeline) -> None:
    assert points(mixed.ask("what happened in 2024")) == ["The trust carried 412,000 passengers in 2024."]


def test_two_documents_are_compared_by_what_each_says(mixed: Pipeline) -> None:
    answer = mixed.ask("how do the 2023 and 2024 reports differ?")
    assert answer.kind == "compare"
    assert points(answer) == [
        f"The trust carried {many}." for many in ("378,000 passengers in 2023", "412,000 passengers in 2024")
    ]


def test_a_list_of_several_documents_says_before_each_which_it_is(mixed: Pipeline) -> None:
    answer = mixed.ask("which documents mention passengers?")
    assert answer.text.splitlines()[1:] == [
        "Annual report 2023 of the ferry trust",
        "- The trust carried 378,000 passengers in 2023. [1]",
        "Annual report 2024 of the ferry trust",
        "- The trust carried 412,000 passengers in 2024. [2]",
    ]
    assert set(mixed.ask("what are the safety rules").group_titles) == {""}


def test_a_table_alone_is_told_by_its_columns(indexed: Callable[..., Pipeline], folder: Path) -> None:
    (folder / "prices.csv").write_text("Product,Price\nMug,9\nBowl,12\n", encoding="utf-8")
    answer = indexed().ask("what is this about?")
    assert answer.lead == "“prices” is a table of 2 rows: Product, Price."


def test_of_several_documents_each_says_who_wrote_it(indexed: Callable[..., Pipeline]) -> None:
    text = "{title}\nBy {author}\n\nThe river burst its banks on Sunday night."
    pipeline = indexed(
        a=text.format(title="Flood in Aldham", author="Nora Lyle"),
        b=text.format(title="Flood at Selby", author="Sam Pruett"),
    )
    answer = pipeline.ask("who wrote the flood article?")
    assert answer.text.splitlines() == [
        "“Flood at Selby” was written by Sam Pruett.",
        "“Flood in Aldham” was written by Nora Lyle.",
    ]


def test_a_format_that_no_document_has_is_said(mixed: Pipeline) -> None:
    assert mixed.ask("do you have any spreadsheets?").text == "None of the 4 documents is of the kind “spreadsheet”."


def test_what_a_question_wants_all_of() -> None:
    assert asked_list("List all error codes") == "error codes"
    assert asked_list("what kinds of family leave are there?") == "family leave"
    assert asked_list("which lamps do you sell") == "lamps"
    assert asked_list("ingredients barley broth") == "ingredients barley broth"
    for question in ("which lamp is the brightest", "list the lamps that need a bulb", "what is the rent"):
        assert asked_list(question) == ""
