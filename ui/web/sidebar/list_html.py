"""The list of a visitor's conversations as HTML, with what can be done with the one that is open."""

from collections.abc import Mapping, Sequence
from html import escape

from ui.conversations.models import Conversation
from ui.web.sidebar.row import mark_html, row_tools_html

_FORMATS = {"md": "Markdown", "html": "HTML", "docx": "Word"}


def sidebar_html(
    held: Sequence[Conversation],
    opened: str,
    *,
    token: str = "",
    problem: str = "",
    marks: Mapping[str, str] | None = None,
) -> str:
    """``opened`` is the id of the open conversation, shared by ``token`` if that is not empty.

    ``marks`` are words that stand beside conversations, by id.
    """
    marks = marks or {}
    rows = "".join(
        _row(each, token if each.id == opened else "", marks.get(each.id, ""), current=each.id == opened)
        for each in held
    )
    listed = f'<ul aria-label="Kept conversations">{rows}</ul>' if rows else '<p class="none">None kept yet.</p>'
    told = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        '<nav class="kept-list" aria-label="Conversations">'
        '<button type="button" class="fold" data-fold aria-expanded="false" aria-controls="kept-rows">'
        '<span aria-hidden="true">☰</span> <span class="word">Conversations</span></button>'
        f'<div id="kept-rows"><button type="button" class="act" data-new>New conversation</button>{told}{listed}</div>'
        "</nav>"
    )


def _row(each: Conversation, token: str, mark: str, *, current: bool) -> str:
    id_, now = escape(each.id), ' aria-current="true"' if current else ""
    row = (
        f'<button type="button" class="row" dir="auto" data-conversation="{id_}"{now}>'
        f"{escape(each.title)}</button>{mark_html(mark)}"
    )
    if not each.created:  # there is nothing to rename yet
        return f'<li data-key="{id_}">{row}</li>'
    return f'<li data-key="{id_}">{row}{_tools(each, token) if current else row_tools_html(each)}</li>'


def _tools(each: Conversation, token: str) -> str:
    title = escape(each.title)
    exports = "".join(
        f'<button type="button" class="tool" data-export="{name}" aria-label="Export as {label}">{label}</button>'
        for name, label in _FORMATS.items()
    )
    share = "" if token else '<button type="button" class="tool" data-share>Share</button>'
    return (
        f'<div class="tools" role="group" aria-label="{title}">'
        '<button type="button" class="tool" data-rename aria-expanded="false" aria-controls="rename">Rename</button>'
        f'<button type="button" class="tool" data-delete="{title}">Delete</button>{share}'
        '<span class="exports" role="group" aria-label="Export"><span aria-hidden="true">Export:</span> '
        f"{exports}</span>"
        f"</div>{_rename(title)}{_link(token)}"
    )


def _rename(title: str) -> str:
    return (
        '<form class="rename" id="rename" data-renamed aria-label="Rename" hidden>'
        f'<input type="text" name="title" aria-label="Title" value="{title}" maxlength="200" autocomplete="off">'
        '<button type="submit" class="tool">Save</button></form>'
    )


def _link(token: str) -> str:
    """The link to read it by; the browser puts its own address before it."""
    if not token:
        return ""
    return (
        '<div class="link" role="group" aria-label="Shared"><p class="note">Anyone who can open this page can read the '
        "conversation by this link.</p>"
        f'<input type="text" readonly aria-label="Link to this conversation" data-token="{escape(token)}">'
        '<button type="button" class="tool" data-copy-link>Copy link</button>'
        '<button type="button" class="tool" data-revoke>Stop sharing</button></div>'
    )
