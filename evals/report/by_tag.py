"""Means of the cases that carry a tag."""

from collections import Counter
from collections.abc import Iterable

from evals.report.figures import metrics
from evals.runner.estimates import estimates
from evals.runner.models import Result, Run
from evals.stats.interval import Estimate


def tags(results: Iterable[Result]) -> list[str]:
    """Every tag, the most frequent first, then by name."""
    counted = Counter(tag for result in results for tag in dict.fromkeys(result.tags))
    return sorted(counted, key=lambda tag: (-counted[tag], tag))


def by_tag(run: Run) -> dict[str, dict[str, Estimate]]:
    """By metric and tag, the estimate over the cases that carry the tag, where any of them is scored.

    A case counts under each of its tags.
    """
    tagged = {tag: [result for result in run.results if tag in result.tags] for tag in tags(run.results)}
    found = {tag: estimates(results, metrics(run)) for tag, results in tagged.items()}
    return {
        metric: {tag: values[metric] for tag, values in found.items() if metric in values and values[metric].n}
        for metric in run.estimates
    }
