"""The keys of the page, the dialog that lists them, and the line that says aloud what changed."""

from html import escape
from pathlib import Path

_HERE = Path(__file__).parent

# Keys as they are shown, alternatives apart; what they do.
KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("/",), "Go to the question box"),
    (("Enter",), "Ask the question in the box"),
    (("Shift+Enter",), "Begin a new line in the box"),
    (("↑",), "Put the last question differently, from an empty box"),
    (("]", "j"), "Open the next citation"),
    (("[", "k"), "Open the previous citation"),
    (("o",), "Go to the open document, to scroll it"),
    (("Esc",), "Close what is open; leave the box or the document"),
    (("c",), "Go to the conversations"),
    (("n",), "New conversation"),
    (("s",), "Stop the answer"),
    (("?",), "Show these keys"),
)


def add_shortcuts() -> None:
    """Draw the button and dialog of the keys into the Blocks being built."""
    import gradio as gr

    script = (_HERE / "shortcuts.js").read_text(encoding="utf-8")
    gr.HTML(shortcuts_html(), elem_id="shortcuts", apply_default_css=False, js_on_load=script)


def shortcuts_html() -> str:
    """The button, the dialog and the live line. They are drawn once, so that nothing is read out twice."""
    rows = "".join(f"<div><dt>{_keys(keys)}</dt><dd>{escape(does)}</dd></div>" for keys, does in KEYS)
    return (
        '<button type="button" class="keys" aria-haspopup="dialog" aria-keyshortcuts="?">'
        "Keyboard shortcuts <kbd>?</kbd></button>"
        '<dialog class="shortcuts" aria-labelledby="shortcuts-title"><h2 id="shortcuts-title">Keyboard shortcuts</h2>'
        f"<dl>{rows}</dl>"
        '<label><input type="checkbox" class="single" checked> Act on single keys</label>'
        '<p class="note">Not while you type. Switch them off if you speak to your computer.</p>'
        '<form method="dialog"><button class="close" autofocus>Close</button></form></dialog>'
        '<p class="unseen" id="spoken" role="status"></p>'
    )


def _keys(keys: tuple[str, ...]) -> str:
    return " or ".join(f"<kbd>{escape(key)}</kbd>" for key in keys)
