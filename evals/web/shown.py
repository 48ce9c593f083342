"""What the tab shows, as HTML."""

from collections.abc import Sequence

from evals.report.markup import Html, element, table
from evals.report.wording import plural, score
from evals.runner.store import RunInfo
from evals.web.bench import Job
from evals.web.sets import SetCheck

_PROBLEMS_SHOWN = 20
_MEANS = ("answer_contained", "evidence_covered", "refused_right")
_HEADER = ("run", "set", "answerer", "started", "state", "cases", *_MEANS)
_MINUTE = 60


def set_html(check: SetCheck | None) -> Html:
    """What a set holds, or what is wrong with it, line by line."""
    if check is None:
        return note("There is no set yet. Upload one, or make a case of an answer in the chat.")
    if not check.problems:
        return note(check.said)
    listed = (element("li", problem) for problem in check.problems[:_PROBLEMS_SHOWN])
    more = len(check.problems) - _PROBLEMS_SHOWN
    rest = element("p", f"… and {more} more.") if more > 0 else Html()
    return element("div", element("p", check.said), element("ul", *listed), rest, class_="eval-problem", role="alert")


def progress_html(job: Job) -> Html:
    """How far a run is."""
    share = 100 * job.done / job.total if job.total else 100
    bar = element(
        "div",
        element("div", style=f"width: {share:.1f}%"),
        class_="eval-bar",
        role="progressbar",
        aria_label="Cases asked",
        aria_valuemin=0,
        aria_valuemax=job.total,
        aria_valuenow=job.done,
    )
    state = "Stopping" if job.stop.is_set() else "Asking"
    said = f"{state}: {job.done:,} of {plural(job.total, 'case')}{_left(job.seconds_left)}"
    return element("div", bar, element("p", said, class_="eval-note"), class_="eval-progress")


def outcome_html(job: Job) -> Html:
    """How a run ended."""
    if job.error:
        return problem(job.error)
    if job.done < job.total:
        return note(
            f"Stopped after {job.done:,} of {plural(job.total, 'case')}; all of them are kept. Go on with the run "
            f"{job.run.id} under Past runs."
        )
    return note(f"Finished: {plural(job.total, 'case')}. The report is in {job.folder / 'report.html'}")


def runs_html(runs: Sequence[RunInfo]) -> Html:
    """The runs there are, the latest first."""
    if not runs:
        return note("There are no runs yet.")
    return table("Past runs, the latest first", _HEADER, (_row(info) for info in runs), words=5)


def run_label(info: RunInfo) -> str:
    """A run as it is chosen by."""
    state = "" if info.run.finished else ", unfinished"
    return f"{info.run.id} ({plural(info.done, 'case')}{state})"


def report_html(page: str, title: str) -> Html:
    """A report in a frame of its own, which can run its own scripts and reach nothing of this page."""
    frame = element("iframe", srcdoc=page, sandbox="allow-scripts", title=title, class_="eval-report")
    save = element("button", "Download this report", type="button", class_="eval-save", data_name=f"{title}.html")
    return element("div", save, frame)


def note(said: str) -> Html:
    """Something that is so."""
    return element("p", said, class_="eval-note", role="status")


def problem(said: str) -> Html:
    """Something to put right."""
    return element("p", said, class_="eval-problem", role="alert")


def _row(info: RunInfo) -> tuple[str, ...]:
    run = info.run
    means = (found.mean if (found := run.estimates.get(name)) else None for name in _MEANS)
    state = "finished" if run.finished else "unfinished"
    started = run.started[:16].replace("T", " ")
    return (run.id, run.set_name, run.answerer, started, state, f"{info.done:,}", *map(score, means))


def _left(seconds: float | None) -> str:
    if seconds is None:
        return "…"
    return f", about {seconds:.0f} s left" if seconds < _MINUTE else f", about {seconds / _MINUTE:.0f} min left"
