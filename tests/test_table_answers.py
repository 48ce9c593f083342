"""Counting, adding up, averaging, ranking and listing the rows of tables."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from index.schema import Document
from rag.answer.kinds.tables.calculate import compute
from rag.answer.kinds.tables.named_rows import named_rows
from rag.answer.kinds.tables.rows import Table, find_tables
from rag.answer.kinds.tables.values import read_values
from rag.pipeline import Pipeline
from rag.question.calculation import parse_calculation

CUSTOMERS = (
    "No. | Customer | City | Since | Turnover\n"
    "No.: 1; Customer: Fenwick; City: Leeds; Since: 2019-03-01; Turnover: 12,400\n"
    "No.: 2; Customer: Abbot; City: York; Since: 2021-07-15; Turnover: 3,150\n"
    "No.: 3; Customer: Kestrel; City: Leeds; Since: 2018-11-30; Turnover: 45,900\n"
    "No.: 4; Customer: Moor; City: Hull; Turnover: 1,980\n"
)
PRICES = (
    "Item | Category | Price | Stock\n"
    "Item: Oak table; Category: Furniture; Price: £420.00; Stock: 3\n"
    "Item: Desk lamp; Category: Lighting; Price: £34.50; Stock: 22\n"
    "Item: Floor lamp; Category: Lighting; Price: £89.00; Stock: 5\n"
    "Item: Stool; Category: Furniture; Price: £45.00; Stock: 9\n"
)


TRIPS = (
    "Trip | Days | Night fare | Seats | Price\n"
    "Trip: 2701; Days: Mon-Fri; Night fare: no; Seats: 40; Price: £3.00\n"
    "Trip: 2702; Days: Mon-Sun; Night fare: no; Seats: 30; Price: £4.00\n"
    "Trip: 2703; Days: Fri-Sat; Night fare: yes; Seats: 20; Price: £5.00\n"
    "Trip: 2704; Days: Sat-Sun; Night fare: yes; Seats: 20; Price: £5.00\n"
)


TIMETABLE = (
    "Trip | Days | Marsh End | Station | Hospital\n"
    "Trip: 1; Days: Mon-Fri; Marsh End: 05:10; Station: 05:31; Hospital: 05:43\n"
    "Trip: 2; Days: Mon-Sun; Marsh End: 07:40; Station: 08:03; Hospital: 08:16\n"
    "Trip: 3; Days: Fri-Sat; Marsh End: 23:10; Station: 23:31; Hospital: 23:43\n"
    "Trip: 4; Days: Fri-Sat; Marsh End: 00:25; Station: 00:46\n"
)
MEMBERS = (
    "member_no | name | joined | section | annual_fee | fee_paid\n"
    "member_no: 1; name: Agnes Thorley; joined: 2009; section: walking; annual_fee: 36; fee_paid: yes\n"
    "member_no: 2; name: Elena Vasko; joined: 2020; section: photography; annual_fee: 48; fee_paid: no\n"
    "member_no: 3; name: Frank Yardley; joined: 1998; section: chess; annual_fee: 30; fee_paid: yes\n"
    "member_no: 4; name: Marta Fonseca; joined: 2023; section: chess; annual_fee: 15; fee_paid: no\n"
)


TITLES = {
    CUSTOMERS: "customers",
    PRICES: "price list",
    TRIPS: "bus 27",
    TIMETABLE: "bus 27",
    MEMBERS: "club membership",
}


def table_of(text: str) -> Table:
    return find_tables(Document("d", "", "", text))[0]


def said(question: str, text: str, title: str) -> str | None:
    asked = parse_calculation(question)
    assert asked is not None
    found = compute(asked, table_of(text), title)
    return found.said if found else None


def test_rows_are_read_back_as_they_stand() -> None:
    text = f"A title\n\n{CUSTOMERS}\nAnd some prose; more: prose.\n\n{PRICES}"
    first, second = find_tables(Document("d", "", "", text))
    assert first.columns == ("No.", "Customer", "City", "Since", "Turnover")
    assert "Since" not in first.rows[3].cells
    assert [row.cells["Item"] for row in second.rows] == ["Oak table", "Desk lamp", "Floor lamp", "Stool"]
    assert all(text[row.start : row.end].startswith(("No.: ", "Item: ")) for row in (*first.rows, *second.rows))


def test_a_value_may_hold_the_marks_of_a_row() -> None:
    table = table_of("Name | Note\nName: Ann; Note: tea; at 4: sharp\nName: Bo; Note: none")
    assert table.rows[0].cells == {"Name": "Ann", "Note": "tea; at 4: sharp"}


@pytest.mark.parametrize(
    ("cells", "numbers", "unit"),
    [
        (["£1,200", "£38.50", ""], ["1200", "38.50", None], "£"),
        (["1.200,50", "350,00"], ["1200.50", "350.00"], ""),
        (["1,200", "12,000"], ["1200", "12000"], ""),
        (["1.250", "2.500"], ["1.250", "2.500"], ""),
        (["-3 kg", "4 kg"], ["-3", "4"], "kg"),
        (["free", "4.00", "5.00"], [None, "4.00", "5.00"], ""),
    ],
)
def test_numbers_are_read_as_their_column_writes_them(cells: list[str], numbers: list[str | None], unit: str) -> None:
    found = read_values(cells)
    assert found is not None
    assert found.numbers == tuple(Decimal(number) if number else None for number in numbers)
    assert found.unit == unit


@pytest.mark.parametrize("cells", [["2 kg", "300 g"], ["V-050", "V-100"], ["Mon-Fri", "Sat"], ["", ""]])
def test_what_cannot_be_compared_is_no_number(cells: list[str]) -> None:
    assert read_values(cells) is None


@pytest.mark.parametrize(
    ("table", "question", "begins"),
    [
        (CUSTOMERS, "how many customers are in Leeds?", "2 of the 4 rows"),
        (CUSTOMERS, "how many customers do we have in york", "1 of the 4 rows"),
        (CUSTOMERS, "number of customers", "4 of the 4 rows"),
        (CUSTOMERS, "how many cities", "3 different City"),
        (CUSTOMERS, "total turnover leeds", "58,300: Turnover, added up over 2 rows"),
        (CUSTOMERS, "what is the average turnover of our customers", "15,857.50: Turnover on average"),
        (CUSTOMERS, "which customer has the highest turnover", "45,900: the highest Turnover"),
        (CUSTOMERS, "customer with the lowest turnover?", "1,980: the lowest Turnover"),
        (CUSTOMERS, "who is the newest customer", "2021-07-15: the highest Since"),
        (CUSTOMERS, "which city has the most customers", "Leeds has the highest number of rows"),
        (CUSTOMERS, "which customers have a turnover over 10000", "2 rows of “customers” with Turnover over 10,000"),
        (PRICES, "what's the cheapest item", "£34.50: the lowest Price"),
        (PRICES, "cheapest furniture", "£45.00: the lowest Price of 2 rows"),
        (PRICES, "most expensive lamp", "£89.00: the highest Price of 2 rows"),
        (PRICES, "items under £50", "2 rows of “price list” with Price under 50"),
        (PRICES, "how many items cost at least 89 pounds", "2 of the 4 rows of “price list” with Price at least 89"),
        (PRICES, "how many stools are in stock", "9: Stock"),
        (PRICES, "which categories are there in the price list", "2 different Category"),
        (TRIPS, "how many trips run on sundays", "2 of the 4 rows of “bus 27” with Days “Mon-Sun” or “Sat-Sun”"),
        (TRIPS, "which trips have the night fare?", "2 rows of “bus 27” with Night fare “yes”"),
        (TRIPS, "which trips have no night fare?", "2 rows of “bus 27” with Night fare “no”"),
        (TRIPS, "which trip has the largest bus", "40: the highest Seats"),
        (TRIPS, "list all trips", "4 rows of “bus 27”"),
        (TRIPS, "average seats per trip", "27.50: Seats on average, over 4 rows"),
        (TIMETABLE, "first bus from marsh end", "05:10: "),
        (TIMETABLE, "when is the first bus from marsh end on sunday", "07:40: "),
        (TIMETABLE, "last bus from marsh end", "00:25: "),
        (TIMETABLE, "when is the last bus to the hospital", "23:43: "),
        (TIMETABLE, "first bus from the station", "05:31: "),
        (MEMBERS, "how many people are in the club photo section", "1 of the 4 rows"),
        (MEMBERS, "how many walkers are there in the club", "1 of the 4 rows"),
        (MEMBERS, "who still owes their club fee", "2 rows"),
        (MEMBERS, "who has not paid", "2 rows"),
        (MEMBERS, "total still unpaid in club fees", "63: annual_fee"),
        (MEMBERS, "who has been in the club longest", "1998: "),
        (MEMBERS, "how many joined in 2020 or later", "2 of the 4 rows"),
        (MEMBERS, "how many joined since 2020", "2 of the 4 rows"),
        (MEMBERS, "how many joined after 2020", "1 of the 4 rows"),
        (MEMBERS, "who joined before 2005", "1 row"),
        (MEMBERS, "what do all the chess players pay together", "45: annual_fee"),
    ],
    ids=lambda value: TITLES.get(value, value),
)
def test_rows_are_counted_added_up_and_compared(table: str, question: str, begins: str) -> None:
    found = said(question, table, TITLES[table])
    assert found is not None
    assert found.startswith(begins)


@pytest.mark.parametrize(
    "question",
    [
        "is the desk lamp in stock?",
        "When is the harbour festival?",
        "How much is the night fare on the 27?",
        "what is the price",
        "where was the stock kept",
    ],
)
def test_whether_when_and_how_much_ask_for_no_list(question: str) -> None:
    assert parse_calculation(question) is None


@pytest.mark.parametrize(
    "question",
    [
        "how many customers are in Leeds and pay late?",
        "how many suppliers are there",
        "total turnover in dollars 2023",
        "average age of our customers",
        "cheapest ferrari",
        "how many city holidays do i get",
        "how many people work in Leeds",
    ],
)
def test_where_a_word_is_not_met_nothing_is_computed(question: str) -> None:
    assert said(question, CUSTOMERS, "customers") is None


def test_a_row_that_only_speaks_of_what_is_counted_is_not_counted() -> None:
    fees = "Service | Fee\nService: Nurse clinic (nails); Fee: 18\nService: Home visit; Fee: 60"
    assert said("how many nurses do they have", fees, "fees") is None
    staff = f"{fees}\nService: Nurse; Fee: 20"
    assert (
        said("how many nurses do they have", staff, "fees")
        == "2 of the 3 rows of “fees” with Service “Nurse clinic (nails)” or “Nurse”."
    )


def test_that_no_row_is_as_asked_is_said() -> None:
    found = said("total turnover of Moor in Leeds", CUSTOMERS, "customers")
    assert found == "No row of “customers” has Customer “Moor” and City “Leeds”."


def test_what_a_row_is_called_is_said_where_the_table_does_not() -> None:
    found = said("how many shops are in Leeds", CUSTOMERS, "customers")
    assert found == "2 of the 4 rows of “customers” with City “Leeds”, if each row is one of the shops."


@pytest.mark.parametrize("label", ["Total", "Grand total", "Subtotal Leeds", "Summe"])
def test_rows_of_totals_are_neither_counted_nor_added_up(label: str) -> None:
    table = f"Shop | Turnover\nShop: Moor; Turnover: 40\nShop: Abbot; Turnover: 60\n{{}}: {label}; Turnover: 100"
    assert said("what is the total turnover of the shops", table.format("Shop"), "shops") == (
        "100: Turnover, added up over 2 rows of “shops”."
    )


def test_a_limit_in_another_currency_is_not_compared() -> None:
    assert said("items under 50 euros", PRICES, "price list") is None


def test_an_answer_cites_the_rows(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(customers=f"Customers\n\n{CUSTOMERS}", fair="The fair\n\nThe fair was well visited in May.")
    answer = pipeline.ask("how many customers are in Leeds?")
    assert answer.kind == "table"
    result, *rows = answer.claims
    assert result.text.startswith("2 of the 4 rows")
    assert [claim.verdict for claim in answer.claims] == ["supported"] * 3
    assert [result.citations] == [tuple(citation for row in rows for citation in row.citations)]
    assert {"Fenwick", "Kestrel"} == {name for name in ("Fenwick", "Abbot", "Kestrel", "Moor") if name in answer.text}
    assert pipeline.ask("how many customers in Leeds are late?").kind == "fact"


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("who is fenwick", ["1"]),
        ("customers in Leeds", ["1", "3"]),
        ("turnover of abbot", ["2"]),
        ("phone number of abbot", []),
        ("what is the turnover", []),
        ("who sits in Paris", []),
    ],
)
def test_rows_are_looked_up_by_the_words_of_their_cells(question: str, rows: list[str]) -> None:
    assert [row.cells["No."] for row in named_rows(question, table_of(CUSTOMERS))] == rows


def test_a_single_word_that_is_no_name_looks_nothing_up() -> None:
    assert (
        named_rows("will fares go up", table_of("Trip | Note\nTrip: 1; Note: night fares\nTrip: 2; Note: none\n")) == ()
    )


def test_first_and_last_are_told_of_times_alone() -> None:
    assert said("what did the first bus cost", TIMETABLE, "bus 27") is None
    assert said("what did the first bus cost", TRIPS, "bus 27") is None


def test_the_table_found_first_is_ranked_though_it_calls_its_rows_otherwise(
    indexed: Callable[..., Pipeline], folder: Path
) -> None:
    rows = "Employee,Destination,Total\nAda,Turin,420\nBen,Lyon,610\nCem,Porto,380\n"
    (folder / "travel.csv").write_text(rows, encoding="utf-8")
    answer = indexed().ask("what was the most expensive journey for travel")
    assert answer.kind == "table"
    assert answer.claims[0].text.startswith("610: ")


def test_all_rows_are_listed_where_one_of_them_is_the_best_evidence(
    indexed: Callable[..., Pipeline], folder: Path
) -> None:
    table = (
        "# Stove\n\n| Display | Meaning |\n|---|---|\n| E01 | No ignition |\n| E02 | Door open |\n| E07 | No sensor |\n"
    )
    (folder / "stove.md").write_text(table, encoding="utf-8")
    (folder / "ferry.txt").write_text("The ferry takes cars. The crossing costs four euros.", encoding="utf-8")
    pipeline = indexed()
    pipeline = replace(pipeline, config=replace(pipeline.config, refuse_below=0.02))
    told = pipeline.ask("list all codes on the display with an open door")
    assert [code in told.text for code in ("E01", "E02", "E07")] == [False, True, False]
    answer = pipeline.ask("list all codes on the display")
    assert [code in answer.text for code in ("E01", "E02", "E07")] == [True, True, True]
    assert answer.is_list


def test_who_does_something_is_no_list_of_rows() -> None:
    assert said("who is in the chess section of the club", MEMBERS, "club membership") is None


def test_a_year_is_no_bound_of_other_numbers() -> None:
    assert said("how many trips were there before 2024", TRIPS, "bus 27") is None
