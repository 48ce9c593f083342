"""Read the numbers that a chart keeps beside its drawing (DrawingML, ECMA-376 part 1, 21.2)."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from index.reading.formats.base import Block
from index.reading.formats.office.number_format import as_displayed
from index.reading.formats.table_rows import format_row

_MAX_POINTS = 2_000  # of one series; more is a measurement, whose numbers nobody asks for one by one


def chart_blocks(chart: Any) -> Iterator[Block]:
    """Write a chart's title, and a line ``category; series: value; …`` for each of its categories.

    ``chart`` is the root element of its part. A chart without stored numbers gives nothing but its title.
    """
    title = " ".join("".join(part.itertext()) for part in chart.iterfind(".//{*}chart/{*}title//{*}p")).strip()
    if title:
        yield Block(title)
    series = list(chart.iterfind(".//{*}plotArea//{*}ser"))
    categories = next((found for one in series if (found := _points(one, "cat", "xVal"))), [])
    names = [_series_name(one, n) for n, one in enumerate(series, 1)]
    columns = [_points(one, "val", "yVal") for one in series]
    if not any(columns):
        return
    yield Block(" | ".join(("Category", *names)))
    for cells in zip_longest(categories, *columns, fillvalue=""):
        if any(cells[1:]):
            yield Block(format_row(["Category", *names], cells))


def _series_name(series: Any, number: int) -> str:
    name = " ".join(" ".join(part.itertext()).strip() for part in series.iterfind("{*}tx//{*}v"))
    return name or f"Series {number}"


def _points(series: Any, *kinds: str) -> list[str]:
    """Return the values of a series in their order, an empty text for each that is missing."""
    found = next((part for kind in kinds if (part := series.find(f"{{*}}{kind}")) is not None), None)
    if found is None:
        return []
    code = found.findtext(".//{*}formatCode") or ""
    held: dict[int, str] = {}
    for point in found.iterfind(".//{*}pt"):
        place = int(point.get("idx", "0"))
        if 0 <= place < _MAX_POINTS:
            held[place] = _shown((point.findtext("{*}v") or "").strip(), code)
    return [held.get(n, "") for n in range(max(held, default=-1) + 1)]


def _shown(text: str, number_format: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return " ".join(text.split())
    return as_displayed(f"{number:.12g}", number, number_format)
