"""Numbers, dates, names, negations, opposites and roles of a claim against the sentences it cites."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verify.checks.amounts import find_amounts
from rag.verify.checks.base import CitedText
from rag.verify.checks.dates import find_dates
from rag.verify.verifier import fact_findings


def found(claim: str, *sentences: str, around: str = "", title: str = "", day: str = "") -> list[tuple[str, str]]:
    return [(f.kind, f.severity) for f in fact_findings(claim, CitedText(sentences, around, title, day))]


def reason(claim: str, *sentences: str) -> str:
    return fact_findings(claim, CitedText(sentences))[0].reason


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,200 people", 1200, ""),
        ("twelve men", 12, ""),
        ("twenty-five cars", 25, ""),
        ("one hundred and twenty-three cars", 123, ""),
        ("1.2 million crowns", 1_200_000, ""),
        ("$5bn", 5e9, "$"),
        ("5 per cent", 5, "%"),
        ("5%", 5, "%"),
        ("€12.50", 12.5, "€"),
        ("two dozen eggs", 24, ""),
        ("the 1990s", 1990, "decade"),
        ("the 21st century", 21, "ordinal"),
        ("the twenty-first century", 21, "ordinal"),
        ("at 10:30", 630, "time"),
        ("half the town", 0.5, "fraction"),
    ],
)
def test_numbers_are_read(text: str, value: float, unit: str) -> None:
    assert [(a.value, a.unit) for a in find_amounts(text)] == [(value, unit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 February 2025", (2025, 2, 12)),
        ("February 12, 2025", (2025, 2, 12)),
        ("12 Feb 2025", (2025, 2, 12)),
        ("2025-02-12", (2025, 2, 12)),
        ("in May", (0, 5, 0)),
        ("March 2020", (2020, 3, 0)),
        ("in 1999", (1999, 0, 0)),
    ],
)
def test_dates_are_read(text: str, expected: tuple[int, int, int]) -> None:
    assert [(d.year, d.month, d.day) for d in find_dates(text)] == [expected]


@pytest.mark.parametrize("text", ["Theresa May resigned", "$2000 was paid", "1999 people came", "a march on the town"])
def test_what_is_no_date_is_not_read_as_one(text: str) -> None:
    assert find_dates(text) == ()


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("1200 people came.", "Some 1,200 people came."),
        ("Twelve people came.", "12 people came."),
        ("It cost about 1.2 million euros.", "It cost €1,234,567."),
        ("More than 1,000 people came.", "In all 1,040 people came."),
        ("Unemployment was 5 per cent.", "Unemployment stood at 5%."),
        ("It opened in 2019.", "It opened on 3 May 2019."),
        ("It opened on May 3, 2019.", "It opened on 3 May 2019."),
        ("Trump met him.", "President Donald Trump met him."),
        ("The French minister left.", "The minister of France left."),
        ("The WHO agreed.", "The World Health Organization agreed."),
        ("The bridge is not safe.", "The bridge is unsafe."),
        ("Varga was beaten by Eckhart.", "Eckhart beat Varga."),
        ("Varga and Eckhart agreed.", "Eckhart and Varga agreed."),
        ("According to Varga, the wall will be built.", "Varga said that the wall will be built."),
        ("The plan was rejected.", "The council did not approve the plan."),
        ("Revenue rose 12 per cent in Q3.", "Revenue for the third quarter was up 12%."),
        ("Borealis was bought by Acme.", "Acme bought its rival Borealis."),
        ("Varga said the growth was driven by Asia.", "Varga said the growth came from Asia."),
        ("CEO Maria Lopez left.", "Chief executive Maria Lopez left."),
        ("Acme has not said when it will open.", "Acme did not say when it would open."),
        ("Officials said it would rain.", "It would rain, officials said."),
    ],
)
def test_the_same_said_otherwise_is_let_pass(claim: str, source: str) -> None:
    assert found(claim, source) == []


FALSE = {
    "number": [
        ("15 people died.", "12 people died and 15 were hurt."),
        ("The bridge cost 15 million euros.", "The bridge cost about €12.1 million."),
        ("Sixteen people came.", "Twelve people came."),
        ("Unemployment was 7 per cent.", "Unemployment stood at 5%."),
    ],
    "date": [
        ("It opened on 4 May 2019.", "It opened on 3 May 2019."),
        ("It opened in 2018.", "It opened on 3 May 2019."),
        ("It opened on Tuesday.", "It opened on Monday."),
    ],
    "name": [
        ("Macron said the talks would begin.", "Trump said the talks would begin."),
        ("Ana Ruiz left the town.", "Ana Wilk left the town."),
    ],
    "negation": [
        ("The bridge is not safe to cross.", "The bridge is safe to cross."),
        ("The bridge is safe to cross.", "The bridge is not safe to cross."),
        ("The bridge is safe.", "The bridge is unsafe."),
        ("Ruiz stole the money.", "Ruiz denied that she stole the money."),
        ("They didn't approve the plan.", "They did approve the plan."),
        ("Acme has said when it will open.", "Acme did not say when it would open."),
    ],
    "contrast": [
        ("Prices fell in the spring.", "Prices rose in the spring."),
        ("It closed before the war.", "It closed after the war."),
        ("The plan will be approved.", "The plan may be approved."),
        ("Sales were 12% lower than a year before.", "Sales were good, up 12 percent from a year earlier."),
        ("Margins will fall next year, according to him.", "Carter warned that margins could fall."),
    ],
    "roles": [
        ("Acme was bought by Borealis.", "Acme bought its rival Borealis."),
        ("Then Varga beat Eckhart.", "Then Eckhart beat Varga."),
    ],
}


@pytest.mark.parametrize(
    ("kind", "claim", "source"), [(kind, *pair) for kind, pairs in FALSE.items() for pair in pairs]
)
def test_what_the_source_does_not_say_is_found(kind: str, claim: str, source: str) -> None:
    assert kind in [k for k, _ in found(claim, source)]


def test_reasons_say_what_the_source_has() -> None:
    assert reason("15 people died in the fire.", "12 people died in the fire.") == "the source says 12, not 15"
    assert reason("It opened in 2018.", "It opened on 3 May 2019.") == "the source says 3 May 2019, not 2018"
    assert (
        reason("Macron said he would go.", "On Monday Trump said he would go.") == "the source names Trump, not Macron"
    )


def test_two_numbers_that_changed_places_are_found() -> None:
    source = "The club sold 40 tickets on Monday and 70 badges in the week."
    assert ("number", "wrong") in found(source.replace("40", "x").replace("70", "40").replace("x", "70"), source)


def test_a_name_that_the_passage_gives_may_be_whom_a_pronoun_means() -> None:
    around = "Pete Hegseth went to Brussels. He warned the allies."
    assert found("Hegseth warned the allies.", "He warned the allies.", around=around) == []
    assert found("Rutte warned the allies.", "He warned the allies.", around=around) == [("name", "missing")]
    assert found("Pete Hegseth warned the allies.", "Hegseth warned the allies.", around=around) == []


def test_a_year_may_be_that_of_publication() -> None:
    source = "It opened on 3 May."
    assert found("It opened on 3 May 2025.", source, day="2025-06-01") == []
    assert found("It opened on 3 May 2024.", source, day="2025-06-01") != []


def test_yesterday_is_the_day_before_publication() -> None:
    assert found("It closed on 16 June 2025.", "It closed yesterday.", day="2025-06-17") == []
    assert found("It closed on 11 June 2025.", "It closed yesterday.", day="2025-06-17") != []


@given(st.integers(2, 9999), st.integers(2, 9999))
def test_a_changed_number_is_always_found(told: int, held: int) -> None:
    claim, source = (f"The council bought {n} new lamps for the market." for n in (told, held))
    assert bool(found(claim, source)) == (told != held)


@given(
    st.lists(st.sampled_from("Varga told the 12 members on 3 May not to sign, and Eckhart left".split()), min_size=1)
)
def test_a_sentence_is_never_against_itself(words: list[str]) -> None:
    sentence = " ".join(words)
    assert found(sentence, sentence) == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The mill now has 37 fewer people on its payroll.", "Before the fire 99 worked at the mill, and 62 do today."),
        (
            "Five million is left for port fees to cover.",
            "It costs 14 million, of which the town borrows nine million.",
        ),
        ("Turnout doubled to just under half of all members.", "Some 240 of 500 members voted, against 120 last year."),
        ("A quarter of them, or 25 %, never replied.", "Of 80 people who were asked, 20 gave no answer."),
    ],
)
def test_what_follows_by_arithmetic_in_other_words_is_let_pass(claim: str, source: str) -> None:
    assert [one for one in found(claim, source) if one[0] == "number"] == []


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("The mill now has 47 fewer people on its payroll.", "Before the fire 99 worked at the mill, and 62 do today."),
        (
            "Before the fire 37 worked at the mill, and 62 do today.",
            "Before the fire 99 worked at the mill, and 62 do today.",
        ),
    ],
)
def test_wrong_arithmetic_and_a_number_changed_in_the_same_words_are_found(claim: str, source: str) -> None:
    assert "number" in [kind for kind, _ in found(claim, source)]
