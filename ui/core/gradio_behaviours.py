"""Everything of Gradio that we rely on without its documentation promising it.

What is code is wrapped here, so that nothing else touches it. What the browser does is listed in ``BEHAVIOURS``, with
the files that rely on it. ``tests/test_gradio_behaviours.py`` tests each: after an upgrade of Gradio, run it first.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio as gr

ProcessApi = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Something that Gradio does, in words, and the files that would have to change if it did not."""

    says: str
    used_in: tuple[str, ...]


BEHAVIOURS: Mapping[str, Behaviour] = {
    "process_api": Behaviour(
        "every call of a function of the page, queued or not, passes Blocks.process_api, which may be replaced",
        ("ui/web/app.py",),
    ),
    "fns": Behaviour(
        "Blocks.fns holds the functions by the number that a call names; targets say which events they are run at",
        ("ui/web/app.py", "ui/server/app.py", "ui/server/session_ownership.py"),
    ),
    "event data": Behaviour(
        "gr.EventData holds what a component's script gave to trigger(), which may be anything, in _data",
        ("ui/web/chat/events.py", "ui/web/sidebar/sidebar.py", "ui/web/library/actions.py"),
    ),
    "event names": Behaviour(
        "a gr.HTML may trigger the events of every component, and no others",
        ("ui/web/chat/scripts/conversation.js", "ui/web/sidebar/sidebar.js", "ui/web/library/list.js"),
    ),
    "request": Behaviour(
        "gr.Request holds Starlette's request, and converts dictionaries that are read through it",
        ("ui/core/roles.py",),
    ),
    "parent": Behaviour(
        "a component's parent is what it was drawn into, up to the Blocks",
        ("ui/web/chat/tab.py", "ui/web/library/tab.py", "ui/web/sidebar/sidebar.py", "evals/web/tab.py"),
    ),
    "serving": Behaviour(
        "Blocks that are mounted, not launched, take their threads from max_threads and _queue.max_thread_count, check "
        "files only once has_launched is set, and close what is set as their app and server",
        ("ui/server/app.py", "ui/server/run.py"),
    ),
    "calls": Behaviour(
        "a call is JSON with fn_index, which may be a string, and session_hash; a file is an object with a path; "
        "an upload is answered with a list of paths",
        ("ui/server/session_ownership.py", "ui/server/session_uploads.py"),
    ),
    "routes": Behaviour(
        "the page needs only the routes that we leave open", ("ui/server/gradio_guard.py",)
    ),
    "eval": Behaviour(
        "scripts of gr.HTML are made into functions, for which the content security policy allows unsafe-eval",
        ("ui/server/security_headers.py",),
    ),
    "manifest": Behaviour(
        "the page links the manifest of an installable app, with pwa=False too", ("ui/server/security_headers.py",)
    ),
    "file names": Behaviour(
        "an upload keeps the last part of a name, at most 200 bytes of it, and U+2215 in it",
        ("ui/web/library/list.js", "ui/web/library/actions.py"),
    ),
    "empty template": Behaviour(
        "a gr.HTML whose template is empty draws nothing and leaves it to watch('value')",
        ("ui/web/redraw.js", "ui/web/components.py"),
    ),
    "by place": Behaviour(
        "a gr.HTML that is drawn again matches nodes by their place, and shuts an open <details>",
        ("ui/web/redraw.js", "ui/web/chat/scripts/folds.js"),
    ),
    "no template": Behaviour(
        "what looks like a template within the value of a gr.HTML is text", ("ui/web/chat/render/conversation.py",)
    ),
    "last again": Behaviour(
        "the last step of a generator is sent once more when it ends, over what has been shown since",
        ("ui/web/chat/events.py",),
    ),
    "trigger modes": Behaviour(
        "while a function runs, 'once' drops its events, 'always_last' runs it once more but with what the first sent, "
        "'multiple' runs it for each",
        ("ui/web/chat/events.py", "ui/web/sidebar/sidebar.py", "ui/web/library/tab.py"),
    ),
    "hidden": Behaviour(
        "a component that is not visible is not in the page at all", ("ui/web/chat/events.py", "ui/web/library/tab.py")
    ),
    "css lists": Behaviour(
        "Gradio puts its prefix at every comma of a selector, inside :is() too, which then outweighs what follows",
        ("ui/web/styles/sidebar.css", "ui/web/styles/controls.css"),
    ),
    "css queries": Behaviour(
        "of rules within @media, those for what Gradio draws around the page are lost; @media within a rule works",
        ("ui/web/styles/page.css",),
    ),
    "selectors": Behaviour(
        "Gradio's components have the classes, test ids and elements that our sheets and scripts select",
        ("ui/web/styles/page.css", "ui/web/styles/controls.css", "ui/web/styles/composer.css",
         "ui/web/library/library.css", "evals/web/tab.css"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageFunction:
    """A function of the page; ``named``: it is meant for programs; ``on_load``: a page load runs it."""

    number: int
    name: str
    named: bool = False
    on_load: bool = False


def page_functions(page: "gr.Blocks") -> list[PageFunction]:
    """Return the functions of the page as they are now."""
    return [
        PageFunction(
            number,
            str(function.api_name),
            named=function.api_visibility == "public",
            on_load=any(event == "load" for _, event in function.targets),
        )
        for number, function in page.fns.items()
    ]


def wrap_calls(page: "gr.Blocks", wrap: Callable[[ProcessApi], ProcessApi]) -> None:
    """Replace what runs a call of any function of ``page`` by what ``wrap`` makes of it."""
    page.process_api = wrap(page.process_api)  # type: ignore[method-assign, assignment]


def event_data(event: "gr.EventData") -> Mapping[str, Any]:
    """Return what a component's script sent with its event; nothing where that is no object."""
    sent = event._data
    return sent if isinstance(sent, Mapping) else {}


def asgi_scope(request: Any) -> Mapping[str, Any]:
    """Return the ASGI scope of a Starlette or a Gradio request; empty where it has none."""
    # Not by getattr, which a Gradio request passes on to the request that it holds.
    held = getattr(request, "__dict__", {}).get("request", request)
    scope: Mapping[str, Any] = getattr(held, "scope", {})
    return scope


def enclosing_tab(block: Any) -> "gr.Tab | None":
    """Return the tab that a component is in; None outside of tabs."""
    import gradio as gr

    while block is not None and not isinstance(block, gr.Tab):
        block = block.parent
    return block


def enclosing_page(block: Any) -> "gr.Blocks":
    """Return the Blocks that a component is in."""
    while block.parent is not None:
        block = block.parent
    page: gr.Blocks = block
    return page


def set_threads(page: "gr.Blocks", count: int) -> None:
    """Let ``count`` functions of a page run at once. To be called before it is mounted."""
    page.max_threads = count
    page._queue.max_thread_count = count


def mark_running(page: "gr.Blocks", server: Any, address: str) -> None:
    """Tell a page that ``server``, which it closes with ``close()``, serves it at ``address``."""
    blocks: Any = page
    blocks.server, blocks.is_running, blocks.has_launched = server, True, True
    blocks.local_url = address
