from datetime import date, timedelta

import pytest
from case_table import rows
from hypothesis import given
from hypothesis import strategies as st

from index.text.calendar_days import Unit, shift_days, subtract_units, unit_range
from index.text.dates import format_date, iso_date, parse_date_range
from rag.question.time_expressions import Period, parse_period

TODAY = date(2025, 2, 19)  # a Wednesday
DAYS = st.dates(date(1800, 1, 1), date(2099, 12, 31))
MONTHS = "January February March April May June July August September October November December".split()


def read(question: str, today: date = TODAY) -> tuple[str, str, str]:
    """The period as texts: since, until, and the question without its words."""
    period = parse_period(question, today)
    return (*(day.isoformat() if day else "" for day in (period.since, period.until)), period.question)


@pytest.mark.parametrize(
    ("words", "since", "until"),
    rows(
        """
        yesterday                            | 2025-02-18 | 2025-02-18
        today                                | 2025-02-19 | 2025-02-19
        last week                            | 2025-02-10 | 2025-02-16
        this week                            | 2025-02-17 | 2025-02-19
        in the past week                     | 2025-02-12 | 2025-02-19
        last month                           | 2025-01-01 | 2025-01-31
        last year                            | 2024-01-01 | 2024-12-31
        in the last 3 days                   | 2025-02-16 | 2025-02-19
        over the past two months             | 2024-12-19 | 2025-02-19
        three days ago                       | 2025-02-16 | 2025-02-16
        two weeks ago                        | 2025-02-03 | 2025-02-09
        a month ago                          | 2025-01-01 | 2025-01-31
        last Monday                          | 2025-02-17 | 2025-02-17
        last Wednesday                       | 2025-02-12 | 2025-02-12
        last May                             | 2024-05-01 | 2024-05-31
        last February                        | 2024-02-01 | 2024-02-29
        in February 2025                     | 2025-02-01 | 2025-02-28
        in Feb. 2024                         | 2024-02-01 | 2024-02-29
        in March                             | 2024-03-01 | 2024-03-31
        on 12 February 2025                  | 2025-02-12 | 2025-02-12
        on February 12, 2025                 | 2025-02-12 | 2025-02-12
        on the 12th of February              | 2025-02-12 | 2025-02-12
        on 29 February                       | 2024-02-29 | 2024-02-29
        on 2025-02-12                        | 2025-02-12 | 2025-02-12
        in articles from 2024                | 2024-01-01 | 2024-12-31
        since March 2024                     | 2024-03-01 |
        since last week                      | 2025-02-10 |
        after 12 February 2025               | 2025-02-13 |
        before 2020                          |            | 2019-12-31
        until yesterday                      |            | 2025-02-18
        as of 2025-01                        |            | 2025-01-31
        between 2020 and 2022                | 2020-01-01 | 2022-12-31
        from January to March 2024           | 2024-01-01 | 2024-03-31
        from December to February 2025       | 2024-12-01 | 2025-02-28
        between 29 February and 3 March 2023 | 2023-02-28 | 2023-03-03
        """
    ),
)
def test_words_of_time_are_read(words: str, since: str, until: str) -> None:
    assert read(f"What did the mayor say {words} about ferries?")[:2] == (since, until)
    assert read(f"What did the mayor say {words}?") == (since, until, "What did the mayor say?") or "articles" in words


@pytest.mark.parametrize(
    "question",
    [
        "Who won the 1966 World Cup?",
        "What happened in 1066?",
        "What is Last Week Tonight?",
        'Who wrote "Yesterday"?',
        "Who wrote Yesterday?",
        "Who reads USA Today?",
        "What happens in 2001: A Space Odyssey?",
        "What did Airbus say about the A 2020 engine?",
        "What has changed since May resigned?",
        "What may march in to help?",
        "What happened in the last three weeks of the war?",
        "How many ran in 2000 metres?",
        "Who came in 2024-25?",
        "What happened on 31 February 2024?",
        "What did the strategy of 12 February 2025 say?",
        "What was said in May 2024 and in June 2024?",
        "When will the bridge close on 3 days of the week?",
        "between 2022 and 2020",
        "What is the last day for entries?",
    ],
)
def test_what_may_be_a_name_or_an_event_is_no_time(question: str) -> None:
    assert parse_period(question, TODAY) == Period(question)


