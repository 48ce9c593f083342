"""The risk–coverage curve: the share of wrong answers as more of the questions are answered."""

from collections.abc import Sequence

from evals.report.number_format import format_percent
from evals.report.page.markup import Html, element, join_html
from evals.report.plots.figure import svg_image
from evals.report.plots.scale import round_step
from evals.report.run_figures import CurvePoint, at_threshold

_WIDTH, _HEIGHT = 440, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 430, 14, 250
_POINTS = 300


def risk_coverage_plot(id_: str, curves: Sequence[Sequence[CurvePoint]], cut: float | None) -> Html:
    """Draw risk over coverage, one line a run; the first run's threshold ``cut`` is marked."""
    top = min(1.0, 4 * round_step(max((risk for curve in curves for _, _, risk in curve), default=1.0)))
    shapes = [_axes(top)]
    shapes += [_line(curve, top, series) for series, curve in reversed(list(enumerate(curves))) if curve]
    chosen = at_threshold(list(curves[0]), cut) if cut is not None and curves else None
    if chosen is not None:
        shapes.append(_mark(chosen, top))
    title = "Risk by coverage"
    return svg_image(
        id_, title, _described(curves, chosen, cut), *shapes, height=_HEIGHT, view=f"0 0 {_WIDTH} {_HEIGHT}"
    )


def _axes(top: float) -> Html:
    parts: list[str] = []
    for i in range(5):
        x, y = _x(i / 4), _y(top * i / 4, top)
        parts += [
            element("line", x1=_LEFT, x2=_RIGHT, y1=f"{y:.1f}", y2=f"{y:.1f}", class_="grid"),
            element("text", f"{top * i / 4:.3g}", x=_LEFT - 7, y=f"{y + 4:.1f}", text_anchor="end", class_="tick"),
            element("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=_TOP, y2=_BOTTOM, class_="grid"),
            element(
                "text",
                format_percent(i / 4),
                x=f"{x:.1f}",
                y=_BOTTOM + 17,
                text_anchor="end" if x == _RIGHT else "middle",
                class_="tick",
            ),
        ]
    middle = (_TOP + _BOTTOM) / 2
    parts += [
        element(
            "text",
            "coverage: share of cases answered",
            x=(_LEFT + _RIGHT) / 2,
            y=_BOTTOM + 38,
            text_anchor="middle",
            class_="tick",
        ),
        element(
            "text",
            "risk: share of answers wrong",
            x=12,
            y=middle,
            text_anchor="middle",
            class_="tick",
            transform=f"rotate(-90 12 {middle})",
        ),
    ]
    return join_html(*parts)


def _line(curve: Sequence[CurvePoint], top: float, series: int) -> Html:
    kept = curve if len(curve) <= _POINTS else [*curve[:: -(-len(curve) // _POINTS)], curve[-1]]
    points = " ".join(f"{_x(coverage):.1f},{_y(risk, top):.1f}" for _, coverage, risk in kept)
    if len(kept) == 1:
        x, y = points.split(",")
        return element("circle", cx=x, cy=y, r=3, class_=f"dot s{series % 4}")
    return element("polyline", points=points, class_=f"line s{series % 4}")


def _mark(point: CurvePoint, top: float) -> Html:
    x, y = _x(point[1]), _y(point[2], top)
    # The words stand where the curve leaves room: on the far side of the middle, above the line.
    left = point[1] > 0.5  # noqa: PLR2004
    at, anchor = (x - 9, "end") if left else (x + 9, "start")
    return join_html(
        element("line", x1=f"{x:.1f}", x2=f"{x:.1f}", y1=f"{y:.1f}", y2=_BOTTOM, class_="reference"),
        element("line", x1=_LEFT, x2=f"{x:.1f}", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="reference"),
        element("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r=5, class_="chosen"),
        element(
            "text",
            "threshold",
            x=f"{at:.1f}",
            y=f"{max(y - 10, _TOP + 12):.1f}",
            text_anchor=anchor,
            class_="label",
        ),
    )


def _described(curves: Sequence[Sequence[CurvePoint]], chosen: CurvePoint | None, cut: float | None) -> str:
    ends = [f"{curve[-1][2]:.3f}" for curve in curves if curve]
    words = f"Risk when all cases are answered: {', '.join(ends)}." if ends else "No points."
    if chosen is not None:
        words += f" At the threshold {cut:g}, {format_percent(chosen[1])} are answered at risk {chosen[2]:.3f}."
    return words


def _x(coverage: float) -> float:
    return _LEFT + coverage * (_RIGHT - _LEFT)


def _y(risk: float, top: float) -> float:
    return _BOTTOM - min(risk / top, 1.0) * (_BOTTOM - _TOP)
