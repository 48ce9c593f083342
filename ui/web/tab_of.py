"""Where a component stands."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gradio


def tab_around(block: Any) -> "gradio.Tab | None":
    """The tab that a component stands in, to be told when the reader comes back to it; None outside of tabs."""
    import gradio as gr

    while block is not None and not isinstance(block, gr.Tab):
        block = block.parent
    return block
