"""Signing in and out, on a page of its own that runs no script."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ui.auth.middleware import COOKIE, address_of, token_of
from ui.auth.sessions import SESSION_SECONDS, SessionManager, SignInDelayedError

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_PAGE = Path(__file__).parent / "login.html"
_WRONG_CREDENTIALS = "The name or the password is wrong."


def add_login(site: "FastAPI", sessions: SessionManager, title: str = "Onrecord", root_path: str = "") -> None:
    """Add ``/login`` and ``/logout``. A program gets JSON where a browser is redirected.

    Pages of other sites are refused before, by ``OriginMiddleware``: one could sign the visitor in as somebody else,
    who would then read what they ask.
    """
    from fastapi import Request, Response
    from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

    home = root_path.rstrip("/") + "/"
    fresh = {"cache-control": "no-store"}

    def refused(request: Request, status: int, problem: str, headers: Mapping[str, str] | None = None) -> Response:
        all_headers = {**fresh, **(headers or {})}
        if _is_browser(request):
            return HTMLResponse(login_html(title, problem), status, all_headers)
        return JSONResponse({"detail": problem}, status, all_headers)

    async def page() -> Response:
        return HTMLResponse(login_html(title), 200, fresh)

    async def sign_in(request: Request) -> Response:
        form = await request.form()
        name, password = (str(form.get(field, "")) for field in ("username", "password"))
        try:
            token = await sessions.sign_in(name, password, address_of(request.scope))
        except SignInDelayedError as wait:
            return refused(request, wait.status, str(wait), {"retry-after": str(wait.seconds)})
        if token is None:
            return refused(request, 401, _WRONG_CREDENTIALS)
        response: Response = (
            RedirectResponse(home, 303, fresh) if _is_browser(request) else JSONResponse({"success": True}, 200, fresh)
        )
        secure = request.url.scheme == "https"
        response.set_cookie(
            COOKIE, token, int(SESSION_SECONDS), path=home, secure=secure, httponly=True, samesite="lax"
        )
        return response

    async def sign_out(request: Request) -> Response:
        sessions.sign_out(token_of(request.scope))
        response = RedirectResponse(f"{home}login", 303, fresh | {"clear-site-data": '"storage"'})
        response.delete_cookie(COOKIE, path=home)
        return response

    # FastAPI evaluates the annotations of the arguments, and Request is imported only here.
    for handler in (sign_in, sign_out):
        handler.__annotations__["request"] = Request
    quiet: dict[str, Any] = {"include_in_schema": False, "response_model": None}
    site.add_api_route("/login", page, methods=["GET"], **quiet)
    site.add_api_route("/login", sign_in, methods=["POST"], **quiet)
    site.add_api_route("/logout", sign_out, methods=["POST"], **quiet)


def login_html(title: str, problem: str = "") -> Markup:
    """Return the sign-in page, with what went wrong before."""
    alert = Markup('<p role="alert">{}</p>').format(problem) if problem else ""
    return Markup(_PAGE.read_text(encoding="utf-8")).format(title=title, problem=alert)


def _is_browser(request: "Request") -> bool:
    return "text/html" in request.headers.get("accept", "")
