"""Differences with their intervals around zero, one row a metric."""

from collections.abc import Sequence
from dataclasses import dataclass

from evals.report.number_format import format_interval, format_signed
from evals.report.page.markup import Html, element, join_html
from evals.report.plots.figure import svg_image
from evals.report.plots.scale import round_step

_ROW, _FOOT = 42, 40


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A, with its interval; ``tone`` is ``"better"``, ``"worse"`` or ``"same"``."""

    label: str
    value: float
    low: float | None
    high: float | None
    tone: str


def difference_plot(id_: str, title: str, differences: Sequence[Difference]) -> Html:
    """Draw a dot and a whisker for each difference, on one axis that is symmetric around zero."""
    widest = max((abs(v) for d in differences for v in (d.value, d.low, d.high) if v is not None), default=0.0)
    half = 2 * round_step(2 * widest) if widest else 1.0
    height = 2 + _ROW * len(differences)
    rows = (_row(difference, half, 2 + i * _ROW) for i, difference in enumerate(differences))
    described = "; ".join(
        f"{d.label}: {format_signed(d.value)} {format_interval(d.low, d.high, format_signed)}" for d in differences
    )
    return svg_image(id_, title, described, _axis(half, height), *rows, height=height + _FOOT)


def _row(difference: Difference, half: float, y: float) -> Html:
    figures = f"{format_signed(difference.value)} {format_interval(difference.low, difference.high, format_signed)}"
    middle = y + 27
    whisker = Html()
    if difference.low is not None and difference.high is not None:
        low, high = _at(difference.low, half), _at(difference.high, half)
        ends = (element("line", x1=x, x2=x, y1=middle - 5, y2=middle + 5, class_="whisker") for x in (low, high))
        whisker = join_html(element("line", x1=low, x2=high, y1=middle, y2=middle, class_="whisker"), *ends)
    return element(
        "g",
        element("text", difference.label, x="0", y=y + 14, class_="label"),
        element("text", figures, x="100%", y=y + 14, text_anchor="end", class_="value"),
        whisker,
        element("circle", cx=_at(difference.value, half), cy=middle, r=5, class_=f"dot {difference.tone}"),
    )


def _axis(half: float, bottom: float) -> Html:
    parts: list[str] = []
    for i, anchor in zip(range(-2, 3), ("start", "middle", "middle", "middle", "end"), strict=True):
        x = _at(half * i / 2, half)
        parts += [
            element("line", x1=x, x2=x, y1=0, y2=bottom, class_="grid" if i else "zero"),
            element(
                "text",
                f"{half * i / 2:+g}".replace("-", "−") if i else "0",
                x=x,
                y=bottom + 14,
                text_anchor=anchor,
                class_="tick",
            ),
        ]
    parts.append(
        element("text", "B minus A, 95 % interval", x="50%", y=bottom + 31, text_anchor="middle", class_="tick")
    )
    return join_html(*parts)


def _at(value: float, half: float) -> str:
    return f"{50 + 50 * max(-1.0, min(1.0, value / half)):g}%"
