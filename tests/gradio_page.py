"""A page with something of everything that we rely on in Gradio, served as ours is."""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from web_browser import IN_BROWSER, WIDE
from web_fixtures import free_port

from ui.core.gradio_behaviours import BEHAVIOURS, ProcessApi, wrap_calls
from ui.server.app import Site
from ui.server.run import start

EVENTS = "submit select like expand collapse apply retry edit play clear delete end download input".split()
CSS = """
.gradio-container > .main { outline: 1px solid rgb(1, 1, 1); }
@media (min-width: 1px) { .gradio-container > .main { outline-color: rgb(2, 2, 2); } .probe { color: rgb(3, 3, 3); } }
.gradio-container > .main { @media (min-width: 1px) { border-top: 1px solid rgb(4, 4, 4); } }
.probe:is(.one, .two) { background-color: rgb(5, 5, 5); }
.probe.one { background-color: rgb(6, 6, 6); }
"""
EMPTY = """
element.dataset.runs = Number(element.dataset.runs ?? 0) + 1;
element.dataset.began = element.innerHTML;
watch("value", () => { element.textContent = `drawn ${props.value}`; });
"""
TRIGGER = """
element.addEventListener("click", (event) => {
  const { event: name, sent } = event.target.dataset;
  if (name) trigger(name, JSON.parse(sent));
});
"""
STYLE = "(node, name) => getComputedStyle(node)[name]"
SELECTORS = (
    ".gradio-container > .main", "#empty .html-container", "#empty .prose",
    "#accordion > button", "#accordion .form > #words", ".form > .block", "#many .wrap .wrap-inner", "#many .token",
    "#many .wrap input", ".form label > .input-container > input, .form label > .input-container > textarea",
    '#words [data-testid="block-info"]', '#files label[data-testid="block-label"]', "#files .icon-wrap", "#files .or",
    "#files .wrap", "#files input[type=file]", '#tabs button[role="tab"][aria-selected="true"]', "#said textarea",
    ".column > .form", "footer .divider", "footer a, footer button",
)  # fmt: skip


