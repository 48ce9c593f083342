"""What the library is doing, as HTML: a line and a bar a file, what went wrong, and what can be undone."""

from collections.abc import Sequence
from html import escape

from ui.library.models import OVER, Item, Job, State
from ui.library.service import Shelf
from ui.web.library.words import counted, left

_SHOWN = 30  # files of a job that get a line of their own
_STATES: dict[State, str] = {
    "waiting": "waiting",
    "working": "being read",
    "done": "done",
    "same": "nothing to do",
    "failed": "failed",
    "cancelled": "cancelled",
}
_FIRST: tuple[State, ...] = ("working", "failed", "waiting", "cancelled", "same", "done")
_DOING = {"add": "Adding", "reindex": "Re-indexing", "remove": "Deleting", "restore": "Putting back"}
_DID = {"add": "Added", "reindex": "Re-indexed", "remove": "Deleted", "restore": "Put back"}


def jobs_html(shelf: Shelf, problem: str = "", *, may: bool = True) -> str:
    """The jobs that are not dismissed, the last begun first; ``problem`` is told before them."""
    told = f'<p class="library-problem" role="alert">{escape(problem)}</p>' if problem else ""
    jobs = [job for job in shelf.jobs() if job.items] if may else []
    said = " ".join(_said(job) for job in jobs[:1])
    drawn = "".join(_job(shelf, job) for job in jobs)
    return f'<div class="library-jobs" data-said="{escape(problem or said)}">{told}{drawn}</div>'


def _job(shelf: Shelf, job: Job) -> str:
    over = job.over.is_set()
    time = left(shelf.seconds_left(job.items)) if not over and job.kind != "remove" else ""
    buttons = _button("dismiss", job, "Close") if over else _button("cancel", job, "Cancel")
    if job.kind == "remove" and any(item.state in ("waiting", "working", "done") for item in job.items):
        buttons = _button("undo", job, "Undo") + (buttons if over else "")
    heading = f"{escape(_said(job))}{f' <span>{time}</span>' if time else ''}"
    bar = "" if over else _bar(_said(job), sum(item.share for item in job.items) / len(job.items))
    ordered = sorted(job.items, key=lambda item: _FIRST.index(item.state))
    kept = [item for item in ordered if not over or item.said or item.state == "failed"]
    lines = "" if job.kind == "remove" and not any(i.said for i in kept) else _lines(shelf, kept)
    return (
        f'<section class="library-job" data-key="{job.id}" data-job="{job.id}" aria-label="{escape(_said(job))}">'
        f'<div class="library-job-head"><p>{heading}</p><div class="library-buttons">{buttons}</div></div>'
        f"{bar}{lines}</section>"
    )


def _said(job: Job) -> str:
    """One line on the job: ``"Adding: 2 of 5 files, 1 failed"``."""
    states = [item.state for item in job.items]
    failed = f", {states.count('failed'):,} failed" if "failed" in states else ""
    what = "file" if job.kind == "add" else "document"
    if not job.over.is_set():
        stopping = "Stopping" if job.stop.is_set() else _DOING[job.kind]
        done = sum(state in OVER for state in states)
        return f"{stopping}: {done:,} of {counted(len(states), what)}{failed}"
    went = states.count("done") + states.count("same")
    cancelled = f", {states.count('cancelled'):,} cancelled" if "cancelled" in states else ""
    if len(job.items) == 1 and went:
        return f"{_DID[job.kind]}: {job.items[0].name}"
    return f"{_DID[job.kind]}: {went:,} of {counted(len(states), what)}{failed}{cancelled}"


def _lines(shelf: Shelf, items: Sequence[Item]) -> str:
    if not items:
        return ""
    rest = f"<li>… and {counted(len(items) - _SHOWN, 'more file')}</li>" if len(items) > _SHOWN else ""
    return f"<ul>{''.join(_line(shelf, item) for item in items[:_SHOWN])}{rest}</ul>"


def _line(shelf: Shelf, item: Item) -> str:
    state = _STATES[item.state]
    if item.state == "working":
        passages = f"{item.done:,} of {counted(item.total, 'passage')}" if item.total else ""
        more = ", ".join(filter(None, (passages, left(shelf.seconds_left([item])))))
        state += f": {more}" if more else ""
    bar = _bar(item.name, item.share) if item.state == "working" else ""
    said = f'<span class="library-said">{escape(item.said)}</span>' if item.said else ""
    return (
        f'<li class="{item.state}"><span class="library-name" dir="auto">{escape(item.name)}</span> '
        f'<span class="library-state">{escape(state)}</span>{bar}{said}</li>'
    )


def _bar(label: str, share: float) -> str:
    percent = f"{100 * share:.0f}"
    return (
        f'<div class="library-bar" role="progressbar" aria-label="{escape(label)}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><div style="width: {percent}%"></div></div>'
    )


def _button(do: str, job: Job, label: str) -> str:
    return f'<button type="button" data-key="{do}" data-do="{do}" data-job="{job.id}">{label}</button>'
