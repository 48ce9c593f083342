"""What happens on each click in the tab. Whatever the page sends is looked up among what there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.report.comparison import comparison_html
from evals.report.html import html_report
from evals.report.markup import Html, joined
from evals.runner.compare import compare_runs
from evals.runner.store import RunError, list_runs, read_run, runs_folder
from evals.web import shown
from evals.web.bench import Bench, Job
from evals.web.sets import check_set, find_sets, labelled, take_in
from index.errors import OnrecordError
from index.storage.store import Store

_LOOK = 0.3  # seconds between looks at how far a run is


@dataclass(frozen=True, slots=True)
class Actions:
    """Each method gives what its components are to show, in the order of ``evals.web.tab``."""

    bench: Bench
    store: Store
    data_dir: Path

    def refresh(self, chosen_set: str | None, chosen: str | None, before: str | None) -> list[Any]:
        """The lists as they stand: sets, what the chosen one holds, runs thrice; what was chosen stays."""
        import gradio as gr

        sets = labelled(find_sets(self.data_dir))
        paths = [path for _, path in sets]
        chosen_set = chosen_set if chosen_set in paths else next(iter(paths), None)
        runs = list_runs(runs_folder(self.data_dir))
        ids = [info.run.id for info in runs]
        choices = [(shown.run_label(info), info.run.id) for info in runs]
        return [
            gr.update(choices=sets, value=chosen_set),
            self.describe(chosen_set),
            shown.runs_html(runs),
            gr.update(choices=choices, value=chosen if chosen in ids else None),
            gr.update(choices=choices, value=before if before in ids else None),
        ]

    def describe(self, chosen_set: str | None) -> Html:
        """What the chosen set holds."""
        path = self._set(chosen_set)
        return shown.set_html(check_set(path, self.store) if path else None)

    def upload(self, file: str) -> list[Any]:
        """Take in a file and choose it; one that is no sound set is told line by line."""
        import gradio as gr

        try:
            path = str(take_in(Path(file), self.data_dir))
        except (OnrecordError, OSError):
            return [gr.skip(), shown.set_html(check_set(Path(file), self.store))]
        return [gr.update(choices=labelled(find_sets(self.data_dir)), value=path), self.describe(path)]

    def begin(self, chosen_set: str | None, answerer: str) -> Iterator[list[Any]]:
        """Run the chosen set, showing how far it is."""
        try:
            path = self._set(chosen_set)
            if path is None:
                raise RunError("Choose a set first.")
            job = self.bench.start(path, answerer)
        except (OnrecordError, OSError) as error:
            yield _at_rest(shown.problem(str(error)))
            return
        yield from self._followed(job)

    def resume(self, chosen: str | None) -> Iterator[list[Any]]:
        """Go on with the chosen run, showing how far it is."""
        try:
            job = self.bench.resume(self._run(chosen))
        except (OnrecordError, OSError) as error:
            yield _at_rest(shown.problem(str(error)))
            return
        yield from self._followed(job)

    def stop(self, job: Job | None) -> Any:
        """Stop the run that this visitor began; nobody holds another's."""
        import gradio as gr

        if job is None or job.over.is_set():
            return gr.skip()
        job.stop.set()
        return shown.progress_html(job)

    def read(self, chosen: str | None) -> list[Any]:
        """The report of a past run, and whether it can be gone on with."""
        import gradio as gr

        hidden = gr.update(visible=False)
        if not chosen:
            return [shown.note("Choose a run to read its report."), hidden]
        try:
            run = read_run(self._run(chosen))
        except OnrecordError as error:
            return [shown.problem(str(error)), hidden]
        return [shown.report_html(html_report(run), run.id), gr.update(visible=not run.finished)]

    def compare(self, chosen: str | None, before: str | None) -> Html:
        """The chosen run against an earlier one."""
        if not chosen or not before or chosen == before:
            return shown.problem("Choose two runs of the same set: one to read, and another to measure it against.")
        try:
            a, b = read_run(self._run(before)), read_run(self._run(chosen))
            compared = compare_runs(a, b)
        except OnrecordError as error:
            return shown.problem(str(error))
        page = comparison_html({name: found.comparison for name, found in compared.metrics.items()}, a, b)
        notes = (shown.note(each) for each in compared.notes)
        return joined(*notes, shown.report_html(page, f"{b.id} against {a.id}"))

    def _followed(self, job: Job) -> Iterator[list[Any]]:
        import gradio as gr

        off, on = gr.update(visible=False), gr.update(visible=True)
        yield [job, off, on, off, shown.progress_html(job), gr.skip()]
        while not job.over.wait(_LOOK):
            yield [job, off, on, off, shown.progress_html(job), gr.skip()]
        runs = list_runs(runs_folder(self.data_dir))
        choices = [(shown.run_label(info), info.run.id) for info in runs]
        *rest, _ = _at_rest(shown.outcome_html(job))
        yield [*rest, gr.update(choices=choices, value=job.run.id)]

    def _set(self, chosen: str | None) -> Path | None:
        return next((path for path in find_sets(self.data_dir) if str(path) == chosen), None)

    def _run(self, chosen: str | None) -> Path:
        for info in list_runs(runs_folder(self.data_dir)):
            if info.run.id == chosen:
                return info.folder
        raise RunError(f"There is no run {chosen!r} any more. Choose another.")


def _at_rest(said: Html) -> list[Any]:
    """Nothing under way: no job, Run there, Cancel and Go on away, what is to be said, the choice as it was."""
    import gradio as gr

    return [None, gr.update(visible=True), gr.update(visible=False), gr.update(visible=False), said, gr.skip()]
