"""How figures are written: one way in every report."""

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
NONE = "–"


def unit_of(metric: str, value: Estimate | None = None) -> Unit:
    """What a metric is measured in: by its name, else a share of 1 unless its figures say otherwise."""
    if _SECONDS.search(metric):
        return "seconds"
    beyond = value is not None and max(value.mean or 0.0, value.high or 0.0) > 1
    return "count" if beyond or _COUNT.search(metric) else "share"


def score(value: float | None) -> str:
    """A share with three decimals; a dash for none."""
    return NONE if value is None else f"{value:.3f}"


def seconds(value: float | None) -> str:
    """A duration, in ms below one second."""
    if value is None:
        return NONE
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.2f} s" if value < _LONG else f"{value:.1f} s"


def count(value: float | None) -> str:
    """A mean count."""
    if value is None:
        return NONE
    return f"{value:,.1f}" if value < _MANY else f"{value:,.0f}"


def percent(part: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * part:.0f} %"


def p_value(value: float | None) -> str:
    """A p-value, never written as 0."""
    if value is None:
        return NONE
    return "< 0.001" if value < _TINY_P else f"{value:.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return NONE if value is None else f"{value:+.3f}".replace("-", "−")


def writer(unit: Unit) -> Callable[[float | None], str]:
    """How values in ``unit`` are written."""
    return {"share": score, "seconds": seconds, "count": count}[unit]


def interval(low: float | None, high: float | None, write: Callable[[float | None], str] = score) -> str:
    """An interval in brackets; a dash where there is none."""
    return NONE if low is None or high is None else f"[{write(low)}, {write(high)}]"


def plural(n: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def estimate_row(value: Estimate, unit: Unit) -> tuple[str, str, str, str, str]:
    """Mean, interval, n, crashed, unscored: the columns of every table of means."""
    write = writer(unit)
    around = interval(value.low, value.high, write)
    return write(value.mean), around, f"{value.n:,}", f"{value.crashed:,}", f"{value.unscored:,}"
