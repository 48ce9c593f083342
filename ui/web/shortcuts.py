"""The keys of the page, the dialog that lists them, and the line that announces changes to screen readers."""

from pathlib import Path

from markupsafe import Markup

_HERE = Path(__file__).parent

# The keys as they are shown, with alternatives, and what they do.
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

_SHORTCUTS = Markup(
    '<button type="button" class="keys" aria-haspopup="dialog" aria-keyshortcuts="?">'
    "Keyboard shortcuts <kbd>?</kbd></button>"
    '<dialog class="shortcuts" aria-labelledby="shortcuts-title"><h2 id="shortcuts-title">Keyboard shortcuts</h2>'
    "<dl>{}</dl>"
    '<label><input type="checkbox" class="single" checked> Act on single keys</label>'
    '<p class="note">Not while you type. Switch them off if you speak to your computer.</p>'
    '<form method="dialog"><button class="close" autofocus>Close</button></form></dialog>'
    '<p class="unseen" id="spoken" role="status"></p>'
)


def add_shortcuts() -> None:
    """Draw the button and dialog of the keys into the Blocks being built."""
    import gradio as gr

    script = (_HERE / "shortcuts.js").read_text(encoding="utf-8")
    gr.HTML(shortcuts_html(), elem_id="shortcuts", apply_default_css=False, js_on_load=script)


def shortcuts_html() -> Markup:
    """Return the button, the dialog and the live line, which are drawn once so that nothing is read out twice."""
    keys = ((Markup(" or ").join(map(Markup("<kbd>{}</kbd>").format, each)), action) for each, action in KEYS)
    return _SHORTCUTS.format(Markup("").join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*row) for row in keys))
