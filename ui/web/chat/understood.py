"""How a question was understood, where that is not how it was asked."""

from html import escape

from index.text.terms import fold_words
from ui.web.chat.state import Exchange


def understood_html(exchange: Exchange) -> str:
    """A line with the question as it was searched, where words were added to it; else nothing.

    Words that are only taken out name a time, and the note under the answer says which.
    """
    answer = exchange.answer
    if answer is None or set(fold_words(answer.query)) <= set(fold_words(answer.question)):
        return ""
    return f'<p class="understood">understood as: <span dir="auto">{escape(answer.query)}</span></p>'
