"""What stands beside a conversation in the list: that it is still answering, and what is done without opening it."""

from html import escape

from ui.conversations.models import Conversation


def mark_html(words: str) -> str:
    """``words`` beside a row; nothing where there are none."""
    return f'<span class="mark">{escape(words)}<span aria-hidden="true">…</span></span>' if words else ""


def row_tools_html(each: Conversation) -> str:
    """A button that unfolds Rename and Delete for a conversation that is not open."""
    title, name = escape(each.title), f"more-{escape(each.id)}"
    return (
        f'<button type="button" class="more" data-more aria-expanded="false" aria-controls="{name}" '
        f'aria-label="Rename or delete {title}"><span aria-hidden="true">⋯</span></button>'
        f'<div class="tools" id="{name}" role="group" aria-label="{title}" data-of="{escape(each.id)}" hidden>'
        f'<form class="rename" data-row-renamed aria-label="Rename">'
        f'<input type="text" name="title" aria-label="Title" value="{title}" maxlength="200" autocomplete="off" '
        'dir="auto"><button type="submit" class="tool">Rename</button></form>'
        f'<button type="button" class="tool" data-row-delete="{title}">Delete</button></div>'
    )
