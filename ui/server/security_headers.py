"""Headers that tell the browser what the page may do (https://www.w3.org/TR/CSP3/ and others).

Scripts run from this server's files, or inline where they carry the nonce that the page was sent with, so markup from a
document could run nothing even if it were not escaped. ``unsafe-eval`` stays: Gradio makes functions of the scripts
that its HTML components are given.
"""

import base64
import gzip
import hashlib
import re
import secrets
from collections.abc import Sequence

from ui.auth.middleware import AsgiApp, Receive, Scope, Send, header

_SCRIPT = re.compile(rb"<script\b", re.IGNORECASE)
_MANIFEST = re.compile(rb'<link rel="manifest"[^>]*>')  # of an installable app, which this is not
_FIXED_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # forms of the page send their origin, other sites get none
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def content_security_policy(nonce: str, hashes: Sequence[str] = ()) -> str:
    """Return the policy of a page sent with ``nonce``; inline scripts with these ``hashes`` run too."""
    scripts = " ".join(["'self'", f"'nonce-{nonce}'", "'unsafe-eval'", *(f"'{one}'" for one in hashes)])
    rules = {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "media-src": "'self' blob:",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def script_hash(script: str) -> str:
    """Return ``sha256-…`` of an inline script, as a policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


class SecurityHeaders:
    """Adds the headers to every response, and the nonce to every script of a page."""

    def __init__(self, app: AsgiApp, hashes: Sequence[str] = ()) -> None:
        self._app = app
        self._hashes = tuple(hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        page = _PageSender(
            send, nonce, content_security_policy(nonce, self._hashes), zipped="gzip" in header(scope, "accept-encoding")
        )
        if "text/html" in header(scope, "accept"):
            # A page must arrive uncompressed so that its scripts can be marked; it is compressed afterwards.
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        await self._app(scope, receive, page.send)


class _PageSender:
    """Passes a response on; holds one that is HTML until it is whole."""

    def __init__(self, send: Send, nonce: str, csp: str, *, zipped: bool) -> None:
        self._send = send
        self._mark = f'<script nonce="{nonce}"'.encode()
        self._csp = csp.encode()
        self._zipped = zipped
        self._start: Scope | None = None
        self._body = b""

    async def send(self, message: Scope) -> None:
        if message["type"] == "http.response.start":
            replaced = {name for name, _ in _FIXED_HEADERS} | {b"content-security-policy", b"server"}
            headers = [pair for pair in message["headers"] if pair[0].lower() not in replaced]
            # Gradio allows pages of any site on the same machine to read, which no other site may do here.
            headers = [pair for pair in headers if not pair[0].lower().startswith(b"access-control-")]
            headers += [*_FIXED_HEADERS, (b"content-security-policy", self._csp)]
            message = {**message, "headers": headers}
            if _is_page(headers):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page(self._start)
            return
        await self._send(message)

    async def _send_page(self, start: Scope) -> None:
        body = _SCRIPT.sub(self._mark, _MANIFEST.sub(b"", self._body))
        headers = [pair for pair in start["headers"] if pair[0].lower() not in {b"content-length", b"etag"}]
        if self._zipped and body:
            body = gzip.compress(body, 5)
            headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        headers += [(b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
        await self._send({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    by_name = {name.lower(): value for name, value in headers}
    return by_name.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in by_name
