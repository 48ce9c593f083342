"""Who sent a request to the page, as far as the line and the log need to tell people apart."""

from typing import TYPE_CHECKING

from ui.doors.visitor import visitor_named

if TYPE_CHECKING:
    import gradio as gr


def asker(request: "gr.Request | None") -> str:
    """The account that signed in, else the address; never Gradio's session, which the caller chooses."""
    if request is None:
        return ""
    client = getattr(request, "client", None)
    return visitor_named(request.username or "", str(client.host) if client else "")
