"""What the library is doing, as HTML: a line and a bar for each file, what went wrong, and what can be undone."""

from collections.abc import Sequence

from markupsafe import Markup

from index.text.plural import plural
from ui.library.models import FINISHED, Item, ItemState, Job
from ui.library.service import LibraryService
from ui.web.library import words

_MINUTE, _HOUR = 60, 3600  # seconds
_MAX_LINES = 30  # files of a job that get a line of their own
_STATES: dict[ItemState, str] = {
    "waiting": "waiting",
    "working": "being read",
    "done": "done",
    "same": "nothing to do",
    "failed": "failed",
    "cancelled": "cancelled",
}
_STATE_ORDER: tuple[ItemState, ...] = ("working", "failed", "waiting", "cancelled", "same", "done")
_DOING = {"add": "Adding", "reindex": "Re-indexing", "remove": "Deleting", "restore": "Putting back"}
_DONE = {"add": "Added", "reindex": "Re-indexed", "remove": "Deleted", "restore": "Put back"}
_NOTHING = Markup("")
_JOBS = Markup('<div class="library-jobs" data-said="{said}">{problem}{jobs}</div>')
_PROBLEM = Markup('<p class="library-problem" role="alert">{}</p>')
_JOB = Markup(
    '<section class="library-job" data-key="{id}" data-job="{id}" aria-label="{summary}">'
    '<div class="library-job-head"><p>{summary}{time}</p><div class="library-buttons">{buttons}</div></div>'
    "{bar}{lines}</section>"
)
_LINE = Markup(
    '<li class="{kind}"><span class="library-name" dir="auto">{name}</span> '
    '<span class="library-state">{state}</span>{bar}{message}</li>'
)
_BAR = Markup(
    '<div class="library-bar" role="progressbar" aria-label="{label}" aria-valuemin="0" '
    'aria-valuemax="100" aria-valuenow="{percent:.0f}"><div style="width: {percent:.0f}%"></div></div>'
)
_BUTTON = Markup('<button type="button" data-key="{do}" data-do="{do}" data-job="{job}">{label}</button>')


def jobs_html(service: LibraryService, problem: str = "", *, may: bool = True) -> Markup:
    """Return the jobs that are not dismissed, the last begun first, after the ``problem`` there is."""
    jobs = [job for job in service.jobs() if job.items] if may else []
    return _JOBS.format(
        said=problem or " ".join(_summary(job) for job in jobs[:1]),
        problem=_PROBLEM.format(problem) if problem else "",
        jobs=Markup("").join(_job(service, job) for job in jobs),
    )


def time_left(seconds: float | None) -> str:
    """Return ``"about 2 minutes left"``; empty where ``seconds`` is not known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return words.ALMOST_DONE
    if seconds < _MINUTE:
        return words.TIME_LEFT.format(plural(round(seconds), "second"))
    if seconds < _HOUR:
        return words.TIME_LEFT.format(plural(round(seconds / _MINUTE), "minute"))
    return words.TIME_LEFT.format(plural(round(seconds / _HOUR), "hour"))


def _job(service: LibraryService, job: Job) -> Markup:
    over = job.over.is_set()
    time = time_left(service.seconds_left(job.items)) if not over and job.kind != "remove" else ""
    buttons = _button("dismiss", job, words.CLOSE) if over else _button("cancel", job, words.CANCEL)
    if job.kind == "remove" and any(item.state in ("waiting", "working", "done") for item in job.items):
        buttons = _button("undo", job, words.UNDO) + (buttons if over else _NOTHING)
    if over and any(item.earlier for item in job.items):
        buttons = _button("replace_earlier", job, words.REPLACE_EARLIER) + buttons
    ordered = sorted(job.items, key=lambda item: _STATE_ORDER.index(item.state))
    kept = [item for item in ordered if not over or item.said or item.state == "failed"]
    share = sum(item.share for item in job.items) / len(job.items)
    return _JOB.format(
        id=job.id,
        summary=_summary(job),
        time=Markup(" <span>{}</span>").format(time) if time else "",
        buttons=buttons,
        bar="" if over else _bar(_summary(job), share),
        lines="" if job.kind == "remove" and not any(i.said for i in kept) else _lines(service, kept),
    )


def _summary(job: Job) -> str:
    """Return one line about the job: ``"Adding: 2 of 5 files, 1 failed"``."""
    states = [item.state for item in job.items]
    failed = f", {states.count('failed'):,} failed" if "failed" in states else ""
    what = "file" if job.kind == "add" else "document"
    if not job.over.is_set():
        doing = "Stopping" if job.stop.is_set() else _DOING[job.kind]
        done = sum(state in FINISHED for state in states)
        return f"{doing}: {done:,} of {plural(len(states), what)}{failed}"
    succeeded = states.count("done") + states.count("same")
    cancelled = f", {states.count('cancelled'):,} cancelled" if "cancelled" in states else ""
    if len(job.items) == 1 and succeeded:
        return f"{_DONE[job.kind]}: {job.items[0].name}"
    return f"{_DONE[job.kind]}: {succeeded:,} of {plural(len(states), what)}{failed}{cancelled}"


def _lines(service: LibraryService, items: Sequence[Item]) -> Markup:
    if not items:
        return _NOTHING
    rest = _NOTHING
    if len(items) > _MAX_LINES:
        rest = Markup("<li>… and {}</li>").format(plural(len(items) - _MAX_LINES, "more file"))
    lines = Markup("").join(_line(service, item) for item in items[:_MAX_LINES])
    return Markup("<ul>{}{}</ul>").format(lines, rest)


def _line(service: LibraryService, item: Item) -> Markup:
    state = _STATES[item.state]
    if item.state == "working":
        passages = f"{item.done:,} of {plural(item.total, 'passage')}" if item.total else ""
        more = ", ".join(filter(None, (passages, time_left(service.seconds_left([item])))))
        state += f": {more}" if more else ""
    return _LINE.format(
        kind=item.state,
        name=item.name,
        state=state,
        bar=_bar(item.name, item.share) if item.state == "working" else "",
        message=Markup('<span class="library-said">{}</span>').format(item.said) if item.said else "",
    )


def _bar(label: str, share: float) -> Markup:
    return _BAR.format(label=label, percent=100 * share)


def _button(do: str, job: Job, label: str) -> Markup:
    return _BUTTON.format(do=do, job=job.id, label=label)
