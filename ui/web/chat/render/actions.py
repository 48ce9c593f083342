"""The buttons under an answer: copy it with its footnotes, ask it again, edit the question."""

from markupsafe import Markup

from ui.conversations.export.markdown import turn_to_markdown
from ui.conversations.models import StoredTurn
from ui.web.chat.state import Exchange

_GROUP = Markup('<div class="acts" role="group" aria-label="This answer">{}</div>{}')
_COPY = Markup('<button type="button" class="act" data-copy="{}">Copy with footnotes</button>')
_RETRY = Markup(
    '<button type="button" class="act" data-again="{turn}"{off}>Answer again</button>'
    '<button type="button" class="act" data-edit="{turn}" aria-expanded="false" '
    'aria-controls="edit-{turn}"{off}>Edit question</button>'
)
# HTML drops the first line break after the textarea's tag, so the template begins with one of its own.
_FORM = Markup(
    '<form class="edit-form" id="edit-{turn}" data-edited="{turn}" aria-label="Edit the question" hidden>'
    '<label><span class="unseen">Your question</span><textarea name="question" rows="2" dir="auto">\n'
    "{question}</textarea></label>"
    '<div class="acts"><button type="submit" class="act main"{off}>Ask this instead</button>'
    '<button type="button" class="act" data-edit="{turn}">Cancel</button></div></form>'
)


def actions_html(turn: int, exchange: Exchange, *, last: bool, idle: bool) -> Markup:
    """Return the buttons under the exchange number ``turn``.

    Only the ``last`` exchange can be asked again, and only while the page is ``idle``.
    """
    off = Markup("" if idle else " disabled")
    retry = _RETRY.format(turn=turn, off=off) if last else Markup("")
    buttons = (_copy_button(exchange) if exchange.finished else Markup("")) + retry
    if not buttons or exchange.waiting:
        return Markup("")
    form = _FORM.format(turn=turn, question=exchange.question, off=off) if last else Markup("")
    return _GROUP.format(buttons, form)


def _copy_button(exchange: Exchange) -> Markup:
    if exchange.answer is None:
        return Markup("")
    return _COPY.format(turn_to_markdown(StoredTurn(exchange.question, exchange.answer, "")))
