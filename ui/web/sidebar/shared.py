"""A conversation that somebody shared by a link, to be read and not to be changed."""

from html import escape

from index.errors import OnrecordError
from ui.conversations.store import Conversations
from ui.web.chat.conversation_html import conversation_html
from ui.web.chat.state import Talk
from ui.web.sidebar.conversation_actions import reopened


def shared_page(store: Conversations, token: str) -> tuple[Talk, str]:
    """The talk that ``token`` shares, its exchanges kept nowhere, and its HTML; what goes wrong is told there."""
    try:
        conversation, turns = store.shared(token)
    except OnrecordError as error:
        return (), f'<div class="talk"><p class="problem" role="alert">{escape(str(error))}</p>{_BACK}</div>'
    talk = reopened(turns)
    title = f'<h2 dir="auto">{escape(conversation.title)}</h2>'
    return talk, f'<div class="shared-head">{title}<p class="note">Shared with you to read. {_OWN}</p></div>' + (
        conversation_html(talk)
    )


_OWN = '<a href="?">Ask your own question</a>'
_BACK = f'<p class="note">{_OWN}</p>'
