"""Horizontal bars with their 95 % intervals, and bars of median and 95th percentile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.report.number_format import format_interval
from evals.report.page.markup import Html, element, join_html
from evals.report.plots.figure import svg_image
from evals.report.plots.scale import Scale, axis
from evals.stats.interval import Estimate

_ROW, _BAR, _HEAD, _FOOT = 40, 13, 22, 40
_ONE_LINE = 42
_LABEL = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a mean, and which series' colour it has."""

    label: str
    value: Estimate
    series: int = 0


def interval_bars(
    id_: str,
    title: str,
    groups: Mapping[str, Sequence[Bar]],
    scale: Scale,
    *,
    axis_label: str,
    reference: float | None = None,
) -> Html:
    """Draw bars from zero with whiskers, each with its figures and n above. ``reference`` is a mark across each.

    Groups with a name have it as a heading; the name "" has none.
    """
    shapes: list[str] = []
    y = 2.0
    for name, bars in groups.items():
        if name:
            shapes.append(element("text", _shorten(name), x="0", y=y + 15, class_="label"))
            y += _HEAD - 2
        for bar in bars:
            drawn, height = _interval_bar(bar, scale, y, "label series" if name else "label")
            shapes.append(drawn)
            y += height
            if reference is not None:
                shapes.append(_reference(scale.at(reference), y - 7 - _BAR))
        y += 8 if name else 0
    described = "; ".join(
        f"{f'{name}, ' if name else ''}{_words(bar, scale)}" for name, bars in groups.items() for bar in bars
    )
    return svg_image(id_, title, described, axis(scale, 0, y, axis_label), *shapes, height=y + _FOOT)


def percentile_bars(id_: str, title: str, spreads: Mapping[str, tuple[float, float]], scale: Scale) -> Html:
    """Draw for each stage the median as a solid bar within the 95th percentile as a pale one."""
    shapes: list[str] = []
    y = 2.0
    for stage, (p50, p95) in spreads.items():
        figures = f"p50 {scale.write(p50)} · p95 {scale.write(p95)}"
        shapes += [
            element("text", _shorten(stage, 22), x="0", y=y + 14, class_="label"),
            element("text", figures, x="100%", y=y + 14, text_anchor="end", class_="value"),
            _rect(scale.at(p95), y + 20, "pale"),
            _rect(scale.at(p50), y + 20, "s0"),
        ]
        y += _ROW
    described = "; ".join(f"{s}: p50 {scale.write(a)}, p95 {scale.write(b)}" for s, (a, b) in spreads.items())
    return svg_image(id_, title, described, axis(scale, 0, y, "time a case"), *shapes, height=y + _FOOT)


def _interval_bar(bar: Bar, scale: Scale, y: float, kind: str) -> tuple[Html, float]:
    label, figures = _shorten(bar.label), _figures(bar.value, scale)
    second = y + 14 if len(label) + len(figures) <= _ONE_LINE else y + 31
    top = second + 6
    texts = join_html(
        element("text", label, x="0", y=y + 14, class_=kind),
        element("text", figures, x="100%", y=second, text_anchor="end", class_="value"),
    )
    height = top - y + _BAR + 7
    if bar.value.mean is None:
        return join_html(texts, element("rect", x="0", y=top, width="100%", height=_BAR, class_="empty")), height
    drawn = (
        texts,
        _rect(scale.at(bar.value.mean), top, f"s{bar.series % 4}"),
        _whisker(bar.value, scale, top + _BAR / 2),
    )
    return element("g", element("title", f"{bar.label}: {_words(bar, scale)}"), *drawn), height


def _whisker(value: Estimate, scale: Scale, y: float) -> Html:
    if value.low is None or value.high is None:
        return Html()
    low, high = f"{scale.at(value.low):g}%", f"{scale.at(value.high):g}%"
    ends = (element("line", x1=x, x2=x, y1=y - 5, y2=y + 5, class_="whisker") for x in (low, high))
    return join_html(element("line", x1=low, x2=high, y1=y, y2=y, class_="whisker"), *ends)


def _reference(x: float, top: float) -> Html:
    place = f"{x:g}%"
    return element("line", x1=place, x2=place, y1=top - 3, y2=top + _BAR + 3, class_="reference mean")


def _rect(width: float, y: float, series: str) -> Html:
    return element("rect", x="0", y=y, width=f"{width:g}%", height=_BAR, class_=f"bar {series}")


def _figures(value: Estimate, scale: Scale) -> str:
    if value.mean is None:
        return "no case scored"
    around = f" {format_interval(value.low, value.high, scale.write)}" if value.low is not None else ""
    return f"{scale.write(value.mean)}{around} n {value.n:,}"


def _words(bar: Bar, scale: Scale) -> str:
    return f"{bar.label}: {_figures(bar.value, scale)}"


def _shorten(text: str, length: int = _LABEL) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
