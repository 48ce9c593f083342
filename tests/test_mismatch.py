"""A sentence that speaks of another day, measure, office or number than the question is told from one that answers."""

from collections.abc import Callable

import pytest
from case_table import rows

from rag.pipeline import Pipeline
from rag.reading.features import analyze_question
from rag.reading.mismatch import is_about_another


@pytest.mark.parametrize(
    ("question", "text"),
    rows(
        """
        who is booked for 27 December | Kilbride can come on 17 December 2024.
        where did she go on 10 July 2024 | Date: 2024-06-10; Name: Lucia; Place: Lyon
        who may be away between 15 july and 5 august | Two may be away between 15 December and 5 January.
        how many stations were there in March 2022 | There were 128 stations in March 2025.
        what happens on Tuesday at noon | On Thursday at noon the rock is blasted.
        how many litres of pellets fit in | The hopper holds 18 kg.
        How many paid hours a week do carers get? | Carers take five paid days a year.
        hall hire how much an hour | The hall may be hired for £85 an evening.
        how much width was lost | The channel lost two metres of depth.
        what is the mayor of Halden called | Deputy Mayor Ola Finch did not agree.
        who is the prime minister | Economy Minister Lars Winther welcomed the jobs.
        who is the medical director | Marta Bell, the financial director, resigned.
        name of the treasurer | The boatman of the club is Cyril Ondaatje, a former champion; secretary Ann Lee.
        which minister criticised the jobs | Lars Winther welcomed the jobs.
        how many people do they want to lay off | They want to hire 180 people.
        what should she tell the tenants on the fourth floor | Tell the tenants on the second floor.
        """
    ),
)
def test_another_thing_is_told(question: str, text: str) -> None:
    assert is_about_another(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    rows(
        """
        who is booked for 17 December | Kilbride can come on Dec 17.
        is it open on 3 July | Open from 1 June to 31 August.
        what does it cost on 3 July | From 1 June to 31 August it costs £4.
        what does it cost on 3 January | Between 15 December and 5 January it costs £4.
        when does it open on Tuesday | Open at nine on weekdays.
        when does it open on Tuesday | Mon–Thu: 9 to 5
        how many days off do carers get | Carers get two weeks.
        how much a day | £40 per day or £12 per hour.
        how heavy is it | It weighs 4 kg.
        who chairs the meeting | Gareth Pugh, chairman, opened it.
        who is the head of the school | Headteacher Samuel Adeyemi said so.
        when does it close | We open at nine and stay until five.
        where can I buy tickets | Tickets are sold at the door.
        did they reject it | They accepted it.
        on which floor is the studio | It is on the second floor.
        """
    ),
)
def test_what_may_answer_is_left_alone(question: str, text: str) -> None:
    assert not is_about_another(question, text)


def test_headings_name_the_day_of_what_stands_below() -> None:
    assert is_about_another("what did we eat on 4 May 2024", "Soup, on 3 May 2024.")
    assert not is_about_another("what did we eat on 4 May 2024", "Soup.", ["4 May 2024"])
    assert is_about_another("what is on on Friday", "Tuesday is chess.", [])
    assert not is_about_another("what is on on Friday", "As on Tuesday, chess.", ["Friday"])


def test_a_question_on_another_day_is_not_answered(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(visits="Visits\n\nThe engineer of Kilbride is booked for 17 December at ten in the morning.")
    assert "Kilbride" in pipeline.ask("who is booked for 17 December").text
    assert pipeline.ask("who is booked for 27 December").refused


def test_a_name_typed_small_is_still_a_name() -> None:
    found = ["The town of Kestrel Bay has grown.", "In Kestrel Bay, the museum has closed.", "Museum"]
    assert analyze_question("museum of kestrel bay", found).names == {"kestrel", "bay"}


def test_what_is_said_of_another_place_is_no_answer(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(
        north="The town of Kestrel Bay has grown. The mayor of Kestrel Bay has not said anything.",
        south="The director of the museum at Halden is Ola Finch, as the people of Halden know.",
    )
    assert "Ola Finch" in pipeline.ask("who is the director of the museum at halden").text
    assert pipeline.ask("who is the director of the museum at kestrel bay").refused
