"""Tables and narrow columns of PDFs, made by ReportLab and Chromium."""

from pathlib import Path

import pytest

from index.reading.load import load
from index.reading.pdf.continued_tables import continue_tables
from index.reading.pdf.locate import locate_text
from index.reading.pdf.page import Line, Page
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


def test_rows_on_the_next_pages_keep_the_names_of_their_columns() -> None:
    document = load(FILES / "berths.pdf")
    rows = [line for line in document.text.splitlines() if line.startswith("Berth: B")]
    assert [row.partition(";")[0] for row in rows] == [f"Berth: B{n}" for n in range(1, 66)]
    assert "Berth: B63; Holder: Tom Salt; Fee: 121.50" in rows  # without a boat
    assert "Harbour office of Hythe" not in document.text
    at = document.text.index(rows[-1])
    (box,) = locate_text(FILES / "berths.pdf", document, at, at + len(rows[-1]))
    assert box.page == 3


def test_another_table_on_the_next_page_is_not_named_after_the_one_before() -> None:
    def row(text: str, top: float, *places: float) -> Line:
        cells = text.split(" | ")
        boxes = [
            (x + 6.0 * n, top, x + 6.0 * n + 6, top + 10)
            for x, cell in zip(places, cells, strict=True)
            for n in range(len(cell) + 3)
        ]
        return Line(text, tuple(boxes[: len(text)]), 10.0, row=True)

    first = Page(1, 400, 600, (row("Berth | Fee", 560, 40, 200), row("Berth: B1; Fee: 9", 575, 40)))
    for places in ((40.0, 120.0), (40.0, 60.0), (90.0, 200.0)):
        second = Page(2, 400, 600, (row("Oban | 12", 40, *places),))
        assert continue_tables([first, second])[1] == second
    going_on = Page(2, 400, 600, (row("B2 | 12", 40, 40, 200),))
    assert continue_tables([first, going_on])[1].lines[0].text == "Berth: B2; Fee: 12"


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
