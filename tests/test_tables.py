"""Tables are read as people see them, and a question about one row is answered by that row."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from index.reading.formats.office.number_format import as_displayed
from index.reading.load import load
from rag.pipeline import Pipeline


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"sep=;\r\na;b\r\n1,5;2\r\n", "a | b\n\na: 1,5; b: 2"),
        (b"\xef\xbb\xbfsep=|\na|b\n1,5|2;3\n", "a | b\n\na: 1,5; b: 2;3"),
        (
            b"Depots in 2026,,\nDepot,Trucks,Head\nOban,9,Rory\n",
            "Depots in 2026\n\nDepot | Trucks | Head\n\nDepot: Oban; Trucks: 9; Head: Rory",
        ),
        (b"Town,2023,2024\nOban,5,6\n", "Town | 2023 | 2024\n\nTown: Oban; 2023: 5; 2024: 6"),
        (b"Oban,1999,2024\nHythe,1987,2020\n", "Oban | 1999 | 2024\n\nHythe | 1987 | 2020"),
    ],
)
def test_names_of_columns_are_found_where_they_are(data: bytes, text: str) -> None:
    assert load(Path("a.csv"), data).text == text


def test_each_table_of_a_markdown_file_has_its_own_names() -> None:
    text = "| Port | Fee |\n|---|---|\n| Sligo | 61 |\n\nThen:\n\n| Ship | Crew |\n|---|---|\n| Kite | 4 |\n"
    assert load(Path("a.md"), text.encode()).text == (
        "Port | Fee\nPort: Sligo; Fee: 61\n\nThen:\n\nShip | Crew\nShip: Kite; Crew: 4"
    )


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.0425, "0.00%", "4.25%"),
        (0.5, "0%", "50%"),
        (-0.015, "0.0%", "-1.5%"),
        (1234.5, "[$€-407]#,##0.00", "€1,234.50"),
        (-19, '"$"#,##0.00', "-$19.00"),
        (4.9, "#,##0.00 €", "4.90 €"),
        (12, '0 "kg"', "12 kg"),
        (4.9, "General", "4.9"),
        (12, "0.00", "12"),
    ],
)
def test_a_number_is_read_as_it_is_displayed(value: float, number_format: str, shown: str) -> None:
    assert as_displayed(str(value), value, number_format) == shown


def test_a_workbook_says_per_cent_and_currency() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Loans of 2026"], ["Loan", "Rate", "Monthly"], ["Home Plus", 0.0425, 4.9]):
        book.active.append(row)
    book.active["B3"].number_format, book.active["C3"].number_format = "0.00%", '"€"0.00'
    saved = io.BytesIO()
    book.save(saved)
    assert "Loan: Home Plus; Rate: 4.25%; Monthly: €4.90" in load(Path("a.xlsx"), saved.getvalue()).text


@pytest.mark.parametrize(
    ("question", "row"),
    [("What is the town of customer C10153?", 153), ("Which customer has the phone number +65 1386241?", 241)],
)
def test_a_question_for_a_key_is_answered_with_its_row(
    question: str, row: int, indexed: Callable[..., Pipeline]
) -> None:
    lines = [f"Customer: C{10000 + n}; Town: Oban{n}; Phone: +65 {1386000 + n}" for n in range(400)]
    result = indexed(customers="\n\n".join(lines)).ask(question)
    assert result.refused is False
    assert f"Oban{row}" in result.text.splitlines()[0]
