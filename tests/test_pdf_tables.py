"""Tables and narrow columns of PDFs, made by ReportLab and Chromium."""

from pathlib import Path

import pytest

from index.reading.load import load
from index.reading.pdf.locate import locate_text
from index.reading.pdf.page import Line
from index.reading.pdf.tables import write_tables

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "annual.pdf",  # without borders, with borders, with headings over two columns, with lines in cells
            [
                "(in thousands): Research and development; 2025: 22,100; 2024: 19,700",
                "Depot: Hythe; Trucks: 4; Manager: Ada Crowe",
                "Route: B5; Km: 31; Min: 44",
                "Branch: Perth; Revenue 2024: 80; Revenue 2025: 95; Staff 2024: 7; Staff 2025: 9",
                "A pump for waste water that passes solids of up to 35 millimetres in diameter | £340",
            ],
        ),
        (
            "harbours.pdf",  # cells no farther apart than words, a sum, a form
            [
                "Harbour: Sligo; Depth: 2.5 m; Stay: 4 days; Fee: 61 euros; Power: no; Office: 5 pm",
                "Name: Jo Marsh; Duty: Moorings and lights; Hours: 38",
                "Name: Total; Hours: 58",
                "Soup of the day | £4.50",
                "Date of birth: 4 May 1990",
            ],
        ),
        ("arabic.pdf", ["القسم: المبيعات; المدير: هالة لطفي; الهاتف: 102"]),
    ],
)
def test_each_value_stands_with_its_column(name: str, rows: list[str]) -> None:
    text = load(FILES / name).text
    assert [row for row in rows if row not in text] == []


def test_gaps_of_justified_lines_are_no_cells() -> None:
    text = load(FILES / "harbours.pdf").text
    assert "its words are set far apart by an overlylongunbreakableword justification, extraordinarily" in text


def test_three_narrow_justified_columns_are_read_one_after_the_other() -> None:
    text = load(FILES / "newsletter.pdf").text
    assert "The telephone number of the boatman is 0800 555 077. He answers between eight and ten o'clock" in text
    assert " | " not in text


def test_a_value_of_a_row_is_found_on_its_page() -> None:
    document = load(FILES / "harbours.pdf")
    at = document.text.index("61 euros")
    (box,) = locate_text(FILES / "harbours.pdf", document, at, at + len("61 euros"))
    whole = document.text.index("Harbour: Sligo")
    (row,) = locate_text(FILES / "harbours.pdf", document, whole, document.text.index("5 pm", whole) + 4)
    assert row.x0 < box.x0 < box.x1 < row.x1
    assert row.y0 <= box.y0 < box.y1 <= row.y1


def test_gaps_that_recur_in_three_lines_part_columns_and_names_are_known_by_the_numbers_below() -> None:
    rows = [("Town", "Fee"), ("Oban", "61"), ("Hythe", "7")]
    lines = [_line(n, [(0, left), (90, right)]) for n, (left, right) in enumerate(rows)]
    assert [line.text for line in write_tables(lines)] == ["Town | Fee", "Town: Oban; Fee: 61", "Town: Hythe; Fee: 7"]


def test_words_in_columns_without_numbers_have_no_names() -> None:
    rows = [("-h", "show help"), ("-v", "show version"), ("-q", "say nothing")]
    lines = [_line(n, [(0, left), (90, right)]) for n, (left, right) in enumerate(rows)]
    assert [line.text for line in write_tables(lines)] == ["-h | show help", "-v | show version", "-q | say nothing"]


def test_a_gap_in_one_line_alone_parts_nothing() -> None:
    line = _line(0, [(0, "tween"), (50, "the"), (85, "islands.")])
    below = _line(1, [(0, "Reservations are")])
    assert [line.text for line in write_tables([line, below])] == ["tween the islands.", "Reservations are"]


def _line(row: int, cells: list[tuple[int, str]]) -> Line:
    """Make a line of words at the given places, each letter five points wide in a font of ten points."""
    text = " ".join(words for _, words in cells)
    boxes: list[tuple[float, float, float, float]] = []
    for x, words in cells:
        boxes += [boxes[-1]] if boxes else []
        boxes += [(x + 5.0 * n, 14.0 * row, x + 5.0 * n + 5, 14.0 * row + 10) for n in range(len(words))]
    return Line(text, tuple(boxes), 10.0)
