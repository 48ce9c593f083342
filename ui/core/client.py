"""Who sent a request, as far as the line and the log need to tell people apart."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio as gr


def asker(request: "gr.Request | None") -> str:
    """The name of who signed in, else the session of the page or program."""
    if request is None:
        return ""
    return request.username or request.session_hash or ""
