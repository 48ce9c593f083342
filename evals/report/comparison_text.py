"""The words and cells of a comparison of two runs, the same in a terminal, in Markdown and on a page."""

from collections.abc import Iterable, Iterator, Mapping

from evals.report.number_format import format_interval, format_p_value, format_signed, formatter_for, unit_of
from evals.runner.compare import MetricComparison, Verdict
from evals.runner.records import Run
from index.text.plural import plural

VERDICTS: tuple[Verdict, ...] = ("better", "worse", "same", "no difference shown")
NO_CASE_DIFFERS = "The runs do not differ in any case on any metric."
COLUMNS = (
    "metric", "A", "B", "B − A", "95 % interval", "B is", "wins", "ties", "losses", "p", "p by document",
    "p adjusted", "n",
)  # fmt: skip
_MAX_NAMED = 10


def comparison_rows(metrics: Mapping[str, MetricComparison], a: Run) -> Iterator[dict[str, str]]:
    """Write the figures of each metric, by the names in ``COLUMNS``."""
    for metric, found in metrics.items():
        value = found.comparison
        write = formatter_for(unit_of(metric, a.estimates.get(metric)))
        cells = (
            metric,
            write(value.mean_a),
            write(value.mean_b),
            format_signed(value.difference),
            format_interval(value.low, value.high, format_signed),
            found.verdict,
            *(f"{n:,}" for n in (value.wins, value.ties, value.losses)),
            f"{format_p_value(value.p_value)} ({value.test})",
            format_p_value(value.clustered_p_value),
            format_p_value(found.adjusted_p_value),
            f"{value.n:,}",
        )
        yield dict(zip(COLUMNS, cells, strict=True))


def conclusion(metrics: Mapping[str, MetricComparison]) -> str:
    """Say in a sentence on which metrics B is better and worse."""
    by = {word: [metric for metric, found in metrics.items() if found.verdict == word] for word in VERDICTS}
    said = [f"B is {word} on {', '.join(by[word])}" for word in ("better", "worse") if by[word]]
    if not said and len(by["same"]) == len(metrics):
        return NO_CASE_DIFFERS
    if not said:
        return f"No difference is shown on any of {plural(len(metrics), 'metric')}."
    rest = len(by["same"]) + len(by["no difference shown"])
    return f"{'; '.join(said)}{f'; no difference is shown on {rest} more' if rest else ''}."


def left_out(metrics: Mapping[str, MetricComparison]) -> Iterator[str]:
    """List what could not be compared: cases that one run lacks, then by metric those without a value."""
    comparisons = {metric: found.comparison for metric, found in metrics.items()}
    first = next(iter(comparisons.values()), None)
    if first is not None:
        for letter, cases in (("A", first.missing_in_a), ("B", first.missing_in_b)):
            if cases:
                yield f"{plural(len(cases), 'case')} not in {letter}: {name_some(cases)}"
    for metric, value in comparisons.items():
        unscored = {"A": set(value.unscored_in_a), "B": set(value.unscored_in_b)}
        for letter, cases_ in unscored.items():
            # A case unscored in both is one that the metric does not apply to.
            only = sorted(cases_ - unscored["B" if letter == "A" else "A"])
            if only:
                yield f"{metric}: {plural(len(only), 'case')} unscored in {letter} alone: {name_some(only)}"


def name_some(cases: Iterable[str]) -> str:
    """Name the first ten cases and count the rest."""
    all_ = list(cases)
    return ", ".join(all_[:_MAX_NAMED]) + (f" and {len(all_) - _MAX_NAMED:,} more" if len(all_) > _MAX_NAMED else "")
