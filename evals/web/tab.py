"""The Evals tab of the web app: run a set, read its report, compare two runs."""

from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.web.actions import Actions
from evals.web.run_manager import RunManager, StoppableTurn
from evals.web.sets import SUFFIXES
from index.config import IndexConfig
from rag.pipeline import Pipeline

if TYPE_CHECKING:
    import gradio

_HERE = Path(__file__).parent
_ONE_SIDE = [
    ("Vectors alone find passages", "dense"),
    ("Keywords alone find passages", "keyword"),
]
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}


@dataclass(frozen=True, slots=True)
class TabComponents:
    """The components. ``job`` is the run that this visitor began, kept on the server."""

    column: "gradio.Column"
    job: "gradio.State"
    set: "gradio.Dropdown"
    upload: "gradio.UploadButton"
    about: "gradio.HTML"
    answerer: "gradio.Dropdown"
    run: "gradio.Button"
    cancel: "gradio.Button"
    progress: "gradio.HTML"
    past: "gradio.HTML"
    chosen: "gradio.Dropdown"
    go_on: "gradio.Button"
    before: "gradio.Dropdown"
    compare: "gradio.Button"
    report: "gradio.HTML"


def build_tab(
    pipeline: Pipeline,
    data_dir: Path,
    index: IndexConfig | None = None,
    queue_turn: StoppableTurn = nullcontext,
) -> None:
    """Draw the tab where it is called, inside the page. ``index`` is recorded with each run.

    Each question of a run is asked within a ``queue_turn``, given what is set once the run is stopped.
    """
    settings = asdict(index) if index is not None else {}
    actions = Actions(RunManager(pipeline, data_dir, settings, queue_turn), pipeline.store, data_dir)
    _wire(_draw(_answerers(pipeline)), actions)


def frame_scripts() -> tuple[str, ...]:
    """Return the inline scripts of the reports that the tab shows in a frame."""
    from evals.report.page.document import all_scripts

    return all_scripts()


def _answerers(pipeline: Pipeline) -> list[tuple[str, str]]:
    """List the answerers to choose from: first the one that the chat uses."""
    writer = pipeline.writer
    if writer is None:
        return [("As configured", "quoted"), *_ONE_SIDE]
    return [(f"As configured: {writer.model.name} writes", writer.model.name), ("Quoted", "quoted"), *_ONE_SIDE]


def _draw(answerers: list[tuple[str, str]]) -> TabComponents:
    import gradio as gr

    def html(name: str, **more: Any) -> gr.HTML:
        return gr.HTML("", elem_id=f"eval-{name}", apply_default_css=False, **more)

    def button(name: str, label: str, **more: Any) -> gr.Button:
        return gr.Button(label, elem_id=f"eval-{name}", elem_classes="tab-button", scale=0, min_width=0, **more)

    def dropdown(name: str, label: str, **more: Any) -> gr.Dropdown:
        return gr.Dropdown(label=label, elem_id=f"eval-{name}", scale=1, min_width=0, **{"choices": [], **more})

    with gr.Column(elem_id="evals", elem_classes="tab-page") as column:
        style = (_HERE / "tab.css").read_text(encoding="utf-8")
        gr.HTML(f"<style>{style}</style><h2>Run a set</h2>", apply_default_css=False)
        with gr.Row(elem_classes="tab-row"):
            chosen_set = dropdown("set", "Set of cases")
            upload = gr.UploadButton(
                "Upload a set",
                elem_id="eval-upload",
                elem_classes="tab-button",
                file_types=list(SUFFIXES),
                scale=0,
                min_width=0,
            )
            answerer = dropdown("answerer", "Answered by", choices=answerers, value=answerers[0][1])
            run = button("run", "Run", variant="primary")
            cancel = button("cancel", "Cancel", visible=False)
        about = html("about")
        progress = html("progress")
        gr.HTML("<h2>Past runs</h2>", apply_default_css=False)
        past = html("past")
        with gr.Row(elem_classes="tab-row"):
            chosen = dropdown("chosen", "Report of")
            go_on = button("go-on", "Go on with this run", visible=False)
            before = dropdown("before", "Against")
            compare = button("compare", "Compare")
        report = html("report", js_on_load=(_HERE / "frame.js").read_text(encoding="utf-8"))
    return TabComponents(
        column=column, job=gr.State(None), set=chosen_set, upload=upload, about=about, answerer=answerer, run=run,
        cancel=cancel, progress=progress, past=past, chosen=chosen, go_on=go_on, before=before, compare=compare,
        report=report,
    )  # fmt: skip


def _wire(page: TabComponents, actions: Actions) -> None:
    import gradio as gr

    choices = [page.set, page.chosen, page.before]
    lists = [page.set, page.about, page.past, page.chosen, page.before]
    under_way = [page.job, page.run, page.cancel, page.go_on, page.progress, page.chosen]
    shown = [page.report, page.go_on]

    # In a tab not before it is opened, and so for nobody who may not open it; anew each time, since a case made in the
    # chat may have made a set.
    if isinstance(page.column.parent, gr.Tab):
        page.column.parent.select(actions.refresh, choices, lists, **_QUIET)
    else:
        gr.on(None, actions.refresh, choices, lists, **_QUIET)
    page.set.input(actions.describe, page.set, page.about, **_QUIET)
    page.upload.upload(actions.upload, page.upload, [page.set, page.about], **_QUIET)
    for start, inputs, action in (
        (page.run, [page.set, page.answerer], actions.begin),
        (page.go_on, [page.chosen], actions.resume),
    ):
        done = start.click(action, inputs, under_way, **_QUIET)
        done.then(actions.refresh, choices, lists, **_QUIET).then(actions.read, page.chosen, shown, **_QUIET)
    page.cancel.click(actions.stop, page.job, page.progress, **_QUIET)
    page.chosen.input(actions.read, page.chosen, shown, **_QUIET)
    page.compare.click(actions.compare, [page.chosen, page.before], page.report, **_QUIET)
