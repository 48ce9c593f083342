"""Axes that begin at zero."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evals.report.number_format import Unit, formatter_for
from evals.report.page.markup import Html, element, join_html

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Scale:
    """From zero to ``top``, with ``ticks`` between and how values on it are written."""

    top: float
    ticks: tuple[float, ...]
    write: Callable[[float | None], str]

    def at(self, value: float) -> float:
        """Return where a value lies, in percent of the axis."""
        return 100 * min(max(value / self.top, 0.0), 1.0)


def scale_for(unit: Unit, values: Iterable[float | None]) -> Scale:
    """Choose an axis for values in ``unit``: 0 to 1 for shares, else up to a round number above them."""
    if unit == "share":
        return Scale(1.0, (0.0, 0.25, 0.5, 0.75, 1.0), formatter_for(unit))
    step = round_step(max((value for value in values if value is not None), default=1.0))
    ticks = tuple(step * i for i in range(_TICKS + 1))
    return Scale(ticks[-1], ticks, formatter_for(unit))


def round_step(highest: float) -> float:
    """Return the smallest round step of which four reach ``highest``."""
    if highest <= 0:
        return 1.0
    rough = highest / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def tick_label(scale: Scale, value: float) -> str:
    """Write a tick's label: shares without needless decimals."""
    return f"{value:g}" if scale.top == 1.0 else scale.write(value)


def axis(scale: Scale, top: float, bottom: float, label: str) -> Html:
    """Draw vertical grid lines with their values beneath, and the name of what the axis measures."""
    last = len(scale.ticks) - 1
    anchors = {0: "start", last: "end"}
    parts: list[str] = []
    for i, value in enumerate(scale.ticks):
        x = f"{scale.at(value):g}%"
        parts += [
            element("line", x1=x, x2=x, y1=top, y2=bottom, class_="grid"),
            element(
                "text",
                tick_label(scale, value),
                x=x,
                y=bottom + 14,
                text_anchor=anchors.get(i, "middle"),
                class_="tick",
            ),
        ]
    parts.append(element("text", label, x="50%", y=bottom + 31, text_anchor="middle", class_="tick"))
    return join_html(*parts)
