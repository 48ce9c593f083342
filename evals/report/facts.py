"""What every report says first: which run this is."""

from collections.abc import Sequence

from evals.report import figures
from evals.runner.models import Run


def facts(run: Run) -> list[tuple[str, str]]:
    """Set, answerer, run, its times and commit, those that are known."""
    told = {
        "set": run.set_name,
        "answerer": run.answerer,
        "run": run.id,
        "started": run.started,
        "finished": run.finished or "not yet",
        "commit": _commit(run),
    }
    return [(name, value) for name, value in told.items() if value]


def clustering(run: Run) -> str:
    """What the intervals are clustered by."""
    alone = all(value.clusters == value.n for value in run.estimates.values())
    return f"95 % intervals, {'each case standing alone' if alone else 'clustered by document'}."


def names(runs: Sequence[Run]) -> list[str]:
    """A name for each run: its answerer, with the run's id where two share one."""
    answerers = [run.answerer for run in runs]
    return [run.answerer if answerers.count(run.answerer) == 1 else f"{run.answerer} ({run.id})" for run in runs]


def _commit(run: Run) -> str:
    full = str(figures.condition(run, "commit") or "")
    return full[:12] + ("+" if full.endswith("+") and len(full) > 12 else "")  # noqa: PLR2004
