"""The list of a visitor's conversations as HTML, with what can be done with each."""

import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ui.conversations.models import Conversation

_FORMATS = {"md": "Markdown", "html": "HTML", "docx": "Word"}
_NOTHING = Markup("")
_LIST = Markup(
    '<nav class="kept-list" aria-label="Conversations">'
    '<button type="button" class="fold" data-fold aria-expanded="false" aria-controls="kept-rows">'
    '<span aria-hidden="true">☰</span> <span class="word">Conversations</span></button>'
    '<div id="kept-rows"><button type="button" class="act" data-new>New conversation</button>{problem}{rows}</div>'
    "</nav>"
)
_ROWS = Markup('<ul aria-label="Kept conversations">{}</ul>')
_NO_ROWS = Markup('<p class="none">None kept yet.</p>')
_ROW = Markup(
    '<li data-key="{id}"><button type="button" class="row" dir="auto" data-conversation="{id}"{current}>'
    "{title}</button>{mark}{tools}</li>"
)
_MARK = Markup('<span class="mark">{}<span aria-hidden="true">…</span></span>')
_TOOLS = Markup(
    '<div class="tools" role="group" aria-label="{title}">'
    '<button type="button" class="tool" data-rename aria-expanded="false" aria-controls="rename">Rename</button>'
    '<button type="button" class="tool" data-delete="{title}">Delete</button>{share}'
    '<span class="exports" role="group" aria-label="Export"><span aria-hidden="true">Export:</span> {exports}</span>'
    '</div><form class="rename" id="rename" data-renamed aria-label="Rename" hidden>'
    '<input type="text" name="title" aria-label="Title" value="{title}" maxlength="200" autocomplete="off">'
    '<button type="submit" class="tool">Save</button></form>{link}'
)
_SHARE = Markup('<button type="button" class="tool" data-share>Share</button>')
_EXPORT = Markup('<button type="button" class="tool" data-export="{0}" aria-label="Export as {1}">{1}</button>')
# The browser puts its own address before the token.
_LINK = Markup(
    '<div class="link" role="group" aria-label="Shared"><p class="note">Anyone who can open this page can read the '
    "conversation by this link.</p>"
    '<input type="text" readonly aria-label="Link to this conversation" data-token="{}">'
    '<button type="button" class="tool" data-copy-link>Copy link</button>'
    '<button type="button" class="tool" data-revoke>Stop sharing</button></div>'
)
_ROW_TOOLS = Markup(
    '<button type="button" class="more" data-more aria-expanded="false" aria-controls="more-{id}" '
    'aria-label="Rename or delete {title}"><span aria-hidden="true">⋯</span></button>'
    '<div class="tools" id="more-{id}" role="group" aria-label="{title}" data-of="{id}" hidden>'
    '<form class="rename" data-row-renamed aria-label="Rename">'
    '<input type="text" name="title" aria-label="Title" value="{title}" maxlength="200" autocomplete="off" '
    'dir="auto"><button type="submit" class="tool">Rename</button></form>'
    '<button type="button" class="tool" data-row-delete="{title}">Delete</button></div>'
)
_DOWNLOAD = Markup(
    '<span hidden data-nonce="{nonce}" data-name="{name}" data-kind="{kind}" data-content="{content}"></span>'
)


def sidebar_html(
    conversations: Sequence[Conversation],
    opened: str,
    *,
    token: str = "",
    problem: str = "",
    marks: Mapping[str, str] | None = None,
) -> Markup:
    """Return the list of ``conversations``, with the tools of the one whose id is ``opened``.

    ``token`` shares the open conversation, where it is not empty. ``marks`` are words beside conversations, by id.
    """
    marks = marks or {}
    rows = Markup("").join(
        _row(each, token if each.id == opened else "", marks.get(each.id, ""), current=each.id == opened)
        for each in conversations
    )
    alert = Markup('<p class="problem" role="alert">{}</p>').format(problem) if problem else ""
    return _LIST.format(problem=alert, rows=_ROWS.format(rows) if rows else _NO_ROWS)


def download_html(name: str, media_type: str, content: bytes) -> Markup:
    """Return an element that ``download.js`` saves as the file ``name``, each time anew.

    The file is carried in the page, so that none ever lies on the server for others to fetch.
    """
    return _DOWNLOAD.format(nonce=secrets.token_hex(4), name=name, kind=media_type, content=b64encode(content).decode())


def _row(conversation: Conversation, token: str, mark: str, *, current: bool) -> Markup:
    tools = _NOTHING
    if conversation.created:  # else there is nothing to rename yet
        tools = _tools(conversation, token) if current else _row_tools(conversation)
    return _ROW.format(
        id=conversation.id,
        current=Markup(' aria-current="true"') if current else "",
        title=conversation.title,
        mark=_MARK.format(mark) if mark else "",
        tools=tools,
    )


def _tools(conversation: Conversation, token: str) -> Markup:
    return _TOOLS.format(
        title=conversation.title,
        share="" if token else _SHARE,
        exports=Markup("").join(_EXPORT.format(*each) for each in _FORMATS.items()),
        link=_LINK.format(token) if token else "",
    )


def _row_tools(conversation: Conversation) -> Markup:
    """Return a button that unfolds Rename and Delete for a conversation that is not open."""
    return _ROW_TOOLS.format(id=conversation.id, title=conversation.title)
