"""How figures are written, the same in every report."""

import re
from collections.abc import Callable
from typing import Literal

from evals.stats.interval import Estimate

Unit = Literal["share", "seconds", "count"]

_SECONDS = re.compile(r"(^|_)(seconds|latency)(_|$)")
_COUNT = re.compile(r"(^|_)(tokens|passages|characters)(_|$)")
_LONG = 10.0
_MANY = 100.0
_TINY_P = 0.001
MISSING = "–"


def unit_of(metric: str, value: Estimate | None = None) -> Unit:
    """Return the unit of a metric: by its name, else a share of 1 unless its figures say otherwise."""
    if _SECONDS.search(metric):
        return "seconds"
    beyond = value is not None and max(value.mean or 0.0, value.high or 0.0) > 1
    return "count" if beyond or _COUNT.search(metric) else "share"


def format_score(value: float | None) -> str:
    """Write a share with three decimals; a dash for None."""
    return MISSING if value is None else f"{value:.3f}"


def format_seconds(value: float | None) -> str:
    """Write a duration, in ms below one second."""
    if value is None:
        return MISSING
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < _LONG else f"{value:.1f} s"


def format_count(value: float | None) -> str:
    """Write a mean count."""
    if value is None:
        return MISSING
    return f"{value:,.1f}" if value < _MANY else f"{value:,.0f}"


def format_percent(part: float) -> str:
    """Write a share as a whole percentage."""
    return f"{100 * part:.0f} %"


def format_p_value(value: float | None) -> str:
    """Write a p-value, never as 0."""
    if value is None:
        return MISSING
    return "< 0.001" if value < _TINY_P else f"{value:.3f}"


def format_signed(value: float | None) -> str:
    """Write a difference with its sign."""
    return MISSING if value is None else f"{value:+.3f}".replace("-", "−")


def formatter_for(unit: Unit) -> Callable[[float | None], str]:
    """Return the function that writes values in ``unit``."""
    return {"share": format_score, "seconds": format_seconds, "count": format_count}[unit]


def format_interval(low: float | None, high: float | None, write: Callable[[float | None], str] = format_score) -> str:
    """Write an interval in brackets; a dash where there is none."""
    return MISSING if low is None or high is None else f"[{write(low)}, {write(high)}]"


def estimate_row(value: Estimate, unit: Unit) -> tuple[str, str, str, str, str]:
    """Write mean, interval, n, crashed and unscored: the columns of every table of means."""
    write = formatter_for(unit)
    around = format_interval(value.low, value.high, write)
    return write(value.mean), around, f"{value.n:,}", f"{value.crashed:,}", f"{value.unscored:,}"
