"""The actions of the tab. What the page sends is looked up among the sets and runs that exist."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.report.comparison import comparison_html
from evals.report.html import html_report
from evals.report.page.markup import Html, join_html
from evals.runner.compare import compare_runs
from evals.runner.store import RunError, list_runs, read_run, runs_folder
from evals.web import tab_html
from evals.web.run_manager import Job, RunManager
from evals.web.sets import check_set, find_sets, save_uploaded_set, set_choices
from index.errors import OnrecordError
from index.storage.store import Store

_LOOK = 0.3  # seconds between looks at how far a run is


@dataclass(frozen=True, slots=True)
class Actions:
    """Each method gives what its components are to show, in the order of ``evals.web.tab``."""

    manager: RunManager
    store: Store
    data_dir: Path

    def refresh(self, chosen_set: str | None, chosen: str | None, before: str | None) -> list[Any]:
        """List what exists: sets, what the chosen one holds, runs three times; the choices stay."""
        import gradio as gr

        sets = set_choices(find_sets(self.data_dir))
        paths = [path for _, path in sets]
        chosen_set = chosen_set if chosen_set in paths else next(iter(paths), None)
        runs = list_runs(runs_folder(self.data_dir))
        ids = [info.run.id for info in runs]
        choices = [(tab_html.run_label(info), info.run.id) for info in runs]
        return [
            gr.update(choices=sets, value=chosen_set),
            self.describe(chosen_set),
            tab_html.runs_html(runs),
            gr.update(choices=choices, value=chosen if chosen in ids else None),
            gr.update(choices=choices, value=before if before in ids else None),
        ]

    def describe(self, chosen_set: str | None) -> Html:
        """Describe what the chosen set holds."""
        path = self._set(chosen_set)
        return tab_html.set_html(check_set(path, self.store) if path else None)

    def upload(self, file: str) -> list[Any]:
        """Save an uploaded file and choose it; list the problems of one that is not a sound set."""
        import gradio as gr

        try:
            path = str(save_uploaded_set(Path(file), self.data_dir))
        except (OnrecordError, OSError):
            return [gr.skip(), tab_html.set_html(check_set(Path(file), self.store))]
        return [gr.update(choices=set_choices(find_sets(self.data_dir)), value=path), self.describe(path)]

    def begin(self, chosen_set: str | None, answerer: str) -> Iterator[list[Any]]:
        """Run the chosen set, showing the progress."""
        try:
            path = self._set(chosen_set)
            if path is None:
                raise RunError("Choose a set first.")
            job = self.manager.start(path, answerer)
        except (OnrecordError, OSError) as error:
            yield _idle_updates(tab_html.problem_html(str(error)))
            return
        yield from self._followed(job)

    def resume(self, chosen: str | None) -> Iterator[list[Any]]:
        """Resume the chosen run, showing the progress."""
        try:
            job = self.manager.resume(self._run(chosen))
        except (OnrecordError, OSError) as error:
            yield _idle_updates(tab_html.problem_html(str(error)))
            return
        yield from self._followed(job)

    def stop(self, job: Job | None) -> Any:
        """Stop the run that this visitor began; nobody holds another's."""
        import gradio as gr

        if job is None or job.over.is_set():
            return gr.skip()
        job.stop.set()
        return tab_html.progress_html(job)

    def read(self, chosen: str | None) -> list[Any]:
        """Show the report of a past run, and a button to resume it where it is unfinished."""
        import gradio as gr

        hidden = gr.update(visible=False)
        if not chosen:
            return [tab_html.note_html("Choose a run to read its report."), hidden]
        try:
            run = read_run(self._run(chosen))
        except OnrecordError as error:
            return [tab_html.problem_html(str(error)), hidden]
        return [tab_html.report_html(html_report(run), run.id), gr.update(visible=not run.finished)]

    def compare(self, chosen: str | None, before: str | None) -> Html:
        """Compare the chosen run with an earlier one."""
        if not chosen or not before or chosen == before:
            return tab_html.problem_html(
                "Choose two runs of the same set: one to read, and another to measure it against."
            )
        try:
            a, b = read_run(self._run(before)), read_run(self._run(chosen))
            compared = compare_runs(a, b)
        except OnrecordError as error:
            return tab_html.problem_html(str(error))
        page = comparison_html(compared.metrics, a, b)
        notes = (tab_html.note_html(each) for each in compared.notes)
        return join_html(*notes, tab_html.report_html(page, f"{b.id} against {a.id}"))

    def _followed(self, job: Job) -> Iterator[list[Any]]:
        import gradio as gr

        off, on = gr.update(visible=False), gr.update(visible=True)
        yield [job, off, on, off, tab_html.progress_html(job), gr.skip()]
        while not job.over.wait(_LOOK):
            yield [job, off, on, off, tab_html.progress_html(job), gr.skip()]
        runs = list_runs(runs_folder(self.data_dir))
        choices = [(tab_html.run_label(info), info.run.id) for info in runs]
        *rest, _ = _idle_updates(tab_html.outcome_html(job))
        yield [*rest, gr.update(choices=choices, value=job.run.id)]

    def _set(self, chosen: str | None) -> Path | None:
        return next((path for path in find_sets(self.data_dir) if str(path) == chosen), None)

    def _run(self, chosen: str | None) -> Path:
        for info in list_runs(runs_folder(self.data_dir)):
            if info.run.id == chosen:
                return info.folder
        raise RunError(f"There is no run {chosen!r} any more. Choose another.")


def _idle_updates(said: Html) -> list[Any]:
    """Return the updates for no run under way: buttons as at first, ``said`` as the progress, the choice unchanged."""
    import gradio as gr

    return [None, gr.update(visible=True), gr.update(visible=False), gr.update(visible=False), said, gr.skip()]
