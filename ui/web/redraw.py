"""HTML that is drawn anew while a reader clicks in it."""

from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_suffix(".js")


def redrawn(script: str) -> dict[str, Any]:
    """What a ``gradio.HTML`` takes so that ``redraw.js`` draws its value, node by node, for its own ``script``.

    Gradio would match nodes by their place: a button would become its neighbour's while it is pressed.
    """
    return {"html_template": "", "js_on_load": f"{_SCRIPT.read_text(encoding='utf-8')}\n{script}"}
