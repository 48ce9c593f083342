"""A file on its way to the reader: carried in the page, so that none ever lies on the server for others to fetch."""

import secrets
from base64 import b64encode
from html import escape


def parcel_html(name: str, kind: str, content: bytes) -> str:
    """An element that parcel.js saves as the file ``name`` of media type ``kind``, each time anew."""
    return (
        f'<span hidden data-nonce="{secrets.token_hex(4)}" data-name="{escape(name)}" data-kind="{escape(kind)}" '
        f'data-content="{b64encode(content).decode()}"></span>'
    )
