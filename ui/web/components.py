"""Helpers for Gradio's components: their scripts, and how they are redrawn."""

from pathlib import Path
from typing import Any


def scripts(folder: Path, *names: str) -> str:
    """Return the files ``names`` of ``folder`` as one script, each in a block of its own so that no names clash."""
    return "\n".join(f"{{\n{(folder / name).read_text(encoding='utf-8')}}}" for name in names)


_REDRAW = Path(__file__).with_name("redraw.js")


def redraw_options(script: str) -> dict[str, Any]:
    """Return the options of a ``gradio.HTML`` that ``redraw.js`` redraws node by node, with its own ``script``.

    Gradio would match nodes by their place: a button would become its neighbour while it is pressed.
    """
    return {"html_template": "", "js_on_load": f"{_REDRAW.read_text(encoding='utf-8')}\n{script}"}