def test_the_words_are_taken_out_of_the_question() -> None:
    assert read("Who won the cup in 1966?") == ("1966-01-01", "1966-12-31", "Who won the cup?")
    assert parse_period("Who won the cup in 1966?", TODAY).year
    assert not parse_period("Who won the cup before 1966?", TODAY).year
    assert read("Yesterday, what did Ada Quill say?")[2] == "what did Ada Quill say?"
    assert read("What is in last year's budget?")[2] == "What is in budget?"
    assert read("last week")[2] == "last week"


def test_the_time_that_counts_from_today_wins() -> None:
    assert read("What was said yesterday about the plans in May 2024?")[:2] == ("2025-02-18", "2025-02-18")
    assert read("What was said yesterday or last week?")[:2] == ("", "")


@pytest.mark.parametrize("word", ["latest", "newest", "most recent", "Latest"])
def test_the_latest_is_asked_for_without_a_range(word: str) -> None:
    period = parse_period(f"What is the {word} report on ferries?", TODAY)
    assert period.latest
    assert not period.bounded
    assert period.question == "What is the report on ferries?"
    assert not parse_period("What did he say later?", TODAY).latest


def test_the_latest_on_something_is_a_question_about_it() -> None:
    assert parse_period("What is the latest on the ferry strike?", TODAY).question == "What is the ferry strike?"
    assert parse_period("the latest news about ferries", TODAY).question == "ferries"
    assert parse_period("latest?", TODAY).question == "latest?"


@given(DAYS, DAYS)
def test_every_way_to_write_a_day_means_that_day(day: date, today: date) -> None:
    month = MONTHS[day.month - 1]
    for written in (
        day.isoformat(),
        format_date(day),
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
    ):
        period = parse_period(f"What was said on {written}?", today)
        assert (period.since, period.until, period.question) == (day, day, "What was said?")
    assert iso_date(format_date(day)) == day.isoformat()


@given(DAYS, st.integers(0, 998), st.sampled_from(["day", "week", "month", "year"]))
def test_the_last_so_many_end_today_and_grow_with_their_number(today: date, count: int, unit: Unit) -> None:
    period = parse_period(f"What was said in the last {count} {unit}s?", today)
    longer = parse_period(f"What was said in the last {count + 1} {unit}s?", today)
    assert period.until == longer.until == today
    assert period.since is not None
    assert longer.since is not None
    assert longer.since < period.since <= today


@given(st.dates(), st.sampled_from(["day", "week", "month", "year"]), st.integers(0, 12_000))
def test_a_whole_unit_holds_its_day_and_nothing_leaves_the_calendar(day: date, unit: Unit, count: int) -> None:
    first, last = unit_range(day, unit)
    assert first <= day <= last
    assert unit_range(first, unit) == (first, last) or first == date.min or last == date.max
    assert date.min <= subtract_units(day, count, unit) <= day
    assert shift_days(day, 1_000_000_000) == date.max


TIME_WORDS = st.sampled_from(
    "in on since before between and from to last the past 3 days weeks ago yesterday May March 2024 2024-02 12 "
    "February , ? ' \" “ of week latest 31 0 1966 year's 𝟛 ½ Last This".split()
)


@given(st.lists(TIME_WORDS, max_size=12).map(" ".join) | st.text(max_size=80), st.dates())
def test_any_text_is_read_without_failing_and_ranges_run_forward(question: str, today: date) -> None:
    period = parse_period(question, today)
    assert period.question == question or set(period.question) <= set(question)
    assert period.words in question
    if period.since and period.until:
        assert period.since <= period.until
    if any(c.isalnum() for c in question):
        assert any(c.isalnum() for c in period.question)


@given(DAYS)
def test_a_day_a_month_and_a_year_hold_the_days_between_their_ends(day: date) -> None:
    assert parse_date_range(day.isoformat()) == (day, day)
    assert parse_date_range(f"{day.isoformat()}T10:00:00+01:00") == (day, day)
    month, year = parse_date_range(f"{day:%Y-%m}"), parse_date_range(f"{day:%Y}")
    assert month is not None
    assert year is not None
    assert month == unit_range(day, "month")
    assert year == unit_range(day, "year")
    assert (month[1] + timedelta(1)).day == 1


@pytest.mark.parametrize("text", ["", "12 May", "2025-13", "2025-02-30", "0000", "25", "2025-2", "${7*7}", "٢٠٢٥"])
def test_what_is_no_iso_date_has_no_days(text: str) -> None:
    assert parse_date_range(text) is None
