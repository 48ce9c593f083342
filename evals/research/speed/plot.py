"""A line plot as SVG, small enough to be read in a diff."""

import math
from collections.abc import Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT, _LEFT, _TOP, _SPACE = 560, 320, 70, 40, 60
_COLOURS = ("#1f6feb", "#b35900", "#1a7f37", "#8250df")


def plot(title: str, across: str, up: str, lines: Mapping[str, Points]) -> str:
    """Draw lines over a logarithmic horizontal axis and a vertical one from 0, each with its name at its end."""
    every = [point for points in lines.values() for point in points]
    low, high = (math.log10(pick(x for x, _ in every)) for pick in (min, max))
    top = max(y for _, y in every) * 1.1 or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - low) / ((high - low) or 1.0)
        return round(_LEFT + along * _WIDTH, 1), round(_TOP + _HEIGHT * (1 - y / top), 1)

    parts = [_text(_LEFT, 22, title, "font-weight='bold'")]
    for x in sorted({x for x, _ in every}):
        at, _ = place(x, 0)
        parts.append(_text(at, _TOP + _HEIGHT + 18, f"{x:,.0f}", "text-anchor='middle' font-size='10'"))
    for step in range(6):
        value = top * step / 5
        _, at = place(10**low, value)
        parts.append(f"<line x1='{_LEFT}' x2='{_LEFT + _WIDTH}' y1='{at}' y2='{at}' stroke='#ddd'/>")
        parts.append(_text(_LEFT - 6, at + 4, f"{value:,.3g}", "text-anchor='end' font-size='10'"))
    for (name, points), colour in zip(lines.items(), _COLOURS, strict=False):
        placed = [place(x, y) for x, y in points]
        path = " ".join(f"{x},{y}" for x, y in placed)
        parts.append(f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
        parts += [f"<circle cx='{x}' cy='{y}' r='3' fill='{colour}'/>" for x, y in placed]
        parts.append(_text(placed[-1][0] + 8, placed[-1][1] + 4, name, f"fill='{colour}'"))
    parts.append(_text(_LEFT + _WIDTH / 2, _TOP + _HEIGHT + 40, across, "text-anchor='middle'"))
    parts.append(_text(_LEFT, 36, up, "font-size='11' fill='#555'"))
    whole = f"width='{_LEFT + _WIDTH + 160}' height='{_TOP + _HEIGHT + _SPACE}'"
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' {whole} font-family='sans-serif' font-size='12'>\n"
        f"<rect width='100%' height='100%' fill='white'/>\n{body}\n</svg>\n"
    )


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>"
