"""The HTML of the tab."""

from collections.abc import Sequence

from evals.report.number_format import format_score
from evals.report.page.markup import Html, element, html_table
from evals.runner.store import RunInfo
from evals.web.run_manager import Job
from evals.web.sets import SetCheck
from index.text.plural import plural

_PROBLEMS_SHOWN = 20
_MEANS = ("answer_contained", "evidence_covered", "refused_right")
_HEADER = ("run", "set", "answerer", "started", "state", "cases", *_MEANS)
_MINUTE = 60


def set_html(check: SetCheck | None) -> Html:
    """Show what a set holds, or what is wrong with it, line by line."""
    if check is None:
        return note_html("There is no set yet. Upload one, or make a case of an answer in the chat.")
    if not check.problems:
        return note_html(check.summary)
    listed = (element("li", problem) for problem in check.problems[:_PROBLEMS_SHOWN])
    more = len(check.problems) - _PROBLEMS_SHOWN
    rest = element("p", f"… and {more} more.") if more > 0 else Html()
    return element(
        "div",
        element("p", check.summary),
        element("ul", *listed),
        rest,
        class_="tab-problem eval-problem",
        role="alert",
    )


def progress_html(job: Job) -> Html:
    """Show how far a run is."""
    share = 100 * job.done / job.total if job.total else 100
    bar = element(
        "div",
        element("div", style=f"width: {share:.1f}%"),
        class_="tab-bar eval-bar",
        role="progressbar",
        aria_label="Cases asked",
        aria_valuemin=0,
        aria_valuemax=job.total,
        aria_valuenow=job.done,
    )
    state = "Stopping" if job.stop.is_set() else "Asking"
    said = f"{state}: {job.done:,} of {plural(job.total, 'case')}{_left(job.seconds_left)}"
    return element("div", bar, element("p", said, class_="tab-note"), class_="eval-progress")


def outcome_html(job: Job) -> Html:
    """Show how a run ended."""
    if job.error:
        return problem_html(job.error)
    if job.done < job.total:
        return note_html(
            f"Stopped after {job.done:,} of {plural(job.total, 'case')}; all of them are kept. Go on with the run "
            f"{job.run.id} under Past runs."
        )
    return note_html(f"Finished: {plural(job.total, 'case')}. The report is in {job.folder / 'report.html'}")


def runs_html(runs: Sequence[RunInfo]) -> Html:
    """Show the list of runs, the latest first."""
    if not runs:
        return note_html("There are no runs yet.")
    return html_table("Past runs, the latest first", _HEADER, (_row(info) for info in runs), words=5)


def run_label(info: RunInfo) -> str:
    """Name a run in a list of choices."""
    state = "" if info.run.finished else ", unfinished"
    return f"{info.run.id} ({plural(info.done, 'case')}{state})"


def report_html(page: str, title: str) -> Html:
    """Show a report in a frame of its own, which runs its own scripts and reaches nothing of this page."""
    frame = element("iframe", srcdoc=page, sandbox="allow-scripts", title=title, class_="eval-report")
    save = element(
        "button", "Download this report", type="button", class_="tab-button eval-save", data_name=f"{title}.html"
    )
    return element("div", save, frame)


def note_html(said: str) -> Html:
    """Show a note."""
    return element("p", said, class_="tab-note", role="status")


def problem_html(said: str) -> Html:
    """Show a problem to put right."""
    return element("p", said, class_="tab-problem eval-problem", role="alert")


def _row(info: RunInfo) -> tuple[str, ...]:
    run = info.run
    means = (found.mean if (found := run.estimates.get(name)) else None for name in _MEANS)
    state = "finished" if run.finished else "unfinished"
    started = run.started[:16].replace("T", " ")
    return (run.id, run.set_name, run.answerer, started, state, f"{info.done:,}", *map(format_score, means))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return "…"
    return f", about {seconds:.0f} s left" if seconds < _MINUTE else f", about {seconds / _MINUTE:.0f} min left"