def in_browser(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs Chromium."""
    for mark in IN_BROWSER:
        test = mark(test)
    return test


TESTED: set[str] = set()


def behaviour(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have a test that fails say which behaviour of Gradio is gone, and where to look."""
    one = BEHAVIOURS[name]
    TESTED.add(name)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def told(*arguments: Any, **named: Any) -> None:
            try:
                test(*arguments, **named)
            except Exception as error:
                raise AssertionError(
                    f"Gradio {gr.__version__} may no longer do this: {one.says}. Look at {', '.join(one.used_in)}."
                ) from error

        return told

    return decorate


def buttons(name: str, *sent: str) -> str:
    return "".join(f"<button data-event='{name}' data-sent='{one}'>{name}</button>" for one in sent)


@dataclass
class Page:
    """A page of Gradio, served as ours is; ``gate`` holds its slow functions back, ``ran`` is what reached them."""

    url: str = ""
    blocks: Any = None
    ran: list[tuple[str, Any]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[int] = field(default_factory=list)

    def named(self, name: str) -> list[Any]:
        return [sent for one, sent in self.ran if one == name]


def build(page: Page) -> gr.Blocks:
    def note(name: str) -> Callable[[gr.EventData], str]:
        def noted(event: gr.EventData) -> str:
            page.ran.append((name, event._data))
            return f"{name} ran"

        return noted

    def slow(name: str) -> Callable[[gr.EventData], None]:
        def held(event: gr.EventData) -> None:
            page.ran.append((name, event._data))
            page.gate.wait(120)

        return held

    def steps() -> Iterator[str]:
        yield "first"
        yield "last"
        page.gate.wait(120)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    with gr.Blocks(fill_width=True, analytics_enabled=False) as blocks:
        said = gr.Textbox(elem_id="said", label="Said")
        empty = gr.HTML("zero", html_template="", js_on_load=EMPTY, elem_id="empty")
        placed = gr.HTML(
            "<button>a</button><button>b</button><details><summary>s</summary>d</details>", elem_id="placed",
            js_on_load=None,
        )  # fmt: skip
        template = gr.HTML("${1 + 1} {{value}} {{{value}}} @children", elem_id="template", js_on_load=None)
        gr.HTML("<p class='probe one'>probe</p>", elem_id="probe", js_on_load=None)
        redraw = gr.Button("Redraw", elem_id="redraw")
        redraw.click(
            lambda: ("one", "<button>b</button><details><summary>s</summary>d</details>", "`${2 + 2}` {{value}}"),
            None, [empty, placed, template], **quiet,
        )  # fmt: skip
        events = gr.HTML(
            "".join(buttons(name, f'{{"name": "{name}"}}', '"text"') for name in EVENTS),
            elem_id="events", js_on_load=TRIGGER,
        )  # fmt: skip
        for name in EVENTS:
            getattr(events, name)(note(name), None, said, trigger_mode="multiple", **quiet)
        for mode in ("once", "always_last", "multiple"):
            html = gr.HTML(buttons("select", "1", "2", "3", "4"), elem_id=mode, js_on_load=TRIGGER)
            html.select(slow(mode), None, None, trigger_mode=mode, **quiet)
        again = gr.HTML("nothing", elem_id="again", js_on_load=None)
        gr.Button("Steps", elem_id="steps").click(steps, None, again, **quiet)
        gr.Button("Other", elem_id="other").click(lambda: "other", None, again, **quiet)
        unseen = gr.Button("Unseen", elem_id="unseen", visible=False)
        gr.Button("Show", elem_id="show").click(lambda: gr.update(visible=True), None, unseen, **quiet)
        gr.Button("Hide", elem_id="hide").click(lambda: gr.update(visible=False), None, unseen, **quiet)
        with gr.Tabs(elem_id="tabs"), gr.Tab("A tab"), gr.Accordion("Accordion", elem_id="accordion"), gr.Row():
            gr.Dropdown(["a", "b"], value=["a"], multiselect=True, label="Many", elem_id="many", interactive=True)
            gr.Textbox(label="Words", info="More", elem_id="words", interactive=True)
        files = gr.File(file_count="multiple", label="Files", elem_id="files")
        files.upload(lambda given: page.ran.append(("files", given)), files, None, **quiet)
        gr.Button().click(lambda: "/etc/hostname", None, gr.File(), api_name="outside")
        gr.Button().click(lambda: "in", None, said, api_name="inside", api_visibility="public")
        blocks.load(lambda: None, None, None, **quiet)
    return blocks


@contextmanager
def served(folder: Path) -> Iterator[Page]:
    """The page, with its style sheet in ``folder`` instead of ours."""
    sheet = folder / "probe.css"
    sheet.write_text(CSS, encoding="utf-8")
    one = Page()
    one.blocks = build(one)

    def count(process: ProcessApi) -> ProcessApi:
        async def counted(*arguments: Any, **named: Any) -> dict[str, Any]:
            one.calls.append(1)
            return await process(*arguments, **named)

        return counted

    wrap_calls(one.blocks, count)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ui.server.app.style_sheets", lambda: [sheet])
        one.url = start(one.blocks, "127.0.0.1", free_port(), Site(threads=104))
    yield one
    one.gate.set()
    one.blocks.close(verbose=False)


@dataclass
class Seen:
    page: Any
    requests: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def opened(chromium: Any, url: str) -> Iterator[Seen]:
    """The page in a browser, with what it asks for and what goes wrong in it."""
    context = chromium.new_context(viewport=WIDE)
    one = Seen(context.new_page())
    one.page.on("request", lambda sent: one.requests.append((sent.method, sent.url)))
    one.page.on("console", lambda said: one.errors.append(said.text) if said.type == "error" else None)
    one.page.goto(url)
    one.page.wait_for_selector("#files input[type=file]", state="attached")
    yield one
    context.close()
