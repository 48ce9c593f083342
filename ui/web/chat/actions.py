"""What can be done with an answer: copy it with its footnotes, ask again, put the question differently."""

from html import escape

from ui.conversations.export.markdown import turn_to_markdown
from ui.conversations.models import KeptTurn
from ui.web.chat.state import Exchange


def actions_html(turn: int, exchange: Exchange, *, last: bool, idle: bool) -> str:
    """The buttons under the exchange ``turn``; only the ``last`` one is asked anew, and only while the page is idle."""
    buttons = (_copy(exchange) if exchange.finished else "") + (_anew(turn, idle) if last else "")
    if not buttons or exchange.waiting:
        return ""
    form = _form(turn, exchange.question, idle) if last else ""
    return f'<div class="acts" role="group" aria-label="This answer">{buttons}</div>{form}'


def _copy(exchange: Exchange) -> str:
    if exchange.answer is None:
        return ""
    text = turn_to_markdown(KeptTurn(exchange.question, exchange.answer, ""))
    return f'<button type="button" class="act" data-copy="{escape(text)}">Copy with footnotes</button>'


def _anew(turn: int, idle: bool) -> str:
    off = "" if idle else " disabled"
    return (
        f'<button type="button" class="act" data-again="{turn}"{off}>Answer again</button>'
        f'<button type="button" class="act" data-edit="{turn}" aria-expanded="false" '
        f'aria-controls="edit-{turn}"{off}>Edit question</button>'
    )


def _form(turn: int, question: str, idle: bool) -> str:
    off = "" if idle else " disabled"
    # The first line break after the tag is dropped by HTML: give it one to drop.
    return (
        f'<form class="edit-form" id="edit-{turn}" data-edited="{turn}" aria-label="Edit the question" hidden>'
        f'<label><span class="unseen">Your question</span><textarea name="question" rows="2" dir="auto">\n'
        f"{escape(question)}</textarea></label>"
        f'<div class="acts"><button type="submit" class="act main"{off}>Ask this instead</button>'
        f'<button type="button" class="act" data-edit="{turn}">Cancel</button></div></form>'
    )
